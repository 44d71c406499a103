"""Customers of other systems."""

from typing import Any


def reference(system: str, id: str) -> dict[str, str]:
    """What the other system calls it."""
    return {"system": system, "id": id}


def enterprise(system: str, id: str, owner: str, **file: Any) -> dict[str, Any]:
    """An enterprise found again by its name there, as the API takes one; what is not known is left out."""
    known = {member: given for member, given in file.items() if given is not None}
    return {
        "kind": "enterprise",
        "name": id,
        "source": "import",
        "external": [reference(system, id)],
        "owner": owner,
        **known,
    }


def customer_key(system: str, id: str) -> str:
    """What rows call a customer among themselves."""
    return f"customer {system}:{id}"


def user_key(login: str) -> str:
    """What rows call a user among themselves."""
    return f"user {login}"
