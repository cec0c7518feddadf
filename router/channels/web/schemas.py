"""The web channel's JSON, typed and bounded."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ClientId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
Region = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class _In(BaseModel):
    model_config = ConfigDict(strict=True)


class NewConversation(_In):
    consent: bool
    region: Region | None = None
    learning: bool = False  # may the machine learn from it: a question of its own
    place: Literal["web", "kiosk"] = "web"


class Learning(_In):
    agreed: bool


class NewMessage(_In):
    id: ClientId  # the page's own, the same at every attempt
    seq: Annotated[int, Field(ge=1, le=100_000)]  # the page's own count of its messages
    text: Annotated[str, Field(max_length=65_536)]


class Page(BaseModel):
    """Of an address, so not strict."""

    after: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    wait: Annotated[float, Field(ge=0, le=25, allow_inf_nan=False)] = 0  # seconds


class Opened(BaseModel):
    id: str
    reference: str


class AcceptedOut(BaseModel):
    seq: int
    duplicate: bool


class TicketOut(BaseModel):
    status: str
    destination: str
    kind: str
    label: str
    position: int | None


class ConversationOut(BaseModel):
    id: str
    reference: str
    status: Literal["open", "closed"]
    speaker: str
    thinking: bool
    next_seq: int  # the lowest number that no message of the citizen has
    ticket: TicketOut | None
    intake: dict[str, Any]


class Line(BaseModel):
    seq: int
    who: str
    text: str
    extra: dict[str, Any]
    client_seq: int | None  # the page's own number of the citizen's line
    at: datetime


class LinesOut(BaseModel):
    messages: list[Line]
    speaker: str
    thinking: bool
