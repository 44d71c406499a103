"""What a browser sees at the address itself."""

from collections.abc import Mapping
from html import escape
from string import Template

from fastapi import FastAPI

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Keqing 客情</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
body { color: #222 }
h1 small { font-weight: normal; color: #777 }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #ddd; padding: .5rem .75rem .5rem 0; vertical-align: top }
code { background: #f3f3f3; padding: .1rem .3rem }
@media (prefers-color-scheme: dark) {
  body { background: #161616; color: #ddd }
  td { border-color: #333 }
  code { background: #2a2a2a }
  a { color: #8bf }
}
</style>
</head>
<body>
<h1>Keqing 客情 <small>customers pursued, served, paid for and remembered</small></h1>
<table>
$rows
</table>
<p>The whole: <a href="/health/ready">health</a>, <a href="/metrics">metrics</a>.
A token to try things with: <code>keqing token --user li.wei --role rep</code></p>
</body>
</html>
""")

_ROW = Template(
    '<tr><td><b>$title</b></td><td><a href="/$name/docs">documentation</a></td>'
    '<td><a href="/$name/openapi.json">OpenAPI</a></td>'
    '<td><a href="/$name/health/ready">health</a></td></tr>'
)


def front_page(services: Mapping[str, FastAPI]) -> str:
    rows = [_ROW.substitute(name=escape(name), title=escape(app.title)) for name, app in services.items()]
    return _PAGE.substitute(rows="\n".join(rows))
