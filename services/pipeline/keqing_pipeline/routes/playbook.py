"""The playbook over HTTP, for front-ends."""

from fastapi import APIRouter

from keqing_pipeline.opportunity.playbook import PLAYBOOK, Chapter, Play
from keqing_shared.http import allow

router = APIRouter(tags=["playbook"])

READERS = allow("rep", "sales_manager", "auditor", "admin")


@router.get("/playbook", dependencies=[READERS])
async def playbook() -> tuple[Play, ...]:
    """For each stage, and for who has bought: its meaning, what shows it, what to ask, how to raise it;
    in Chinese and English."""
    return PLAYBOOK


@router.get("/playbook/{stage}", dependencies=[READERS])
async def play(stage: Chapter) -> Play:
    """One stage's chapter."""
    return next(play for play in PLAYBOOK if play.stage is stage)
