"""Templates to pages and fragments, with the headers that every page carries."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from router.errors import RouterError
from router.settings import Settings
from router.web import words

FOLDER = Path(__file__).parent
KIOSK = "jy_kiosk"  # a cookie: this browser stands in a hall or in the street
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would make a form's Origin "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}

_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters.update(clock_time=words.clock_time, day_time=words.day_time)
_templates.globals.update(words=words)


def fragment(name: str, **context: Any) -> str:
    return _templates.get_template(name).render(context)


def page(
    request: Request,
    name: str,
    status: int = 200,
    more_headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    settings = _settings(request)
    context.setdefault("demo", bool(settings and settings.JIEYUAN_ENV == "demo"))
    context.setdefault("kiosk", KIOSK in request.cookies)
    headers = {**HEADERS, **(more_headers or {})}
    if is_https(request):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return HTMLResponse(fragment(name, **context), status, headers)


def part(html: str, status: int = 200) -> Response:
    """A piece of a page, for htmx and the long poll."""
    return HTMLResponse(html, status, HEADERS)


def part_or_page(request: Request, html: str, page_path: str) -> Response:
    """The changed piece for htmx; the whole page for a form sent before the scripts were there."""
    return part(html) if "HX-Request" in request.headers else RedirectResponse(page_path, 303)


def wants_page(request: Request) -> bool:
    """A person is looking (browser or htmx), not a program."""
    if request.url.path.startswith(("/api/", "/internal/")):
        return False
    return "HX-Request" in request.headers or "text/html" in request.headers.get("accept", "")


def error_page(request: Request, error: RouterError) -> Response:
    """The error's sentence and a way on; never what went wrong inside."""
    path = request.url.path
    desk = next(
        (home for home in ("/mediation", "/desk", "/board", "/quality") if path.startswith(home)),
        "",
    )
    desk = "/desk" if desk in ("/board", "/quality") else desk  # it leads a supervisor on
    return page(request, "error.html", error.status, error.headers, error=error, desk=desk)


def is_https(request: Request) -> bool:
    settings = _settings(request)
    return request.url.scheme == "https" or bool(
        settings and settings.PUBLIC_URL.startswith("https:")
    )


def _settings(request: Request) -> Settings | None:
    wired = getattr(request.app.state, "parts", None)
    return wired.settings if wired else None
