"""A logged call as the rivals take it: the members that ours takes, as a pydantic model."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Call(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: datetime
    minutes: int = Field(ge=0, le=600)
    outcome: Literal["no_answer", "wrong_person", "refused", "brief", "interactive", "appointment"]
    signals: list[str] = Field(default=[], max_length=20)
    note: str = Field(default="", max_length=4000)
    next_step: str = Field(default="", max_length=200)
    next_on: date | None = None


class Logged(BaseModel):
    id: UUID
    version: int
