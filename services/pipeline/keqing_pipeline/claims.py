"""Claims on the keys that tell one customer from another."""

from collections.abc import Sequence

from keqing_pipeline.customer.sameness import EXTERNAL, Key
from keqing_shared.log import Claim


def claims_on(keys: Sequence[Key], because: str | None) -> tuple[Claim, ...]:
    """A reason lets a name or phone be shared; a reference never is."""
    return tuple(Claim(scope, key, scope == EXTERNAL or because is None) for scope, key in keys)
