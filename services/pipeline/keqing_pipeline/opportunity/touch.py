"""Next touch: when an opportunity is to be contacted again, and when that was missed."""

from datetime import date, timedelta

from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.policy import PipelinePolicy


def next_touch(
    policy: PipelinePolicy, stage: Stage, last_on: date, promised_on: date | None = None, *, won: bool = False
) -> date | None:
    """Last contact plus the stage's interval, or the promised date if sooner, moved to a working day.

    A customer who refuses contact is touched only when a date was promised.
    """
    interval = policy.touch_interval(stage, won)
    due = None if interval is None else last_on + timedelta(days=interval)
    if promised_on is not None:
        due = promised_on if due is None else min(due, promised_on)
    return None if due is None else policy.working_day(due)


def promise_after(promised_on: date | None, contact_on: date, promises: date | None) -> date | None:
    """What is promised after a contact: what it promises itself, else what was promised before and is still
    to come."""
    if promises is not None:
        return promises
    return promised_on if promised_on is not None and promised_on > contact_on else None


def next_watch(
    policy: PipelinePolicy, stage: Stage, missed_on: date, today: date, *, won: bool
) -> date | None:
    """The due date after a missed one: whole intervals on, not before today, moved to a working day.

    What came due while nobody watched is missed once, not many times.
    """
    interval = policy.touch_interval(stage, won)
    if interval is None:
        return None
    behind = max((today - missed_on).days, 1)
    return policy.working_day(missed_on + timedelta(days=-(-behind // interval) * interval))
