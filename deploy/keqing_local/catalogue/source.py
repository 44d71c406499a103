"""What the source says about a class and its fields, which Python does not keep: docstrings below fields."""

import ast
import functools
import inspect
import itertools
from typing import Any


@functools.cache
def _classes(module: Any) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _class(kind: type) -> ast.ClassDef | None:
    module = inspect.getmodule(kind)
    if module is None or not hasattr(module, "__file__") or not str(module.__file__).endswith(".py"):
        return None
    return _classes(module).get(kind.__name__)


def about(kind: type) -> str:
    """The class's own docstring, in one line; empty when it has none."""
    node = _class(kind)
    return _line(ast.get_docstring(node)) if node else ""


def about_fields(kind: type) -> dict[str, str]:
    """Field -> the docstring below it, for those that have one, inherited ones too."""
    found: dict[str, str] = {}
    for ancestor in reversed(kind.__mro__[:-1]):
        node = _class(ancestor)
        body = node.body if node else []
        for field, below in itertools.pairwise(body):
            match field, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[name] = _line(text)
    return found


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
