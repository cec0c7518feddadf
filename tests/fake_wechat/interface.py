"""What the account calls, with the documented error codes."""

import json
import os

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fake_wechat.state import Shown, State
from tests.fake_wechat.wire import Json


class Interface(State):
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

    def interface(self) -> list[Route]:
        return [
            Route("/cgi-bin/stable_token", self.stable_token, methods=["POST"]),
            Route("/cgi-bin/message/custom/send", self.send, methods=["POST"]),
            Route("/cgi-bin/message/subscribe/bizsend", self.send_subscribed, methods=["POST"]),
            Route("/cgi-bin/message/template/send", self.send_template, methods=["POST"]),
            Route("/cgi-bin/media/get", self.get_media),
            Route("/cgi-bin/menu/create", self.create_menu, methods=["POST"]),
        ]
