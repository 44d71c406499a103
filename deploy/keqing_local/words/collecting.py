"""Everything the code says to people: titles of refusals, their templates and terms, words about fields."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TypeVar, get_args

from pydantic_core.core_schema import ErrorType

from keqing_shared.domain import RuleBroken, Term, Worded, Words
from keqing_shared.language import FIELD

SHARED = "keqing_shared"
MEMBER = re.compile(r"\{([a-z_]+)\}")

T = TypeVar("T", Worded, Term)
Said = tuple[str | None, str]
"""Context and id of a message, as a catalogue has them."""

_NOT_FROM_OUTSIDE = re.compile(
    r"^(arguments|bytes|callable|complex|counter|dataclass_exact|default_factory|deque|ellipsis|fraction|frozen"
    r"|get_attribute|is_instance|is_subclass|iter|json|mapping|missing_|model|multiple_argument|named_tuple"
    r"|needs|no_such_attribute|none_required|ordered|set|time_delta|unexpected_positional|union_tag|url|value_error"
    r"|assertion_error|string_not_ascii|string_pattern|datetime_object|timezone_offset|string_unicode|recursion)"
)
"""Pydantic's types of errors that no request brings about here, or that have words of their own (shapes)."""


_OF_THE_DOCUMENT = {"type", "title", "status", "detail"}
"""Members that would be lost in a problem document."""


@dataclass
class Collected:
    """Of one package."""

    said: set[Said] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    """Places where something is said that cannot be translated."""


def collect(packages: Sequence[str]) -> dict[str, Collected]:
    """By package; what the shared one says is not said again by the others."""
    found = {package: Collected() for package in packages}
    for package in packages:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)
    worded = list(_below(Worded))
    for cls in worded:
        package = cls.__module__.partition(".")[0]
        if issubclass(cls, RuleBroken) and package in found:
            found[package].said.add((None, cls.title()))
    for term in _below(Term):
        package = term.__module__.partition(".")[0]
        if package in found:
            found[package].said.update((term.__name__, str(code)) for code in term)
    own = {cls.__name__ for cls in worded if "__init__" in cls.__dict__}
    plain = {cls.__name__ for cls in worded} - own
    for package, collected in found.items():
        root = Path(import_module(package).__path__[0])
        for path in sorted(root.rglob("*.py")):
            _Reading(path, plain, own, collected).visit(ast.parse(path.read_text()))
    if SHARED in found:
        found[SHARED].said.update((FIELD, error) for error in field_errors())
        for package, collected in found.items():
            if package != SHARED:
                collected.said -= found[SHARED].said
    return found


def field_errors() -> list[str]:
    """Pydantic's types of errors that a request can bring about."""
    return [error for error in get_args(ErrorType) if not _NOT_FROM_OUTSIDE.match(error)]


class _Reading(ast.NodeVisitor):
    """Of one file: the literals that are said, and what stands where a literal should."""

    def __init__(self, path: Path, plain: set[str], own: set[str], into: Collected) -> None:
        """``plain`` exceptions take a template; those of ``own`` make one up for themselves."""
        self._path = path
        self._says = plain | {Words.__name__}
        self._own = own
        self._into = into
        self._class = ""
        self._handed_on: list[set[str]] = []
        self._values = "domain" in path.parts or SHARED not in path.parts
        """Whether its ValueErrors are about values from outside."""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        around, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = around

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        words = {a.arg for a in arguments if a.annotation and ast.unparse(a.annotation) == Words.__name__}
        self._handed_on.append(words)
        self.generic_visit(node)
        self._handed_on.pop()

    def visit_Call(self, node: ast.Call) -> None:
        named = ast.unparse(node.func).rpartition(".")[2]
        if node.args and (named in self._says or (named == "__init__" and self._class in self._own)):
            self._said(node.args[0], node, named)
        elif named == "ValueError" and self._values:
            self._fault(node, "ValueError: raise ValueRefused, whose words are translated")
        self.generic_visit(node)

    def _said(self, given: ast.expr, call: ast.Call, named: str) -> None:
        match given:
            case ast.Constant(value=str() as text):
                self._into.said.add((None, text))
                handed = {keyword.arg for keyword in call.keywords}
                missing = set(MEMBER.findall(text)) - handed
                if handed & _OF_THE_DOCUMENT:
                    self._fault(call, f"{named}: a problem has {sorted(_OF_THE_DOCUMENT)} of its own")
                if missing and None not in handed and named != Words.__name__:
                    self._fault(call, f"{named}: {sorted(missing)} in braces, but not handed over")
            case ast.IfExp(body=one, orelse=other):
                self._said(one, call, named)
                self._said(other, call, named)
            case ast.Name(id=name) if self._handed_on and name in self._handed_on[-1]:
                pass  # its caller says it
            case ast.Name(id="template") | ast.Attribute(attr="template"):
                pass  # said where it was first raised
            case _:
                self._fault(call, f'{named}: no f-string, but "text with {{member}}" and member=...')

    def _fault(self, node: ast.Call, what: str) -> None:
        self._into.faults.append(f"{self._path}:{node.lineno}: {what}")


def _below(cls: type[T]) -> Iterator[type[T]]:
    for below in cls.__subclasses__():
        yield below
        yield from _below(below)
