"""A menu's page opens the case of who opens it: OAuth with the platform, once, for nobody else."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from router.channels.wechat.models import PageLogin
from router.parts import Parts
from tests.channels.wechat.conftest import Citizen, write_account
from tests.channels.wechat.test_joining import on_the_web
from tests.fake_wechat import Platform
from tests.fakes import FakeClock

PAGE = "/wechat/xian/page"


@pytest.fixture
async def router(processes: Any, platform: Platform, settings: Any) -> Parts:
    """Its account may ask who opens a page."""
    write_account(settings.STATE_DIR, platform.official, platform.url, oauth=True)  # type: ignore[attr-defined]
    parts, client = await processes()
    platform.reaches(client)
    return parts


@pytest.fixture
async def app(citizen: Citizen, platform: Platform) -> httpx.AsyncClient:
    """The browser inside the citizen's WeChat."""
    assert platform._http
    platform._http.headers["accept"] = "text/html"
    return platform._http


async def asks(app: httpx.AsyncClient, where: str = PAGE) -> str:
    """The platform's address that it is sent to."""
    answer = await app.get(where)
    assert answer.status_code == 302
    return answer.headers["location"]


async def allowed(url: str) -> str:
    """The platform's own redirect back, as a path of ours."""
    assert url.endswith("#wechat_redirect")
    async with httpx.AsyncClient(trust_env=False) as platform:
        answer = await platform.get(url.partition("#")[0])
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


async def opens(app: httpx.AsyncClient) -> httpx.Response:
    return await app.get(await allowed(await asks(app)))


async def test_the_menu_opens_ones_own_case_without_a_link(
    citizen: Citizen, app: httpx.AsyncClient, platform: Platform, caplog: pytest.LogCaptureFixture
):
    await citizen.agrees()
    await citizen.says("老板拖欠工资")
    answer = await opens(app)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "老板拖欠工资" in (await app.get("/")).text
    assert platform.calls[-1] == ("page token", {"errcode": 0})
    assert "PAGE-" not in caplog.text and "REFRESH-" not in caplog.text


async def test_a_case_that_was_joined_opens_as_well(citizen: Citizen, app: httpx.AsyncClient):
    talk = await on_the_web(citizen)
    code = await citizen.parts.gateway.doors.code(talk.id, talk.reference)
    await citizen.says(f"{talk.reference} {code}")
    await opens(app)
    assert talk.reference in (await app.get("/")).text


async def test_who_has_no_talk_yet_sees_the_page_where_one_begins(
    citizen: Citizen, app: httpx.AsyncClient, platform: Platform
):
    await citizen.agrees()
    platform.viewer = "oTEST_fake_openid_0000000077"
    assert (await opens(app)).headers["location"] == "/"
    assert "jy_session" not in app.cookies


async def test_a_state_is_random_and_goes_through_once(citizen: Citizen, app: httpx.AsyncClient):
    await citizen.agrees()
    first, second = await asks(app), await asks(app)
    states = [parse_qs(urlsplit(url).query)["state"][0] for url in (first, second)]
    assert len(set(states)) == 2 and all(one.isalnum() and len(one) <= 128 for one in states)
    back = await allowed(second)
    assert (await app.get(back)).status_code == 303
    assert (await app.get(back)).status_code == 410
    async with citizen.parts.db.read() as s:
        [left] = await s.scalars(select(PageLogin))
    assert not any(state in str(vars(left)) for state in states)


async def test_nobody_finishes_what_another_browser_began(
    citizen: Citizen, app: httpx.AsyncClient, platform: Platform
):
    """Login swapping: a stranger's link with the stranger's code, opened by the victim."""
    await citizen.agrees()
    back = await allowed(await asks(app))
    app.cookies.clear()
    assert (await app.get(back)).status_code == 410
    await asks(app)  # a cookie of their own does not fit the other state
    assert (await app.get(back)).status_code == 410
    assert (await app.get(f"{PAGE}/back?code=x&state=made-up")).status_code == 410
    assert "jy_session" not in app.cookies
    assert ("page token", {"errcode": 0}) not in platform.calls  # no code was given away


async def test_a_login_ends_after_ten_minutes(
    citizen: Citizen, app: httpx.AsyncClient, clock: FakeClock
):
    await citizen.agrees()
    back = await allowed(await asks(app))
    await clock.leap(timedelta(minutes=10, seconds=1))
    assert (await app.get(back)).status_code == 410


@pytest.mark.parametrize("fault", ["made up", "used", "late", "refused"])
async def test_a_bad_code_begins_anew_once_and_no_more(
    citizen: Citizen, app: httpx.AsyncClient, platform: Platform, clock: FakeClock, fault: str
):
    await citizen.agrees()

    async def bad(url: str) -> str:
        back = await allowed(url)
        code = parse_qs(urlsplit(back).query)["code"][0]
        if fault == "made up":
            return back.replace(code, "nonsense")
        if fault == "used":
            platform.codes[code].used = True
        elif fault == "late":
            await clock.leap(timedelta(minutes=5))
        else:
            platform.faults = [40029]
        return back

    answer = await app.get(await bad(await asks(app)))
    assert (answer.status_code, answer.headers["location"]) == (302, f"{PAGE}?again=1")
    code = {"used": 40163, "late": 42003}.get(fault, 40029)
    assert platform.calls[-1] == ("page token", {"errcode": code})
    answer = await app.get(await bad(await asks(app, f"{PAGE}?again=1")))
    assert answer.status_code == 410 and "jy_session" not in app.cookies


async def test_a_virtual_user_is_bound_to_nothing(
    citizen: Citizen, app: httpx.AsyncClient, platform: Platform
):
    await citizen.agrees()
    platform.snapshot = True
    assert (await opens(app)).status_code == 410
    assert "jy_session" not in app.cookies


async def test_who_has_left_the_account_opens_nothing(
    citizen: Citizen, app: httpx.AsyncClient, platform: Platform
):
    await citizen.agrees()
    await platform.delivers(platform.event(citizen.openid, "unsubscribe"))
    await opens(app)
    assert "jy_session" not in app.cookies


async def test_a_browser_that_is_there_already_lets_no_other_out(
    citizen: Citizen, app: httpx.AsyncClient
):
    await citizen.agrees()
    await opens(app)
    token = app.cookies["jy_session"]
    await opens(app)
    assert app.cookies["jy_session"] == token


async def test_an_account_without_the_interface_has_no_such_page(
    citizen: Citizen, platform: Platform, processes, settings
):
    write_account(settings.STATE_DIR, platform.official, platform.url)  # type: ignore[attr-defined]
    _, client = await processes()
    assert (await client.get(PAGE)).status_code == 404
    assert (await client.get("/wechat/nobody/page")).status_code == 404
