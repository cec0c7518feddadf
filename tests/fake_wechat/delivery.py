"""To the account: signed and sealed, five seconds of patience, three times; the answer judged."""

import asyncio
import json
import xml.etree.ElementTree as ET
from typing import Any

import httpx

from tests.fake_wechat.state import ALLOWED, FAULT, PRESSES, Shown, State
from tests.fake_wechat.wire import Json, decrypted, encrypted, sha1, to_xml


class Delivery(State):
    # --- what a person does

    async def says(self, openid: str, text: str, **more: Any) -> list[Any]:
        self.screens[openid].append(Shown("me", text))
        return await self.delivers(self.message(openid, "text", Content=text, **more))

    async def presses(self, openid: str, key: str) -> list[Any]:
        return await self.delivers(self.event(openid, "CLICK", EventKey=key))

    def message(self, openid: str, kind: str, **fields: Any) -> Json:
        return self._head(openid, kind) | fields | {"MsgId": str(next(self._ids))}

    def event(self, openid: str, name: str, **fields: Any) -> Json:
        return self._head(openid, "event") | {"Event": name} | fields

    def _head(self, openid: str, kind: str) -> Json:
        return {
            "ToUserName": self.official.original_id,
            "FromUserName": openid,
            "CreateTime": int(self.now()),
            "MsgType": kind,
        }

    def sees(self, openid: str) -> list[str]:
        return [one.text for one in self.screens[openid] if one.who != "me"]

    # --- delivery

    async def delivers(self, fields: Json) -> list[Any]:
        """With the real schedule: an answer within the patience ends it. The answers, None: cut."""
        self._allow(fields)
        answers: list[Any] = []
        for _ in range(self.copies):
            try:
                async with asyncio.timeout(self.patience):
                    answers.append(await self.posts(fields))
            except (TimeoutError, httpx.HTTPError):
                answers.append(None)
                continue
            break
        self.shows(fields["FromUserName"], answers[-1])
        return answers

    def shows(self, openid: str, answer: httpx.Response | None) -> None:
        said = FAULT if answer is None else self.judged(openid, answer)
        if said:
            who = "platform" if said == FAULT else "account"
            self.screens[openid].append(Shown(who, said, "reply"))

    async def posts(
        self, fields: Json, mode: str | None = None, to: httpx.AsyncClient | None = None
    ) -> httpx.Response:
        """One delivery, no more."""
        body, query = self.sealed(fields, mode)
        client = to or self._http
        assert client
        return await client.post(f"/wechat/{self.official.name}", params=query, content=body)

    def sealed(self, fields: Json, mode: str | None = None) -> tuple[bytes, dict[str, str]]:
        mode = mode or self.official.mode
        clear = self._written(fields)
        query = self.signed()
        query["openid"] = fields["FromUserName"]
        if mode == "plain":
            return clear, query
        encrypt = encrypted(clear, self.official.aes_key, self.official.app_id)
        query |= {
            "encrypt_type": "aes",
            "msg_signature": sha1(self.official.token, query["timestamp"], query["nonce"], encrypt),
        }
        outer = {"ToUserName": fields["ToUserName"], "Encrypt": encrypt}
        return self._written(fields | outer if mode == "compatible" else outer), query

    def signed(self) -> dict[str, str]:
        stamp, nonce = str(int(self.now())), str(next(self._ids))[-9:]
        signature = sha1(self.official.token, stamp, nonce)
        return {"signature": signature, "timestamp": stamp, "nonce": nonce}

    def _written(self, fields: Json) -> bytes:
        if self.official.as_json:
            return json.dumps(fields, ensure_ascii=False).encode()
        return to_xml(fields).encode()

    def judged(self, openid: str, response: httpx.Response) -> str:
        """What the follower sees of an answer; "" for a bare success."""
        if response.status_code != 200:
            return FAULT
        if response.content in (b"", b"success"):
            return ""
        try:
            fields = self.opened(response.content)
        except (ValueError, KeyError, ET.ParseError):
            return FAULT
        names = (fields.get("ToUserName"), fields.get("FromUserName"))
        well = names == (openid, self.official.original_id) and fields.get("Content")
        if not well or len(fields["Content"].encode()) > 2048:
            return FAULT
        return fields["Content"]

    def opened(self, body: bytes) -> Json:
        """An answer in the account's mode and format. Raises what does not hold."""
        fields = self._read(body)
        if self.official.mode == "plain":
            return fields
        signed = sha1(
            self.official.token, str(fields["TimeStamp"]), fields["Nonce"], fields["Encrypt"]
        )
        if signed != fields["MsgSignature"]:
            raise ValueError("signature")
        inner = decrypted(fields["Encrypt"], self.official.aes_key, self.official.app_id)
        return self._read(inner)

    def _read(self, body: bytes) -> Json:
        if self.official.as_json:
            return json.loads(body)
        if body[:5] != b"<xml>":
            raise ValueError("not XML")
        return {child.tag: child.text or "" for child in ET.fromstring(body)}

    async def subscribes(self, openid: str, template: str, answer: str = "accept") -> None:
        """In the dialogue that the platform itself shows, for one notice."""
        one = openid, template
        self.subscribed[one] = self.subscribed.get(one, 0) + 1 if answer == "accept" else 0
        item = {"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": "2"}
        popup = {"SubscribeMsgPopupEvent": {"List": item}}
        fields = self.event(openid, "subscribe_msg_popup_event", **popup)
        await self.delivers(fields)
        await self.posts(fields)  # a copy

    def _allow(self, fields: Json) -> None:
        name = fields.get("Event")
        kind = "message" if name is None else "press" if name in PRESSES else None
        if fields.get("bizmsgmenuid"):
            kind = "press"
        if kind:
            count, span = ALLOWED[kind]
            window = self.windows[fields["FromUserName"]]
            left = window.left if window.until > self.now() else 0
            window.left = max(left, count)
            window.until = max(window.until, self.now() + span)

    def reaches(self, client: httpx.AsyncClient) -> None:
        """Where it delivers."""
        self._http = client
