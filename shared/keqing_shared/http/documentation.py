"""The page that documents a context's API. Whatever it shows is served from here: it needs no other host."""

from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS = str(files("fastapi_offline") / "static")


def document_at(app: FastAPI, path: str, openapi: str) -> None:
    """``openapi``: the path of the document that the page shows."""
    assets = f"{path}/assets"
    page = get_swagger_ui_html(
        openapi_url=openapi,
        title=app.title,
        swagger_js_url=f"{assets}/swagger-ui-bundle.js",
        swagger_css_url=f"{assets}/swagger-ui.css",
        swagger_favicon_url=f"{assets}/favicon.png",
    )

    async def show(_: Request) -> HTMLResponse:
        return page

    app.add_route(path, show, include_in_schema=False)
    app.mount(assets, StaticFiles(directory=ASSETS))
