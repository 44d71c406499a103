"""A small aggregate to try the log on: an account with entries."""

from keqing_shared.domain import Aggregate, Command, Fact, RuleBroken


class AccountOpened(Fact, topic="sample.account-opened.v1"):
    owner: str


class EntryMade(Fact, topic="sample.entry-made.v2"):
    amount: int
    note: str

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["note"] = state.pop("text")


class OpenAccount(Command):
    owner: str


class MakeEntry(Command):
    amount: int
    note: str = ""


class EmptyAccount(Command):
    """Nothing is to be left in it."""


class AlreadyOpen(RuleBroken):
    """The account is open already."""


class Overdrawn(RuleBroken):
    """The account would go below zero."""


class Account(Fact):
    owner: str
    balance: int = 0


def decide(
    command: OpenAccount | MakeEntry | EmptyAccount, account: Account | None, policy: object
) -> list[Fact]:
    match command:
        case OpenAccount(owner=owner):
            if account is not None:
                raise AlreadyOpen
            return [AccountOpened(owner=owner)]
        case MakeEntry(amount=amount, note=note):
            if account is None or account.balance + amount < 0:
                raise Overdrawn(f"only {account.balance if account else 0} there")
            return [] if amount == 0 else [EntryMade(amount=amount, note=note)]
        case EmptyAccount():
            left = account.balance if account else 0
            return [EntryMade(amount=-left, note="emptied")] if left else []


def evolve(account: Account | None, fact: Fact) -> Account | None:
    match fact:
        case AccountOpened(owner=owner):
            return Account(owner=owner)
        case EntryMade(amount=amount) if account is not None:
            return Account(owner=account.owner, balance=account.balance + amount)
    return account


ACCOUNT: Aggregate[Account] = Aggregate(
    name="account",
    facts=(AccountOpened, EntryMade),
    decide=decide,
    evolve=evolve,
    customer_of=lambda id, account: id,
    state=Account,
)
