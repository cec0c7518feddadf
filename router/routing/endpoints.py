"""`/internal`: the one door of the dialogue's actions to the router."""

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from router.eligibility import FactError
from router.errors import Forbidden
from router.parts import Parts, parts


async def service_only(request: Request, p: Annotated[Parts, Depends(parts)]) -> None:
    """Compared in constant time; without a token of our own nobody gets in."""
    ours = p.settings.SERVICE_TOKEN
    shown = request.headers.get("authorization", "")
    expected = f"Bearer {ours.get_secret_value()}" if ours else ""
    if not ours or not hmac.compare_digest(shown.encode(), expected.encode()):
        raise Forbidden()


api = APIRouter(prefix="/internal", dependencies=[Depends(service_only)])
Wired = Annotated[Parts, Depends(parts)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    conversation: str = Field(max_length=64)


class _Screening(_Asked):
    message_id: str = Field(min_length=1, max_length=64)
    facts: dict[str, Any]
    label: str | None = None
    details: dict[str, Any] = {}


class _Ticket(_Asked):
    message_id: str = Field(min_length=1, max_length=64)
    destination: str = Field(max_length=64)
    note: str | None = Field(default=None, max_length=500)


class _Status(_Asked):
    reference: str | None = Field(default=None, max_length=64)


@api.post("/screenings")
async def screenings(asked: _Screening, p: Wired) -> JSONResponse:
    try:
        found = await p.routing.screen(
            asked.conversation, asked.message_id, asked.facts, asked.label, asked.details
        )
        return JSONResponse(found)  # JSON already; FastAPI would look through it once more
    except FactError as wrong:
        return JSONResponse({"error": wrong.sentence, "fact": wrong.fact}, status_code=422)


@api.post("/tickets")
async def open_ticket(asked: _Ticket, p: Wired) -> dict[str, Any]:
    return await p.routing.open_ticket(
        asked.conversation, asked.message_id, asked.destination, asked.note
    )


@api.post("/status")
async def status(asked: _Status, p: Wired) -> dict[str, str]:
    return {"text": await p.routing.status(asked.conversation, asked.reference)}


@api.post("/cases")
async def cases(asked: _Asked, p: Wired) -> dict[str, int]:
    return {"case_no": await p.routing.next_case(asked.conversation)}
