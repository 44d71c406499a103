"""The conditions of a question, each only where it is asked for: one plan for all would be bad for most."""

from typing import Any


class Narrowed:
    """``where = Narrowed("merged_into IS NULL"); where.only("owner = {}", owner)`` leaves out what is None;
    ``f"SELECT ... WHERE {where}", *where.arguments``."""

    def __init__(self, *conditions: str) -> None:
        self.arguments: list[Any] = []
        self._conditions = list(conditions)

    def only(self, condition: str, *given: Any) -> None:
        """With as many ``{}`` as there are values. Left out when the first of them is None."""
        if not given or given[0] is not None:
            self._conditions.append(condition.format(*(self.place(one) for one in given)))

    def place(self, value: Any) -> str:
        """``$3``, and the value will stand there."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def __str__(self) -> str:
        return " AND ".join(self._conditions) or "true"
