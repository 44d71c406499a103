"""The layout of the checkout keeps to the rules that tools do not check."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 350
"""Lines of a source file; beyond, a noun of its own waits to be found."""
LONGEST_TEST = 600
"""A test file lists cases of one noun."""
MEANINGLESS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "misc"}


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    found = [ROOT / line for line in listed] or [
        path
        for folder in ("services", "shared", "deploy", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
    ]
    return [path for path in found if path.exists()]


def test_there_are_sources_to_look_at() -> None:
    assert len(sources()) > 50


def test_no_init_file_makes_a_package_of_services() -> None:
    """``services/collections/__init__.py`` would shadow the standard library's ``collections``."""
    folders = [ROOT / "services", *(path for path in (ROOT / "services").iterdir() if path.is_dir())]
    assert [str(folder) for folder in folders if (folder / "__init__.py").exists()] == []


def test_no_file_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    limits = {path: LONGEST_TEST if path.startswith("tests/") else LONGEST for path in lengths}
    assert {path: lines for path, lines in lengths.items() if lines > limits[path]} == {}


def test_no_module_is_named_after_nothing() -> None:
    assert [
        str(path) for path in sources() if path.stem in MEANINGLESS or path.parent.name in MEANINGLESS
    ] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^[a-z0-9][^ ]*==[^ ]+", text, re.MULTILINE)
    assert len(pins) > 40
    assert not re.search(
        r"^\s*(-i|--index-url|--extra-index-url|--find-links|-f)\b|://|file:", text, re.MULTILINE
    )
    assert [
        block for block in re.split(r"\n(?=[a-z0-9])", text.strip()) if "--hash=sha256:" not in block
    ] == []
