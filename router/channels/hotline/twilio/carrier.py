"""Twilio as a carrier: its REST calls through its own library, over our connections."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import httpx
import phonenumbers
from sqlalchemy import select
from twilio.base.exceptions import TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from router.channels.hotline.models import Leg
from router.channels.hotline.port import CarrierError, Line, Script
from router.channels.hotline.states import Cause
from router.clock import Clock
from router.db import Database
from router.settings import Settings

RETRY = {20429: 1.0, 10004: 1.0}  # never processed: seconds until again, doubled by who retries
GONE = {20404, 21220}  # no such leg, or it has ended: what was wanted is so
UNKNOWN = {20500, 20503}  # it may have taken effect
CAUSES = {
    "completed": Cause.NORMAL,
    "busy": Cause.BUSY,
    "no-answer": Cause.NO_ANSWER,
    "failed": Cause.FAILED,
    "canceled": Cause.CANCELED,
}
SLOWEST = timedelta(seconds=30)  # a request that timed out may take effect so long after


class OverHttpx(AsyncHttpClient):  # type: ignore[misc]
    """Twilio's library asks for an HTTP client; ours keeps connections and has a time limit."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__(logger=None, is_async=True, timeout=None)
        self._client = httpx.AsyncClient(transport=transport, timeout=10)

    async def request(  # the library's own signature
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,
    ) -> Response:
        answer = await self._client.request(
            method, uri, params=_plain(params), data=_plain(data), headers=headers,
            auth=auth, follow_redirects=allow_redirects,
        )  # fmt: skip
        return Response(answer.status_code, answer.text, dict(answer.headers))

    async def read(self, url: str, auth: tuple[str, str]) -> AsyncIterator[bytes]:
        async with self._client.stream("GET", url, auth=auth) as answer:
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                yield piece

    async def close(self) -> None:
        await self._client.aclose()


def _plain(given: dict[str, object] | None) -> dict[str, Any] | None:
    return {k: v for k, v in given.items() if v is not None} if given else None


class Twilio:
    name = "twilio"

    def __init__(
        self,
        settings: Settings,
        db: Database,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        token = settings.TWILIO_AUTH_TOKEN
        assert settings.TWILIO_ACCOUNT_SID and token
        self._http = OverHttpx(transport)
        self._auth = settings.TWILIO_ACCOUNT_SID, token.get_secret_value()
        self._client = Client(*self._auth, http_client=self._http)
        self._settings, self._db, self._clock = settings, db, clock

    async def close(self) -> None:
        await self._http.close()

    def dials(self, number: str) -> bool:
        """Emergency and short numbers of the mainland it cannot (13224)."""
        return e164(number) is not None

    def url(self, path: str) -> str:
        return f"{self._settings.PUBLIC_URL.rstrip('/')}/hotline/twilio/{path}"

    async def call_out(self, line: Line, to: str, ring_s: int, again: bool) -> str | None:
        number = e164(to)
        if number is None:
            raise CarrierError("13224")
        if again and (known := await self._find(number)):
            return known
        call = await ask(
            self._client.calls.create_async(
                to=number,
                from_=self._settings.HOTLINE_NUMBER,
                url=self.url(f"legs/{line.leg_id}/answered"),
                status_callback=self.url(f"legs/{line.leg_id}/status"),
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=ring_s,
            )
        )
        return str(call.sid)

    async def _find(self, number: str) -> str | None:
        """A call that was begun though the answer got lost: one to this number in these seconds
        that belongs to no other leg."""
        since: datetime = self._clock.now() - SLOWEST
        found = await ask(
            self._client.calls.list_async(
                to=number, from_=self._settings.HOTLINE_NUMBER, start_time_after=since, limit=20
            )
        )
        sids = [str(call.sid) for call in found]
        async with self._db.read() as s:
            known = set(await s.scalars(select(Leg.ref).where(Leg.ref.in_(sids))))
        return next((sid for sid in sids if sid not in known), None)

    async def run(self, line: Line, script: Script, no: int) -> None:
        """Twilio fetches it: the script is the answer."""
        call = self._client.calls(_ref(line))
        await ask(call.update_async(url=self.url(f"legs/{line.leg_id}/script")))

    async def hold(self, line: Line, on: bool) -> None:
        if not line.room_ref:
            raise CarrierError("no_room", gone=True)
        place = self._client.conferences(line.room_ref).participants(line.leg_id)
        await ask(place.update_async(hold=on))

    async def hang_up(self, line: Line) -> None:
        status = "completed" if line.answered else "canceled"
        try:
            await ask(self._client.calls(_ref(line)).update_async(status=status))
        except CarrierError as error:
            if error.gone or line.answered:
                raise
            await ask(self._client.calls(_ref(line)).update_async(status="completed"))

    async def record(self, line: Line, on: bool) -> None:
        call = self._client.calls(_ref(line))
        if not on:
            stopped = call.recordings("Twilio.CURRENT").update_async(status="stopped")
            await ask(stopped)
            return
        await ask(
            call.recordings.create_async(
                recording_channels="dual",
                recording_status_callback=self.url(f"legs/{line.leg_id}/recording"),
                recording_status_callback_event=["completed", "absent"],
            )
        )

    async def fetch(self, recording: str) -> AsyncIterator[bytes]:
        base = "https://api.twilio.com/2010-04-01/Accounts"
        url = f"{base}/{self._auth[0]}/Recordings/{recording}.wav"
        try:
            async for piece in self._http.read(url, self._auth):
                yield piece
        except httpx.HTTPError as error:
            raise CarrierError(type(error).__name__, wait=1.0) from None

    async def delete(self, recording: str) -> None:
        try:
            await ask(self._client.recordings(recording).delete_async())
        except CarrierError as error:
            if not error.gone:
                raise

    async def ended(self, line: Line) -> Cause | None:
        if line.ref is None:
            return Cause.FAILED
        try:
            call = await ask(self._client.calls(line.ref).fetch_async())
        except CarrierError as error:
            if error.gone:
                return Cause.FAILED
            raise
        return CAUSES.get(str(call.status))


def _ref(line: Line) -> str:
    if line.ref is None:
        raise CarrierError("not_called_yet", wait=1.0)
    return line.ref


@lru_cache(maxsize=1024)  # the same few at every step of every call
def e164(number: str) -> str | None:
    """None: not one that Twilio takes."""
    try:
        known = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(known)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # a short number
    return phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.E164)


async def ask(request: Any) -> Any:
    """The library's answer. Raises CarrierError."""
    try:
        return await request
    except TwilioRestException as error:
        code, status = int(error.code or 0), int(error.status or 0)
        if code in RETRY or status == 429:
            raise CarrierError(str(code), wait=RETRY.get(code, 1.0)) from None
        if code in GONE or status == 404:
            raise CarrierError(str(code), gone=True) from None
        unknown = code in UNKNOWN or status >= 500
        raise CarrierError(str(code or status), unknown=unknown) from None
    except httpx.ConnectError:
        raise CarrierError("unreachable", wait=1.0) from None
    except httpx.HTTPError as error:
        raise CarrierError(type(error).__name__, unknown=True) from None
