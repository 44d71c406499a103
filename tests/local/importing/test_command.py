"""`keqing import` before it has anything to send."""

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from keqing_local.importing.command import summary
from keqing_local.importing.run import Tally

Keqing = Callable[..., subprocess.CompletedProcess[str]]
HEADER = "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate\n"

pytestmark = pytest.mark.timeout(120)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stderr
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("keqing: ")
    return line


def test_the_profiles_are_listed(keqing: Keqing) -> None:
    done = keqing("import", "--list")
    assert done.returncode == 0, done.stderr
    for name in ("sales-opportunities", "accounts-receivable", "consumer-complaints"):
        assert f"{name}: " in done.stdout


def test_what_cannot_be_is_said_in_one_line(keqing: Keqing, tmp_path: Path) -> None:
    file = tmp_path / "invoices.csv"
    file.write_text(HEADER)
    assert "there is no profile 'crm'" in refusal(keqing("import", "crm", str(file)))
    assert "no such file" in refusal(keqing("import", "accounts-receivable", str(tmp_path / "nowhere")))
    assert "lacks the columns" in refusal(keqing("import", "consumer-complaints", str(file)))
    assert "does not answer" in refusal(keqing("import", "accounts-receivable", str(file)))
    assert "cannot write" in refusal(
        keqing("import", "accounts-receivable", str(file), "--errors", str(tmp_path))
    )


def test_a_chunk_has_its_bounds(keqing: Keqing, tmp_path: Path) -> None:
    done = keqing("import", "accounts-receivable", str(tmp_path), "--chunk", "10001")
    assert done.returncode == 2
    assert "10000" in done.stderr


def test_the_summary_says_what_happened_or_would() -> None:
    tally = Tally("customers", Counter(created=1200, refused=1, unchanged=0))
    assert summary(tally, dry_run=False) == "customers: 1,200 created, 1 refused"
    assert summary(tally, dry_run=True) == "customers: 1,200 would be created, 1 would be refused"
    assert summary(Tally("customers"), dry_run=False) == "customers: none"
