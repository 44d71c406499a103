"""The master key as an operator meets it: made in development, asked for elsewhere, changed, withdrawn."""

import base64
import subprocess
from collections.abc import Callable

import pytest

Keqing = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(180)
OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))


def test_it_is_changed_and_the_former_one_withdrawn(keqing: Keqing) -> None:
    assert keqing("migrate", KEQING_MASTER_KEY=OLD).returncode == 0
    refused = keqing("migrate", KEQING_MASTER_KEY=NEW)
    assert refused.returncode == 1
    assert refused.stderr.startswith("keqing: KEQING_MASTER_KEY: keys are wrapped by the master key ")
    assert refused.stderr.count("\n") == 1
    changed = keqing("rotate-master-key", KEQING_MASTER_KEY=f"{NEW},{OLD}")
    assert changed.returncode == 0, changed.stderr
    assert changed.stdout.count(": 1 keys wrapped anew, all of them now by ") == 4
    scrubbed = keqing("scrub", KEQING_MASTER_KEY=NEW)
    assert scrubbed.returncode == 0, scrubbed.stderr
    assert scrubbed.stdout.count(" views rebuilt, the other tables rewritten") == 4
    assert "WAL" not in scrubbed.stdout


def test_outside_of_development_it_is_asked_for(keqing: Keqing) -> None:
    refused = keqing("migrate", KEQING_ENV="production")
    assert refused.returncode == 1
    assert refused.stderr.startswith("keqing: KEQING_MASTER_KEY: set it to 32 bytes in base64")
    assert refused.stderr.count("\n") == 1
