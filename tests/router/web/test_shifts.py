"""A lawyer's own shifts on the desk, and what becomes of a request on the supervisor's side."""

import pytest

from router.lawyers.models import Shift
from tests import factories
from tests.router.web.test_desk import OURS, PAGE, SECRET, sign_in
from tests.router.web.test_roster import at


@pytest.fixture
async def staff(parts, clock):
    """王 and 李 at the hotline on the 3rd, 赵 at the window, a supervisor."""
    names = {"wang": "王清和", "li": "李知远", "zhao": "赵启明"}
    people = {
        login: await factories.lawyer(parts.db, clock, name, login=login, password_hash=SECRET)
        for login, name in names.items()
    }
    await factories.lawyer(
        parts.db, clock, "周主管", login="boss", password_hash=SECRET, role="supervisor"
    )
    post = {"wang": "hotline", "li": "hotline", "zhao": "window"}
    shifts = {
        login: await factories.shift(parts.db, one.id, at(3, 9), at(3, 12), post=post[login])
        for login, one in people.items()
    }
    return people, shifts


async def page(client, path) -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == 200
    return answer.text


async def state(parts, shift) -> str:
    async with parts.db.read() as s:
        return (await s.get(Shift, shift.id)).state


async def test_the_desk_leads_to_ones_own_shifts_and_who_is_there_as_well(client, parts, staff):
    people, shifts = staff
    await factories.shift(parts.db, people["wang"].id, at(17, 9), at(17, 12))
    await sign_in(client, "wang")
    assert "/desk/shifts" in await page(client, "/desk")
    shown = await page(client, "/desk/shifts")
    assert "3月3日 周二（明天）" in shown and "09:00 到 12:00" in shown and "热线" in shown
    assert "和李知远一起" in shown
    assert "赵启明" not in shown, "is at another post"
    assert "3月17日" not in shown, "two weeks"
    assert shifts["li"].id not in shown


async def test_leave_is_asked_on_the_desk_and_granted_on_the_roster(client, parts, staff):
    _, shifts = staff
    mine = shifts["wang"]
    await sign_in(client, "wang")
    here = f"/desk/shifts/{mine.id}"
    answer = await client.post(here, data={"what": "leave"}, headers=OURS)
    assert answer.headers["location"] == f"/desk/shifts#s-{mine.id}"
    assert "等主管同意：请假" in await page(client, "/desk/shifts")
    assert await state(parts, mine) == "planned"
    await sign_in(client, "boss")
    assert "1 条请假、换班申请" in await page(client, "/board")
    asked = await page(client, "/board/roster")
    assert "律师的申请" in asked and "王清和" in asked
    request_id = asked.split("/board/roster/requests/")[1].split('"')[0]
    grant = f"/board/roster/requests/{request_id}"
    assert (await client.post(grant, data={"granted": "yes"}, headers=OURS)).status_code == 303
    assert await state(parts, mine) == "leave"
    assert "律师的申请" not in await page(client, "/board/roster")
    await sign_in(client, "wang")
    assert "已请假" in await page(client, "/desk/shifts")


async def test_a_swap_is_asked_by_the_colleagues_name_and_refused(client, parts, staff):
    people, shifts = staff
    other = await factories.shift(parts.db, people["zhao"].id, at(4, 9), at(4, 12))
    await sign_in(client, "wang")
    here = f"/desk/shifts/{shifts['wang'].id}"
    found = await page(client, f"{here}?who=启明")
    assert "申请这个班给赵启明" in found and "3月4日 周三 09:00 到 12:00" in found
    await client.post(here, data={"what": "exchange", "other": other.id}, headers=OURS)
    await sign_in(client, "boss")
    asked = await page(client, "/board/roster")
    assert "和赵启明的3月4日 周三 09:00 到 12:00，网上，固定坐席互换" in asked
    request_id = asked.split("/board/roster/requests/")[1].split('"')[0]
    await client.post(f"/board/roster/requests/{request_id}", data={"granted": "no"}, headers=OURS)
    await sign_in(client, "wang")
    assert "主管没有同意：和赵启明的" in await page(client, "/desk/shifts")


async def test_a_request_is_taken_back(client, staff):
    _, shifts = staff
    await sign_in(client, "wang")
    here = f"/desk/shifts/{shifts['wang'].id}"
    await client.post(here, data={"what": "leave"}, headers=OURS)
    assert "撤回申请" in await page(client, here)
    await client.post(here, data={"what": "withdraw"}, headers=OURS)
    assert "等主管同意" not in await page(client, "/desk/shifts")


async def test_nobody_asks_about_anothers_shift_or_answers_requests_themselves(client, staff):
    _, shifts = staff
    await sign_in(client, "wang")
    theirs = f"/desk/shifts/{shifts['li'].id}"
    assert (await client.get(theirs, headers=PAGE)).status_code == 404
    assert (await client.post(theirs, data={"what": "leave"}, headers=OURS)).status_code == 404
    granted = await client.post("/board/roster/requests/x", data={"granted": "yes"}, headers=OURS)
    assert granted.status_code == 403


async def test_a_supervisor_puts_a_shift_at_another_post(client, parts, staff):
    people, shifts = staff
    await sign_in(client, "boss")
    here = f"/board/roster/shifts/{shifts['zhao'].id}"
    assert "改岗位" in await page(client, here)
    form = {"what": "post", "post": "kiosk", "seat": "cloud"}
    assert (await client.post(here, data=form, headers=OURS)).status_code == 303
    shown = await page(client, "/board/roster?week=2026-03-03")
    assert "自助机 · 09:00 到 12:00 · 云坐席" in shown
    wrong = await client.post(here, data={**form, "post": "roof"}, headers=OURS)
    assert wrong.status_code == 422
    assert people["zhao"].post is None


async def test_the_board_and_the_desk_say_at_which_post_somebody_is(client, parts, clock, staff):
    people, _ = staff
    now = clock.now()
    await parts.dispatch.duty(people["li"].id, on=False)
    await factories.shift(parts.db, people["li"].id, now, at(2, 12), post="hotline")
    await parts.dispatch.duty(people["li"].id, on=True)
    await sign_in(client, "li")
    assert "在热线岗" in await page(client, "/desk")
    await sign_in(client, "boss")
    assert "热线岗" in await page(client, "/board")
