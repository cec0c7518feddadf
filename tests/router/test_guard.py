import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from router.guard import BodyLimit

LIMIT = 64 * 1024


async def swallow(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
async def guarded():
    app = BodyLimit(Starlette(routes=[Route("/", swallow, methods=["POST"])]), at_most=LIMIT)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_body_of_exactly_the_limit_is_taken(guarded):
    answer = await guarded.post("/", content=b"x" * LIMIT)
    assert (answer.status_code, answer.text) == (200, str(LIMIT))


async def test_one_byte_more_is_refused_with_a_sentence(guarded):
    answer = await guarded.post("/", content=b"x" * (LIMIT + 1))
    assert answer.status_code == 413
    assert answer.json()["error"] == "内容太长了，请分几次发送。"


async def test_a_body_without_a_length_is_counted_as_it_comes(guarded):
    async def pieces():
        for _ in range(80):
            yield b"x" * 1024

    assert (await guarded.post("/", content=pieces())).status_code == 413


async def test_a_length_that_is_no_number_is_refused(guarded):
    answer = await guarded.post("/", content=b"x", headers={"content-length": "-1"})
    assert answer.status_code == 413
