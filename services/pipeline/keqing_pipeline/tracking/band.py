"""Bands: how far the customers on a list have come, each with room for so many."""

from keqing_pipeline.opportunity.stage import Stage
from keqing_shared.domain import Term


class Band(Term):
    NURTURE = "nurture"
    DEVELOP = "develop"
    CLOSE = "close"


def band_of(stage: Stage) -> Band | None:
    """None: who refuses contact takes up no room."""
    match stage:
        case Stage.REFUSED:
            return None
        case Stage.UNAWARE:
            return Band.NURTURE
        case Stage.LISTENING | Stage.ASKING:
            return Band.DEVELOP
        case Stage.CONSIDERING | Stage.SURE:
            return Band.CLOSE
