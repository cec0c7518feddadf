"""Short messages by Twilio. To the mainland only vetted words pass, without an address in them."""

import httpx
from twilio.rest import Client

from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms.port import Sms
from router.channels.hotline.twilio.carrier import OverHttpx, ask, e164
from router.settings import Settings


class TwilioTexts:
    name = "twilio"
    links = False

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        token = settings.TWILIO_AUTH_TOKEN
        assert settings.TWILIO_ACCOUNT_SID and token
        self._http = OverHttpx(transport)
        self._client = Client(
            settings.TWILIO_ACCOUNT_SID, token.get_secret_value(), http_client=self._http
        )
        self._settings = settings

    async def close(self) -> None:
        await self._http.close()

    async def send(self, sms: Sms, again: bool) -> str:
        number = e164(sms.to)
        if number is None:
            raise CarrierError("21211")
        if again and (known := await self._find(sms, number)):
            return known
        base = self._settings.PUBLIC_URL.rstrip("/")
        sent = await ask(
            self._client.messages.create_async(
                to=number,
                from_=self._settings.HOTLINE_NUMBER,
                body=sms.text,
                status_callback=f"{base}/hotline/twilio/messages/{sms.id}/status",
            )
        )
        return str(sent.sid)

    async def _find(self, sms: Sms, number: str) -> str | None:
        """The same words to this number since it was ordered: the answer had got lost."""
        found = await ask(
            self._client.messages.list_async(
                to=number, from_=self._settings.HOTLINE_NUMBER, date_sent_after=sms.since, limit=20
            )
        )
        return next((str(one.sid) for one in found if one.body == sms.text), None)
