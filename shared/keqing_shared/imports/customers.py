"""Whose rows they are: customers named by id, or by what another system calls them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from keqing_shared.domain import ExternalReference, InvalidInput, value
from keqing_shared.http import CustomerUnknown


class CustomerUnnamed(InvalidInput):
    """Name the customer by customer_id or by customer, by one of the two"""


@value
class OfCustomer:
    """A row that is a customer's."""

    customer_id: UUID | None = None
    customer: ExternalReference | None = None
    """The customer's external reference, in place of the id."""


class CustomersNamed:
    """Those of the customers that rows name which pipeline has told of."""

    def __init__(self, known: Mapping[UUID | str, UUID]) -> None:
        """``known``: by id and by reference."""
        self._known = known

    @classmethod
    async def by(cls, rows: Iterable[OfCustomer], db: Any) -> "CustomersNamed":
        """``db``: where the directory's tables are."""
        given = list(rows)
        references = {row.customer for row in given if row.customer is not None}
        records = await db.fetch(
            "SELECT r.system || ':' || r.id AS reference, c.customer_id"
            " FROM unnest($1::text[], $2::text[]) AS r(system, id) JOIN directory_customers c"
            " ON c.external @> jsonb_build_array(jsonb_build_object('system', r.system, 'id', r.id))"
            " UNION ALL SELECT NULL, customer_id FROM directory_customers"
            " WHERE customer_id = ANY ($3) AND merged_into IS NULL",
            [reference.system for reference in references],
            [reference.id for reference in references],
            list({row.customer_id for row in given if row.customer_id is not None}),
        )
        return cls(
            {record["reference"] or record["customer_id"]: record["customer_id"] for record in records}
        )

    def of(self, row: OfCustomer) -> UUID:
        """Raises CustomerUnnamed, CustomerUnknown."""
        if row.customer is None and row.customer_id is not None:
            named: UUID | str = row.customer_id
        elif row.customer is not None and row.customer_id is None:
            named = str(row.customer)
        else:
            raise CustomerUnnamed
        known = self._known.get(named)
        if known is None:
            raise CustomerUnknown("no customer {named}", named=named)
        return known
