"""How one view gets on: in step with the others, alone behind them, or stuck at a fact."""

from dataclasses import dataclass

from keqing_shared.views.view import View

BATCH = 2_000
"""Facts per transaction."""
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 60.0


@dataclass
class Standing:
    """A batch that fails is halved until the one fact that fails is known; there the view is stuck,
    and tries again after longer and longer pauses."""

    view: View
    batch: int = BATCH
    position: int = 0
    error: str | None = None
    limit: int = 0
    """How many facts to take next; fewer than ``batch`` while looking for the one that fails."""
    rests_until: float = 0.0
    _wall: int = 0
    _retry: float = FIRST_RETRY_SECONDS

    def __post_init__(self) -> None:
        self.limit = self.batch

    @property
    def name(self) -> str:
        return self.view.name

    def moved(self, position: int) -> None:
        """Everything up to here is applied and committed."""
        self.position = max(self.position, position)
        self.error = None
        self.rests_until = 0.0
        self._retry = FIRST_RETRY_SECONDS
        beyond = self.position >= self._wall
        self.limit = self.batch if beyond else max(1, (self._wall - self.position) // 2)

    def failed(self, after: int, last: int) -> bool:
        """The facts beyond ``after`` up to ``last`` could not be applied; True when it is only one."""
        self._wall = last
        self.limit = max(1, (last - after) // 2)
        return last - after <= 1

    def stuck(self, error: str, now: float) -> None:
        """Rests, then tries the same fact again."""
        self.rest(error, now, self._retry)
        self._retry = min(self._retry * 2, LONGEST_RETRY_SECONDS)

    def rest(self, error: str, now: float, seconds: float) -> None:
        self.error = error
        self.rests_until = now + seconds
