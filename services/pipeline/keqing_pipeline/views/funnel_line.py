"""What the funnel says: of everybody, of one owner, or of one manager's people."""

from decimal import Decimal

from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.views.amount import counted
from keqing_shared.domain import Money, value


@value
class FunnelStage:
    stage: Stage
    now: int
    """Open ones that stand here."""
    reached: int
    """That came at least this far, whatever became of them; at ``refused``: that ever stood there."""
    advanced: int
    """Of these, that came further; at ``refused``: that talk to us again."""
    conversion: Decimal | None
    """advanced / reached."""
    mean_days: Decimal | None
    """In this stage, of the stays that are over and whose beginning is known."""
    median_days: Decimal | None
    source_words: dict[str, int]
    """How many that stand here are still called what they were called where they came from."""


@value
class FunnelRow:
    """Of a funnel as a sheet: a line for each stage, then for each outcome and currency. Each opportunity
    counts once, the open ones at their stages."""

    of: str | None
    place: str
    """A stage; or ``open``, ``won`` or ``lost``."""
    count: int | None = None
    reached: int | None = None
    advanced: int | None = None
    conversion: Decimal | None = None
    mean_days: Decimal | None = None
    median_days: Decimal | None = None
    win_rate: Decimal | None = None
    amount: Money | None = None
    source_words: tuple[str, ...] = ()


@value
class FunnelLine:
    """The opportunities of everybody, of one owner, or of one manager's people."""

    of: str | None
    opportunities: int
    open: int
    won: int
    lost: int
    win_rate: Decimal | None
    """won / (won + lost)."""
    won_amounts: tuple[Money, ...]
    open_amounts: tuple[Money, ...]
    stages: tuple[FunnelStage, ...]

    def unrolled(self) -> list[FunnelRow]:
        won, *further = self.won_amounts or (None,)
        return [
            *(self._at(stage) for stage in self.stages),
            *(FunnelRow(of=self.of, place=Outcome.OPEN, amount=amount) for amount in self.open_amounts),
            FunnelRow(of=self.of, place=Outcome.WON, count=self.won, win_rate=self.win_rate, amount=won),
            *(FunnelRow(of=self.of, place=Outcome.WON, amount=amount) for amount in further),
            FunnelRow(of=self.of, place=Outcome.LOST, count=self.lost),
        ]

    def _at(self, it: FunnelStage) -> FunnelRow:
        return FunnelRow(
            of=self.of,
            place=it.stage,
            count=it.now,
            reached=it.reached,
            advanced=it.advanced,
            conversion=it.conversion,
            mean_days=it.mean_days,
            median_days=it.median_days,
            source_words=counted(it.source_words),
        )
