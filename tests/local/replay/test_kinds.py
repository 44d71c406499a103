"""Facts are asked for by name of whoever knows the name."""

import httpx
import pytest

from keqing_local.failure import CannotRun
from keqing_local.replay.kinds import Kinds


def refusal(*unknown: str) -> httpx.Response:
    problem = {"type": "/problems/kind-unknown", "detail": f"no {', '.join(unknown)}", "unknown": unknown}
    return httpx.Response(422, json=problem)


def test_a_name_that_one_context_knows_is_not_asked_of_the_others_again() -> None:
    kinds = Kinds(["StageAdvanced", "InvoiceIssued"], ["pipeline", "collections"])
    assert kinds.refused("pipeline", refusal("InvoiceIssued"))
    assert kinds.refused("collections", refusal("StageAdvanced"))
    assert (kinds.of("pipeline"), kinds.of("collections")) == (["StageAdvanced"], ["InvoiceIssued"])
    kinds.check()


def test_a_name_that_nobody_knows_is_a_typing_error() -> None:
    kinds = Kinds(["StageAdvancd"], ["pipeline"])
    assert kinds.refused("pipeline", refusal("StageAdvancd"))
    with pytest.raises(CannotRun, match="pipeline: 422 no StageAdvancd"):
        kinds.check()


def test_without_names_everything_is_wanted_and_other_refusals_are_not_its_own() -> None:
    kinds = Kinds([], ["pipeline"])
    assert kinds.of("pipeline") is None
    assert not kinds.refused("pipeline", httpx.Response(422, json={"type": "/problems/request-invalid"}))
    kinds.check()
