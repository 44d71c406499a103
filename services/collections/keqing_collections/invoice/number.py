"""Invoice numbers: the number is the invoice."""

from uuid import UUID, uuid5

_INVOICES = UUID("0f6c8a52-4a39-5a0c-8f8e-5d2b0a7f3c64")


def invoice_of(number: str) -> UUID:
    """The id of the one invoice that has, or will have, this number.

    Made from the number, so that no two streams can ever carry the same one, whoever issues at once,
    and an import finds its invoices again by reading their streams.
    """
    return uuid5(_INVOICES, number)
