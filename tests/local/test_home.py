"""One run at a time uses a home."""

from pathlib import Path

import pytest

from keqing_local.failure import CannotRun
from keqing_local.home import Home


def test_two_runs_do_not_share_a_home(tmp_home: Path) -> None:
    with Home(tmp_home), pytest.raises(CannotRun, match="another run uses"):
        Home(tmp_home).__enter__()


def test_a_home_is_free_again_afterwards(tmp_home: Path) -> None:
    with Home(tmp_home):
        pass
    with Home(tmp_home):
        pass


def test_a_file_in_the_place_of_the_home_is_said_in_one_line(tmp_home: Path) -> None:
    (tmp_home / "file").touch()
    with pytest.raises(CannotRun, match=r"cannot write to .*KEQING_HOME"):
        Home(tmp_home / "file" / "home").__enter__()
