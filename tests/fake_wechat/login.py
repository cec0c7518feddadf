"""OAuth for pages: who opens one inside the app is told to the account by a code, once."""

import os
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.fake_wechat.state import CODE_LIFE, Code, State


class Login(State):
    async def authorize(self, request: Request) -> Response:
        """Silent (snsapi_base); the order of the parameters and the domain are looked at."""
        asked = request.query_params
        names = ["appid", "redirect_uri", "response_type", "scope", "state"]
        state, back = asked.get("state", ""), asked.get("redirect_uri", "")
        if list(asked) != names or asked["appid"] != self.official.app_id:
            return PlainTextResponse("系统错误,错误码:10012")
        if urlsplit(back).netloc != self.official.page_domain:
            return PlainTextResponse("redirect_uri域名与后台配置不一致,错误码:10003")
        if asked["scope"] != "snsapi_base" or not (state.isascii() and state.isalnum()):
            return PlainTextResponse("Scope 参数错误或没有 Scope 权限,错误码:10005")
        code = f"{len(self.codes):03}{os.urandom(12).hex()}"
        self.codes[code] = Code(self.viewer, self.now() + CODE_LIFE)
        return RedirectResponse(f"{back}?code={code}&state={state}", 302)

    async def page_token(self, request: Request) -> JSONResponse:
        """GET /sns/oauth2/access_token: its token has nothing to do with the interface's."""
        asked = request.query_params
        error = self._fault_of_code(dict(asked))
        self.calls.append(("page token", {"errcode": error}))
        if error:
            return JSONResponse({"errcode": error, "errmsg": "refused, rid: 1"})
        code = self.codes[asked["code"]]
        code.used = True
        told = {
            "access_token": f"PAGE-{os.urandom(16).hex()}",
            "expires_in": 7200,
            "refresh_token": f"REFRESH-{os.urandom(16).hex()}",
            "openid": code.openid,
            "scope": "snsapi_base",
        }
        return JSONResponse(told | ({"is_snapshotuser": 1} if self.snapshot else {}))

    def _fault_of_code(self, asked: dict[str, str]) -> int:
        if self.faults:
            return self.faults.pop(0)
        if asked.get("appid") != self.official.app_id:
            return 40013
        if asked.get("secret") != self.official.secret:
            return 40125
        code = self.codes.get(asked.get("code", ""))
        if code is None or asked.get("grant_type") != "authorization_code":
            return 40029
        if code.used:
            return 40163
        return 42003 if code.until <= self.now() else 0

    def login(self) -> list[Route]:
        return [
            Route("/connect/oauth2/authorize", self.authorize),
            Route("/sns/oauth2/access_token", self.page_token),
        ]
