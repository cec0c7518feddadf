"""Short messages by Alibaba Cloud: SendSms 2017-05-25, its V3 signature (ACS3-HMAC-SHA256).

Its own library brings eight packages and a second HTTP client for these two requests.
"""

import hashlib
import hmac
import json
import secrets
from typing import Any
from urllib.parse import quote

import httpx

from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms.port import Sms
from router.clock import CHINA, Clock
from router.settings import Settings
from router.tickets import callbacks

HOST, VERSION = "dysmsapi.aliyuncs.com", "2017-05-25"
ALGORITHM = "ACS3-HMAC-SHA256"
LATER = {  # never sent: seconds until again
    "isv.BUSINESS_LIMIT_CONTROL": 60.0,
    "Throttling": 2.0,
    "Throttling.User": 2.0,
    "Throttling.Api": 2.0,
}
UNKNOWN = {"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "ServiceUnavailable", "InternalError"}


class AliyunTexts:
    name = "aliyun"
    links = True

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        secret = settings.ALIYUN_SMS_SECRET
        assert settings.ALIYUN_SMS_KEY and secret
        self._key, self._secret = settings.ALIYUN_SMS_KEY, secret.get_secret_value()
        self._settings, self._clock = settings, clock
        self._http = httpx.AsyncClient(base_url=f"https://{HOST}", transport=transport, timeout=10)

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, sms: Sms, again: bool) -> str:
        """A template without a code of the office's is one that it does not want to send."""
        code = self._settings.ALIYUN_SMS_TEMPLATES.get(sms.template)
        if not code:
            raise CarrierError("no_template")
        number = _at_home(sms.to)
        if again and (known := await self._find(sms, number)):
            return known
        told = await self._ask(
            "SendSms",
            PhoneNumbers=number,
            SignName=self._settings.ALIYUN_SMS_SIGN,
            TemplateCode=code,
            TemplateParam=json.dumps(sms.blanks, ensure_ascii=False),
            OutId=sms.id,
        )
        return str(told["BizId"])

    async def _find(self, sms: Sms, number: str) -> str | None:
        """By our own id: the answer had got lost."""
        day = sms.since.astimezone(CHINA).strftime("%Y%m%d")
        told = await self._ask(
            "QuerySendDetails", PhoneNumber=number, SendDate=day, PageSize="50", CurrentPage="1"
        )
        rows = (told.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
        return next((sms.id for row in rows if row.get("OutId") == sms.id), None)

    async def _ask(self, action: str, **params: str) -> dict[str, Any]:
        stamp = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        query = canonical_query(params)
        headers = signed(
            self._key, self._secret, HOST, query, action, VERSION, stamp, secrets.token_hex(16)
        )
        try:
            answer = await self._http.post(f"/?{query}", headers=headers)
            told: dict[str, Any] = answer.json()
        except httpx.ConnectError:
            raise CarrierError("unreachable", wait=1.0) from None
        except (httpx.HTTPError, ValueError) as error:
            raise CarrierError(type(error).__name__, unknown=True) from None
        code = str(told.get("Code", answer.status_code))
        if answer.status_code == 200 and code == "OK":
            return told
        if code in LATER or answer.status_code == 429:
            raise CarrierError(code, wait=LATER.get(code, 2.0))
        raise CarrierError(code, unknown=code in UNKNOWN or answer.status_code >= 500)


def _at_home(number: str) -> str:
    """Only numbers of the mainland, without a prefix: the office's templates are for them."""
    digits = (callbacks.dialled(number) or "").replace(" ", "")
    if not digits.isdigit():
        raise CarrierError("isv.MOBILE_NUMBER_ILLEGAL")
    return digits


def canonical_query(params: dict[str, str]) -> str:
    """Sorted by name, escaped after RFC 3986."""
    return "&".join(f"{quote(name, safe='~')}={quote(params[name], safe='~')}"
                    for name in sorted(params))  # fmt: skip


def signed(
    key: str, secret: str, host: str, query: str, action: str, version: str, stamp: str, nonce: str
) -> dict[str, str]:
    """The headers of a POST to / without a body; `stamp` in UTC, yyyy-MM-ddTHH:mm:ssZ."""
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": empty,
        "x-acs-date": stamp,
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(headers)  # they stand in order
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(("POST", "/", query, lines, names, empty))
    told = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    shown = f"{ALGORITHM} Credential={key},SignedHeaders={names},Signature={signature}"
    return {**headers, "Authorization": shown}
