"""Carriers of short messages that are played: Twilio's Messages, and Alibaba Cloud's SMS API, whose
signature is checked by this file's own reading of the rule."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

Told = dict[str, str]


def error(status: int, code: int, message: str) -> httpx.Response:
    """As Twilio tells one."""
    return httpx.Response(status, json={"code": code, "message": message, "status": status})


class TwilioMessages:
    def __init__(self, deliver: Callable[[str, Told], Awaitable[None]]) -> None:
        self._deliver = deliver
        self.rows: list[dict[str, Any]] = []
        self.stopped: set[str] = set()  # who has answered STOP
        self.end = {"MessageStatus": "delivered"}

    async def take(self, operation: str, given: dict[str, Any]) -> httpx.Response:
        if operation.startswith("GET"):
            found = [row for row in self.rows if row["to"] in given["To"]]
            return httpx.Response(200, json={"messages": found, "next_page_uri": None})
        [to], [body] = given["To"], given["Body"]
        if not re.fullmatch(r"\+[1-9]\d{7,14}", to):
            return error(400, 21211, "invalid To")
        if to in self.stopped:
            return error(400, 21610, "unsubscribed")
        assert "http" not in body and len(body) <= 500, "not to the mainland"
        sid = f"SM{len(self.rows) + 1:032x}"
        self.rows.append({"sid": sid, "to": to, "from": given["From"][0], "body": body})
        for status in ({"MessageStatus": "sent"}, self.end):
            await self._deliver(given["StatusCallback"][0], {"MessageSid": sid, **status})
        return httpx.Response(201, json=self.rows[-1] | {"status": "queued"})

    def sent(self) -> list[tuple[str, str]]:
        return [(row["to"], row["body"]) for row in self.rows]


class FakeAliyun:
    """One address, the action in a header; the answer's Code says how it went, mostly under 200."""

    def __init__(self, key: str, secret: str, templates: dict[str, str]) -> None:
        self.key, self.secret = key, secret
        self.templates = templates  # code -> words with ${blanks}, as they were vetted
        self.rows: list[dict[str, str]] = []
        self.refuses: list[tuple[str, bool]] = []  # code, whether it was sent all the same
        self.nonces: set[str] = set()
        self.count = itertools.count(1)
        self.transport = httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if fault := self._unsigned(request):
            return httpx.Response(400, json={"Code": fault, "RequestId": "R"})
        given = dict(parse_qsl(urlsplit(str(request.url)).query))
        if request.headers["x-acs-action"] == "QuerySendDetails":
            found = [row for row in self.rows if row["PhoneNum"] == given["PhoneNumber"]]
            told = {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}
            return httpx.Response(200, json=told)
        assert request.headers["x-acs-action"] == "SendSms"
        code, sent = self.refuses.pop(0) if self.refuses else (self._fit(given), True)
        if sent and code in ("OK", "timeout"):
            words = self.templates[given["TemplateCode"]]
            for name, value in json.loads(given["TemplateParam"]).items():
                words = words.replace("${" + name + "}", value)
            row = {"PhoneNum": given["PhoneNumbers"], "OutId": given["OutId"], "Content": words}
            self.rows.append(row)
        if code == "timeout":
            raise httpx.ReadTimeout("10 s")
        told = {"Code": code, "RequestId": "R", "BizId": f"{next(self.count)}^0"}
        return httpx.Response(400 if code.startswith("Throttling") else 200, json=told)

    def _fit(self, given: dict[str, str]) -> str:
        if not re.fullmatch(r"1\d{10}", given["PhoneNumbers"]):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        words = self.templates.get(given["TemplateCode"])
        if words is None:
            return "isv.SMS_TEMPLATE_ILLEGAL"
        blanks = set(re.findall(r"\$\{(\w+)\}", words))
        if blanks - set(json.loads(given["TemplateParam"])):
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        return "OK"

    def _unsigned(self, request: httpx.Request) -> str | None:
        shown = request.headers["authorization"]
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=(\S+),SignedHeaders=(\S+),Signature=(\w+)", shown
        )
        if found is None or found[1] != self.key:
            return "InvalidAccessKeyId.NotFound"
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(nonce)
        body = hashlib.sha256(request.content).hexdigest()
        pairs = sorted(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs)
        named = found[2].split(";")
        if "host" not in named or body != request.headers["x-acs-content-sha256"]:
            return "IncompleteSignature"
        lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in named)
        asked = "\n".join((request.method, request.url.path, query, lines, found[2], body))
        digest = hashlib.sha256(asked.encode()).hexdigest()
        told = f"ACS3-HMAC-SHA256\n{digest}".encode()
        right = hmac.new(self.secret.encode(), told, hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(right, found[3]) else "SignatureDoesNotMatch"

    def sent(self) -> list[tuple[str, str]]:
        return [(row["PhoneNum"], row["Content"]) for row in self.rows]
