"""The import contracts of pyproject.toml hold, and each of them notices when it is broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (
    "shared",
    "deploy",
    "services/pipeline",
    "services/service-desk",
    "services/collections",
    "services/notify",
)

BREACHES = {
    "contexts": ("services/collections/keqing_collections", "from keqing_pipeline import policy"),
    "kernel": ("shared/keqing_shared/domain", "import keqing_notify"),
    "local": ("services/notify/keqing_notify", "import keqing_local.home"),
    "vocabulary": ("shared/keqing_shared/domain", "from time import monotonic"),
    "pure": ("services/pipeline/keqing_pipeline/customer", "import asyncpg"),
}
"""Contract id -> (package, the line planted into it)."""


def contracts(root: Path = ROOT) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    return [contract["id"] for contract in project["tool"]["importlinter"]["contracts"]]


def lint(root: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """import-linter on the sources below ``root``, and on no installed ones."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--contract", contract],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(root / source) for source in SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", root)
    for source in SOURCES:
        shutil.copytree(ROOT / source, root / source, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def test_every_contract_has_a_breach_that_shows_it_can_fail() -> None:
    assert sorted(contracts()) == sorted(BREACHES)


@pytest.mark.parametrize("contract", contracts())
def test_the_contract_holds(contract: str) -> None:
    checked = lint(ROOT, contract)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("contract", contracts())
def test_the_contract_fails_when_broken(contract: str, copy: Path) -> None:
    package, line = BREACHES[contract]
    planted = copy / package / "__init__.py"
    before = planted.read_text()
    planted.write_text(f"{before}\n{line}\n")
    try:
        checked = lint(copy, contract)
    finally:
        planted.write_text(before)
    assert checked.returncode == 1
    assert "BROKEN" in checked.stdout
