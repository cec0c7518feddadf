"""Who is kept out of an application, and who is not."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from router.applications.files import of
from router.conversations.models import Evidence
from router.errors import TooLarge
from router.guard import BodyLimit
from router.web.applyform import UPLOAD_MAX_BYTES
from tests import factories
from tests.router.applications.conftest import PHOTO
from tests.router.applications.test_pages import CODE, ORIGIN, begin, reviewer  # noqa: F401


def at(app, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=ORIGIN)


async def test_strangers_who_know_the_reference_make_its_owner_wait_but_never_lock_them_out(
    institution, app, client, clock
):
    reference, code = await begin(institution, client)
    for number in range(4):
        async with at(app, f"10.0.0.{number}") as stranger:
            wrong = {"reference": reference, "code": "2222-2222"}
            tries = [asyncio.create_task(stranger.post("/apply/enter", data=wrong)) for _ in "123"]
            while not all(one.done() for one in tries):
                await clock.advance(timedelta(seconds=2))
    async with at(app, "10.9.9.9") as owner:
        right = {"reference": reference, "code": code}
        entering = asyncio.create_task(owner.post("/apply/enter", data=right))
        while not entering.done():
            await clock.advance(timedelta(seconds=2))
        assert entering.result().status_code == 200 and CODE.search(entering.result().text)


async def test_who_leaves_a_borrowed_telephone_leaves_it_shut(institution, client):
    await begin(institution, client)
    cookie = client.cookies.get("jy_apply", path="/apply")
    left = await client.post("/apply/leave", headers=ORIGIN)
    assert left.headers["location"] == "/apply" and not client.cookies.get("jy_apply")
    client.cookies.set("jy_apply", cookie)
    assert (await client.get("/apply/status")).headers["location"] == "/apply"


async def test_papers_of_an_application_are_not_the_tickets_to_show(
    institution,
    app,
    reviewer,  # noqa: F811
):
    it = await institution.submitted()
    await institution.desk.papers.add(it.id, "identity", PHOTO)
    async with institution.db.write() as s:
        ((paper, _),) = await of(s, it)
        row = await s.scalar(select(Evidence).where(Evidence.id == paper.evidence_id))
    await factories.ticket(institution.db, institution.clock, it.conversation_id)
    assert (await reviewer.get(f"/desk/evidence/{row.id}")).status_code == 404
    shown = await reviewer.get(f"/desk/applications/{it.id}/papers/{paper.id}")
    assert shown.content == PHOTO


async def test_nobody_reads_a_strangers_ten_megabytes_before_knowing_who_sends_them(app):
    taken = 0

    async def pieces():
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 100_000

    async with at(app, "10.0.0.1") as stranger:
        for where in ("/apply/papers", "/desk/applications/papers", "/board/roster/import"):
            head = {"Content-Type": "multipart/form-data; boundary=b"}
            refused = await stranger.post(where, content=pieces(), headers=head)
            assert refused.status_code in (401, 403)
    assert taken == 0


@pytest.mark.parametrize(("size", "status"), [(UPLOAD_MAX_BYTES, 200), (UPLOAD_MAX_BYTES + 1, 413)])
async def test_a_file_is_counted_as_it_comes_to_who_may_send_it(size, status):
    async def swallow(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    async def refuse(request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("", status_code=413)

    async def pieces():
        whole, rest = divmod(size, 65536)
        for _ in range(whole):
            yield b"x" * 65536
        yield b"x" * rest

    inner = Starlette(routes=[Route("/", swallow, methods=["POST"])])
    inner.add_exception_handler(TooLarge, refuse)
    app = BodyLimit(inner, at_most=10, larger={"/": UPLOAD_MAX_BYTES})
    async with at(app, "10.0.0.1") as client:
        assert (await client.post("/", content=pieces())).status_code == status
