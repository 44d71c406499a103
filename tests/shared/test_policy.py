"""A policy is changed as a whole, keeps what its environment sets, and outlives new numbers."""

from datetime import time
from decimal import Decimal

from keqing_shared.domain import Money, value
from keqing_shared.policy import (
    POLICY,
    ChangePolicy,
    FromEnvironment,
    Policy,
    PolicyChanged,
    SetByEnvironment,
    in_force,
    plain,
)
from keqing_shared.testing import given


@value
class Hours:
    zone: FromEnvironment[str] = "Asia/Shanghai"
    opens: time = time(9)


@value
class Shop:
    hours: Hours = Hours()
    discount: Money = Money(amount=Decimal(500))
    days: tuple[int, ...] = (1, 30)


LATER = Shop(hours=Hours(opens=time(10)), days=(1, 60))


def test_a_change_tells_every_number_and_names_those_that_are_other_than_before() -> None:
    given(POLICY).when(ChangePolicy(policy=LATER, initial=Shop())).then(
        PolicyChanged(policy=plain(LATER), changed=("hours.opens", "days"))
    )


def test_the_same_numbers_again_change_nothing() -> None:
    changed = PolicyChanged(policy=plain(LATER), changed=("days",))
    given(POLICY).when(ChangePolicy(policy=Shop(), initial=Shop())).then()
    given(POLICY, changed).when(ChangePolicy(policy=LATER, initial=Shop())).then()
    given(POLICY, changed).when(ChangePolicy(policy=Shop(), initial=Shop())).then(
        PolicyChanged(policy=plain(Shop()), changed=("hours.opens", "days"))
    )


def test_what_the_environment_sets_is_refused() -> None:
    elsewhere = Shop(hours=Hours(zone="Europe/Berlin"))
    given(POLICY).when(ChangePolicy(policy=elsewhere, initial=Shop())).refused(
        SetByEnvironment, fixed=["hours.zone"]
    )


def test_what_was_kept_is_in_force_with_what_the_environment_sets_now() -> None:
    moved = Shop(hours=Hours(zone="Europe/Berlin"))
    assert in_force(None, moved) is moved
    assert in_force(Policy(plain(LATER)), moved) == Shop(
        hours=Hours(zone="Europe/Berlin", opens=time(10)), days=(1, 60)
    )


def test_a_number_that_came_into_being_since_has_its_default_and_one_that_is_gone_does_not_matter() -> None:
    kept = {"days": [7], "gone": True, "hours": {"closes": "18:00"}}
    assert in_force(Policy(kept), Shop()) == Shop(days=(7,))
