"""Files for the browser: our own, and an explicit list out of node_modules."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from router.errors import NotFound, RouterError
from router.settings import ROOT

VENDOR = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sse.min.js": "htmx-ext-sse/dist/sse.min.js",
}
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=300"}


class VendorMissing(RouterError):
    """网页的组件没有装好，请管理员运行 ./jieyuan up 重新安装。"""

    status = 503


class Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response


async def vendor(file: str) -> Response:
    if file not in VENDOR:
        raise NotFound(file=file)
    path = ROOT / "node_modules" / VENDOR[file]
    if not path.is_file():
        raise VendorMissing(file=file)
    return FileResponse(path, headers=HEADERS, media_type="text/javascript")


def mount(app: FastAPI) -> None:
    app.add_api_route("/static/vendor/{file}", vendor, include_in_schema=False)
    app.mount("/static", Files(directory=Path(__file__).parent / "static"), name="static")
