"""Rules are pure: they get the time and new ids as arguments, and every module is known as rule or edge."""

import ast
import pkgutil
import tomllib
from collections.abc import Iterator
from importlib import import_module, util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTEXTS = ("keqing_pipeline", "keqing_service_desk", "keqing_collections", "keqing_notify")
EDGES = {"app", "clockwork", "directory", "imports", "published", "reactions", "routes", "views"}
"""Modules that speak with the world outside; any other must be listed in the contract ``pure``."""
FURTHER_EDGES = {
    "keqing_pipeline.claims",
    "keqing_pipeline.bulk",
    "keqing_pipeline.duplicates",
    "keqing_pipeline.merging",
    "keqing_pipeline.classing",
    "keqing_pipeline.owning",
    "keqing_pipeline.ownership",
    "keqing_pipeline.people",
    "keqing_pipeline.handing_over",
    "keqing_pipeline.pursuing",
    "keqing_pipeline.teaming",
    "keqing_pipeline.watching",
    "keqing_pipeline.whole",
    "keqing_pipeline.words",
    "keqing_collections.importing",
    "keqing_notify.early",
    "keqing_notify.live",
    "keqing_notify.outgoing",
    "keqing_notify.reader",
    "keqing_notify.resolution",
    "keqing_notify.secret",
    "keqing_notify.sender",
}
"""Those that only one context has."""

IMPURE_CALLS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("uuid", "uuid1"),
    ("uuid", "uuid4"),
    ("os", "urandom"),
    ("os", "getenv"),
}
IMPURE_NAMES = {
    "uuid1",
    "uuid4",
    "random",
    "randint",
    "choice",
    "token_hex",
    "urandom",
    "open",
    "input",
    "print",
}


def pure_modules() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    listed: list[str] = next(c["source_modules"] for c in contracts if c["id"] == "pure")
    return [*listed, "keqing_shared.domain"]


def files(module: str) -> Iterator[Path]:
    spec = util.find_spec(module)
    assert spec is not None, f"{module} is listed as pure but does not exist"
    assert spec.origin is not None
    origin = Path(spec.origin)
    yield from origin.parent.rglob("*.py") if origin.name == "__init__.py" else [origin]


def impurities(source: str) -> list[str]:
    """Calls that read a clock, draw an id or touch the outside."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if (
                owner,
                name,
            ) in IMPURE_CALLS:
                found.append(f"line {node.lineno}: {owner}.{name}()")
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_NAMES:
                found.append(f"line {node.lineno}: {name}()")
            case ast.AsyncFunctionDef(name=name) | ast.Await(value=ast.Name(id=name)):
                found.append(f"line {node.lineno}: async {name}")
            case ast.Attribute(value=ast.Name(id="os"), attr="environ"):
                found.append(f"line {node.lineno}: os.environ")
            case _:
                pass
    return found


@pytest.mark.parametrize("module", pure_modules())
def test_pure_modules_read_no_clock_and_draw_no_ids(module: str) -> None:
    assert {str(file): found for file in files(module) if (found := impurities(file.read_text()))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "START = datetime.now(UTC)",
        "def decide(c, s, p): return [Opened(on=date.today())]",
        "def evolve(s, f): return State(id=uuid4())",
        "chance = random() * 3",
        "async def decide(c, s, p): ...",
        "where = os.environ['HOME']",
        "text = open('policy.json').read()",
    ],
)
def test_an_impure_line_is_found(line: str) -> None:
    assert impurities(line) != []


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_module_is_a_rule_or_an_edge(context: str) -> None:
    package = import_module(context)
    modules = {f"{context}.{module.name}" for module in pkgutil.iter_modules(package.__path__)}
    edges = {f"{context}.{edge}" for edge in EDGES} | FURTHER_EDGES
    unknown = modules - set(pure_modules()) - edges
    assert unknown == set(), "list it in pyproject's contract 'pure', or as an edge here"
