"""Values: what facts, commands and HTTP bodies are made of, declared once for all three."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, model_validator

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[_T]) -> type[_T]:
    """A frozen keyword-only dataclass that pydantic validates at the edge (unknown members are
    refused) and msgspec stores inside facts. Constraints are ``Annotated[..., pydantic.Field()]``.
    """
    cls.__pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)  # type: ignore[attr-defined]
    make: Callable[[type[_T]], type[_T]] = dataclass(frozen=True, kw_only=True)
    return make(cls)


def together(check: Callable[[Any], None]) -> Any:
    """Makes a method of a value the check of its fields against each other; it raises ValueRefused."""

    def checked(made: Any) -> Any:
        check(made)
        return made

    return model_validator(mode="after")(checked)
