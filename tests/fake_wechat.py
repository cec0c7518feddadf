"""The platform, as its rules say it behaves: signs and seals, waits five seconds, delivers three
times, judges the answer, counts customer-service messages, lets tokens end. Written without a line
of the router's: it is the other side. `./jieyuan demo wechat` shows it to a person."""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import os
import struct
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
FAULT = "该公众号提供的服务出现故障,请稍后再试"
ALLOWED = {"message": (5, 48 * 3600), "press": (3, 60)}
PRESSES = ("CLICK", "subscribe", "SCAN", "scancode_push", "scancode_waitmsg")


@dataclass
class Official:
    """One account, with what it has set on the platform."""

    name: str = "xian"
    app_id: str = "wxdemo0000000001"
    original_id: str = "gh_demo00000001"
    token: str = "demoToken12348"
    aes_key: str = "Q7mZx2Lr9TnVb4KcWd8YpHs3JfGa6EuR1oXiNt5Bq0v"
    secret: str = "demo-secret"
    mode: str = "safe"
    as_json: bool = False
    customer_service: bool = True  # the platform has given it that interface


@dataclass
class Window:
    left: int = 0
    until: float = 0


@dataclass
class Shown:
    """What a follower sees: who (me | account | platform), the text, how it came."""

    who: str
    text: str
    way: str = ""


@dataclass
class Platform:
    official: Official
    now: Callable[[], float] = time.time
    patience: float = 5.0  # seconds to wait for an answer, and between two deliveries
    copies: int = 3
    screens: dict[str, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    windows: dict[str, Window] = field(default_factory=lambda: defaultdict(Window))
    faults: list[int] = field(default_factory=list)  # errcodes of the next calls
    calls: list[tuple[str, Json]] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)  # valid until
    fetched: int = 0
    menu: Json | None = None
    media: dict[str, bytes] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)  # answers that came to a cut connection
    before_send: Callable[[], Any] | None = None
    life: int = 7200
    templates: set[str] = field(default_factory=set)  # that the account has taken
    subscribed: dict[tuple[str, str], int] = field(default_factory=dict)  # openid, template: sends
    followers_gone: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ids = itertools.count(25_000_000_000_000_001)
        self._http: httpx.AsyncClient | None = None

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

    # --- the interface that the account calls

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

    async def stable_token(self, request: Request) -> JSONResponse:
        asked = await request.json()
        self.fetched += 1
        if (asked["appid"], asked["secret"]) != (self.official.app_id, self.official.secret):
            return JSONResponse({"errcode": 40125, "errmsg": "invalid appsecret"})
        current = [token for token, until in self.tokens.items() if until > self.now() + 300]
        if not current:
            current = [f"token-{self.fetched}-{os.urandom(4).hex()}"]
            self.tokens[current[0]] = self.now() + self.life
        left = int(self.tokens[current[0]] - self.now())
        return JSONResponse({"access_token": current[0], "expires_in": left})

    def rotate(self) -> None:
        """Every token ends now, as after a leak."""
        self.tokens.clear()

    async def send(self, request: Request) -> JSONResponse:
        if self.before_send:
            await self.before_send()
        said = json.loads(await request.body())
        code = self._fault_of(request, said)
        self.calls.append(("send", said | {"errcode": code}))
        if code == 0:
            self.windows[said["touser"]].left -= 1
            self.screens[said["touser"]].append(
                Shown("account", said["text"]["content"], "customer service")
            )
        return JSONResponse({"errcode": code, "errmsg": "ok" if code == 0 else "refused"})

    async def subscribes(self, openid: str, template: str, answer: str = "accept") -> None:
        """In the dialogue that the platform itself shows, for one notice."""
        one = openid, template
        self.subscribed[one] = self.subscribed.get(one, 0) + 1 if answer == "accept" else 0
        item = {"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": "2"}
        popup = {"SubscribeMsgPopupEvent": {"List": item}}
        fields = self.event(openid, "subscribe_msg_popup_event", **popup)
        await self.delivers(fields)
        await self.posts(fields)  # a copy

    async def send_subscribed(self, request: Request) -> JSONResponse:
        """订阅通知: one yes, one notice. https://developers.weixin.qq.com/doc/service"""
        said = json.loads(await request.body())
        one = said.get("touser", ""), said.get("template_id", "")
        code = self._fault_of_notice(request, said)
        if code == 0 and self.subscribed.get(one, 0) < 1:
            code = 43101
        if code == 0:
            self.subscribed[one] -= 1
        return self._noticed(said, code)

    async def send_template(self, request: Request) -> JSONResponse:
        said = json.loads(await request.body())
        code = self._fault_of_notice(request, said)
        known = [one.get("client_msg_id") for way, one in self.calls if way == "notice"]
        if code == 0 and said.get("client_msg_id") in known:
            return JSONResponse({"errcode": 0, "errmsg": "ok", "msgid": 1})
        return self._noticed(said, code)

    def _fault_of_notice(self, request: Request, said: Json) -> int:
        if code := self._bad_token(request):
            return code
        if self.faults:
            return self.faults.pop(0)
        if said.get("template_id") not in self.templates:
            return 40037
        if said.get("touser") in self.followers_gone:
            return 43004
        data = said.get("data")
        well = isinstance(data, dict) and data and all("value" in one for one in data.values())
        return 0 if well else 47003

    def _noticed(self, said: Json, code: int) -> JSONResponse:
        self.calls.append(("notice", said | {"errcode": code}))
        if code == 0:
            told = " ".join(str(one["value"]) for one in said["data"].values())
            self.screens[said["touser"]].append(Shown("account", told, "notice"))
        return JSONResponse({"errcode": code, "errmsg": "ok" if code == 0 else "refused"})

    async def get_media(self, request: Request) -> Response:
        code = self._bad_token(request) or (self.faults.pop(0) if self.faults else 0)
        content = self.media.get(request.query_params.get("media_id", ""))
        if code or content is None:
            return JSONResponse({"errcode": code or 40007, "errmsg": "invalid media_id"})
        return Response(content, media_type="image/jpeg")

    async def create_menu(self, request: Request) -> JSONResponse:
        code = self._bad_token(request)
        if code == 0:
            self.menu = json.loads(await request.body())
        return JSONResponse({"errcode": code, "errmsg": ""})

    def _fault_of(self, request: Request, said: Json) -> int:
        if code := self._bad_token(request):
            return code
        if self.faults:
            return self.faults.pop(0)
        if not self.official.customer_service:
            return 48001
        if len(said["text"]["content"].encode()) > 2048:
            return 45002
        window = self.windows[said["touser"]]
        if window.until <= self.now():
            return 45015
        return 45047 if window.left <= 0 else 0

    def _bad_token(self, request: Request) -> int:
        until = self.tokens.get(request.query_params.get("access_token", ""))
        return 40001 if until is None else 42001 if until <= self.now() else 0

    def app(self, more: list[Route] | None = None) -> Starlette:
        return Starlette(
            routes=[
                Route("/cgi-bin/stable_token", self.stable_token, methods=["POST"]),
                Route("/cgi-bin/message/custom/send", self.send, methods=["POST"]),
                Route("/cgi-bin/message/subscribe/bizsend", self.send_subscribed, methods=["POST"]),
                Route("/cgi-bin/message/template/send", self.send_template, methods=["POST"]),
                Route("/cgi-bin/media/get", self.get_media),
                Route("/cgi-bin/menu/create", self.create_menu, methods=["POST"]),
                *(more or []),
            ]
        )

    @asynccontextmanager
    async def running(self, port: int = 0, more: list[Route] | None = None) -> AsyncIterator[str]:
        """Its URL, while it listens on this machine."""
        options = uvicorn.Config(
            self.app(more), "127.0.0.1", port, log_level="error", lifespan="off"
        )
        server = uvicorn.Server(options)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving

    def reaches(self, client: httpx.AsyncClient) -> None:
        """Where it delivers."""
        self._http = client


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def _cipher(key: str) -> Cipher[modes.CBC]:
    raw = base64.b64decode(key + "=")
    return Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))


