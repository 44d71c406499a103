"""What is here, named as other systems name theirs: ``keqing:<id>``, the first cell of what is exported."""

from collections.abc import Iterable
from uuid import UUID

from keqing_shared.domain import ExternalReference, InvalidInput

OWN_SYSTEM = "keqing"


class ReferenceReserved(InvalidInput):
    """keqing:<id> names what is here by its own id"""


def own_reference(id: UUID) -> ExternalReference:
    return ExternalReference(system=OWN_SYSTEM, id=str(id))


def own_id(reference: ExternalReference) -> UUID | None:
    """The id of what is here; None for the name of a thing in another system."""
    if reference.system != OWN_SYSTEM:
        return None
    try:
        return UUID(reference.id)
    except ValueError:
        return None


def check_not_own(references: Iterable[ExternalReference]) -> None:
    """No system but this one names things so, or a row would be taken for that of another. Raises
    ReferenceReserved."""
    for reference in references:
        if reference.system == OWN_SYSTEM:
            raise ReferenceReserved(
                "{reference}: leave it out, or put first the id that it has here",
                field="external",
                reference=reference,
            )
