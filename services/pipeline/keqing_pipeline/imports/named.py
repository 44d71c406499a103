"""Customers that rows name: by the id here, or by what another system calls them."""

from collections.abc import Iterable
from uuid import UUID

from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.sameness import EXTERNAL
from keqing_pipeline.directory import PipelineDirectory
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.own_reference import own_id
from keqing_shared.domain import CustomerIsErased, ExternalReference, RuleBroken
from keqing_shared.http import Doing

Named = UUID | ExternalReference


class CustomersNamed:
    """Each that the rows of one request name, looked up once."""

    def __init__(self, found: dict[Named, UUID | RuleBroken]) -> None:
        self._found = found

    @classmethod
    async def by(cls, do: Doing, importer: Importer, names: Iterable[Named | None]) -> "CustomersNamed":
        named = dict.fromkeys(name for name in names if name is not None)
        references = [one for one in named if isinstance(one, ExternalReference)]
        held = await do.service.log.claimed_many([(EXTERNAL, str(one)) for one in references])
        ids = {
            one: one if isinstance(one, UUID) else own_id(one) or held.get((EXTERNAL, str(one)))
            for one in named
        }
        survivors = await PipelineDirectory(do.service).survivors(id for id in ids.values() if id is not None)
        found: dict[Named, UUID | RuleBroken] = {}
        for one, id in ids.items():
            survivor = None if id is None else survivors.get(id)
            if survivor is None or not importer.sees(survivor.owner):
                found[one] = CustomerUnknown("no customer {named}", field="customer", named=one)
            elif survivor.erased:
                found[one] = CustomerIsErased(field="customer")
            else:
                found[one] = survivor.customer_id
        return cls(found)

    def check_not_erased(self, name: Named) -> None:
        """Raises CustomerIsErased."""
        found = self._found[name]
        if isinstance(found, CustomerIsErased):
            raise found

    def of(self, name: Named) -> UUID:
        """Raises CustomerUnknown, also for one that the importer may not see, and CustomerIsErased."""
        found = self._found[name]
        if isinstance(found, RuleBroken):
            raise found
        return found