def encrypted(message: bytes, key: str, app_id: str) -> str:
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = 32 - len(plain) % 32
    worker = _cipher(key).encryptor()
    return base64.b64encode(worker.update(plain + bytes([pad] * pad)) + worker.finalize()).decode()


def decrypted(sealed: str, key: str, app_id: str) -> bytes:
    worker = _cipher(key).decryptor()
    plain = worker.update(base64.b64decode(sealed)) + worker.finalize()
    plain = plain[16 : -plain[-1]]
    length = struct.unpack(">I", plain[:4])[0]
    if plain[4 + length :] != app_id.encode():
        raise ValueError("another account's")
    return plain[4 : 4 + length]


def to_xml(fields: Json) -> str:
    def one(name: str, value: Any) -> str:
        if isinstance(value, dict):
            return f"<{name}>{''.join(one(*item) for item in value.items())}</{name}>"
        if isinstance(value, int):
            return f"<{name}>{value}</{name}>"
        inside = str(value).replace("]]>", "]]]]><![CDATA[>")
        return f"<{name}><![CDATA[{inside}]]></{name}>"

    return f"<xml>{''.join(one(*item) for item in fields.items())}</xml>"


# --- for a person: a page like the chat


def pages(platform: Platform) -> list[Route]:
    """One follower, `me`; the page asks twice a second what the screen shows."""
    me, busy = "oDEMO_follower_0001", set()
    html = (Path(__file__).parent / "fake_wechat.html").read_text()

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(html)

    async def screen(request: Request) -> JSONResponse:
        window = platform.windows[me]
        left = window.left if window.until > platform.now() else 0
        lines = [vars(one) for one in platform.screens[me]]
        return JSONResponse({"lines": lines, "waiting": len(busy), "left": left})

    async def act(request: Request) -> JSONResponse:
        asked = await request.json()
        do = {"say": platform.says, "press": platform.presses}.get(asked["do"])
        work = (
            do(me, asked["text"])
            if do
            else platform.delivers(platform.event(me, asked["do"], EventKey=""))
        )
        task = asyncio.create_task(work)
        busy.add(task)
        task.add_done_callback(busy.discard)
        return JSONResponse({})

    return [
        Route("/", page),
        Route("/screen", screen),
        Route("/act", act, methods=["POST"]),
    ]


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--port", type=int, default=9200)
    options = parser.parse_args()
    platform = Platform(Official(name="demo"))
    async with httpx.AsyncClient(base_url=options.url, trust_env=False, timeout=30) as client:
        platform.reaches(client)
        async with platform.running(options.port, pages(platform)):
            await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
