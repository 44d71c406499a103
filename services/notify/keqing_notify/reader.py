"""The inbox as one person reads it: in their language, with names where the directory has them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from keqing_notify.notification import Standing
from keqing_notify.policy import NotifyPolicy
from keqing_notify.rendering import Names, preferred, render
from keqing_notify.views.inbox import InboxRow
from keqing_notify.wording import LANGUAGES, Language
from keqing_shared.directory import Directory
from keqing_shared.domain import value


@value
class InboxItem:
    """``title`` and ``body`` are plain text; ``members`` what the event said, for links of one's own."""

    id: UUID
    position: int
    version: int
    kind: str
    title: str
    body: str
    language: Language
    critical: bool
    standing: Standing
    repeats: int
    """Earlier ones about the same thing, hidden behind this one."""
    event: str
    event_id: str
    customer_id: UUID | None
    members: dict[str, Any]
    occurred_at: datetime
    raised_at: datetime


class Reader:
    """Keeps what it looked up: make one per request, or per live stream now and then."""

    def __init__(self, directory: Directory, language: Language, people: dict[str, str]) -> None:
        self._directory = directory
        self._language = language
        self._people = people
        self._customers: dict[UUID, str | None] = {}

    @classmethod
    async def of(
        cls, directory: Directory, login: str, accept_language: str | None, policy: NotifyPolicy
    ) -> "Reader":
        """The person's own language; for somebody whom the directory does not know, the client's."""
        people = await directory.people()
        own = next((person.language for person in people if person.login == login), None)
        wanted = preferred(accept_language, policy.default_language)
        language = next((spoken for spoken in LANGUAGES if spoken == own), wanted)
        return cls(directory, language, {person.login: person.name for person in people})

    async def items(self, rows: Iterable[tuple[InboxRow, int]]) -> list[InboxItem]:
        """Rows with the number of their repeats, as text."""
        return [await self.item(row, repeats) for row, repeats in rows]

    async def item(self, row: InboxRow, repeats: int = 0) -> InboxItem:
        names = Names(await self._customer(row.customer_id), self._people)
        title, body = render(row.kind, self._language, row.event, row.members, names)
        return InboxItem(
            id=row.notification_id,
            position=row.position,
            version=row.version,
            kind=row.kind,
            title=title,
            body=body,
            language=self._language,
            critical=row.critical,
            standing=row.standing,
            repeats=repeats,
            event=row.event,
            event_id=row.event_id,
            customer_id=row.customer_id,
            members=row.members,
            occurred_at=row.occurred_at,
            raised_at=row.raised_at,
        )

    async def _customer(self, customer_id: UUID | None) -> str | None:
        if customer_id is None:
            return None
        if customer_id not in self._customers:
            entry = await self._directory.customer(customer_id)
            self._customers[customer_id] = entry.name if entry else None
        return self._customers[customer_id]
