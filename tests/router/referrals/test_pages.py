"""The supervisor's page of referrals and the duty lawyer's call-back case, without a browser."""

from datetime import timedelta

import pytest

from router.lawyers.service import hash_password
from tests.fake_partner import EXAMPLE

SECRET = hash_password("geheim")
PAGE = {"Accept": "text/html"}
OURS = {"Origin": "http://test", **PAGE}


@pytest.fixture
async def boss(office):
    await office.lawyer(
        "主管", login="boss", role="supervisor", on_duty=False, password_hash=SECRET
    )
    await sign_in(office, "boss")


async def sign_in(office, login: str) -> None:
    form = {"login": login, "password": "geheim"}
    answer = await office.client.post("/desk/login", data=form, headers=OURS)
    assert answer.status_code == 303


async def shown(office, path: str = "/board/referrals") -> str:
    answer = await office.client.get(path, headers=PAGE)
    assert answer.status_code == 200
    return answer.text


async def write(office, referral, **form) -> object:
    return await office.client.post(f"/board/referrals/{referral.id}", data=form, headers=OURS)


async def test_only_the_supervisor_sees_and_answers(office):
    _, referral = await office.referred()
    assert (await office.client.get("/board/referrals", headers=PAGE)).status_code == 303
    await office.lawyer(login="wang", password_hash=SECRET)
    await sign_in(office, "wang")
    assert (await office.client.get("/board/referrals", headers=PAGE)).status_code == 403
    assert (await write(office, referral, to="accepted")).status_code == 403
    assert await office.state(referral) == "sent"


async def test_a_form_of_another_site_changes_nothing(office, boss):
    _, referral = await office.referred()
    answer = await office.client.post(
        f"/board/referrals/{referral.id}", data={"to": "accepted"},
        headers={"Origin": "http://evil.example"},
    )  # fmt: skip
    assert answer.status_code == 403 and await office.state(referral) == "sent"


async def test_the_page_shows_both_ways_with_deadlines_and_nothing_of_a_person(office, boss):
    talk, out = await office.referred()
    came = (await (await office.way(days=1)).send()).json()["receipt"]
    html = await shown(office)
    for word in (out.receipt, came, EXAMPLE["number"], talk.reference, "还有 30 天", "还有 1 天"):
        assert word in html
    for word in (EXAMPLE["told"], "张三", "1390000"):
        assert word not in html


async def test_accepted_returned_and_closed_are_each_one_form(office, boss):
    for to, more in (
        ("accepted", {}),
        ("returned", {"words": "不归我们管"}),
        ("closed", {"outcome": "agreed", "words": ""}),
    ):
        _, referral = await office.referred()
        answer = await write(office, referral, to=to, **more)
        assert answer.headers["location"] == f"/board/referrals#r-{referral.id}"
        assert await office.state(referral) == to


@pytest.mark.parametrize(
    "form", [{"to": "returned"}, {"to": "returned", "words": " "}, {"to": "closed"}, {"to": "x"}]
)
async def test_what_is_not_whole_is_said_on_the_page_and_changes_nothing(office, boss, form):
    _, referral = await office.referred()
    answer = await write(office, referral, **form)
    assert answer.status_code == 422 and "请检查后再试" in answer.text
    assert await office.state(referral) == "sent"


async def test_who_comes_second_is_told_that_it_has_ended(office, boss):
    _, referral = await office.referred()
    await write(office, referral, to="closed", outcome="agreed")
    answer = await write(office, referral, to="returned", words="晚了")
    assert answer.status_code == 409 and "已经有了别的处理结果" in answer.text


async def test_what_another_organ_sent_cannot_be_answered_for_it(office, boss):
    receipt = (await (await office.way()).send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    answer = await write(office, referral, to="closed", outcome="done")
    assert answer.status_code == 404 and await office.state(referral) == "sent"


async def test_an_overdue_one_is_an_alarm_on_the_board_and_on_its_own_page(office, boss):
    _, referral = await office.referred()
    assert "件转办" not in await shown(office, "/board")
    await office.clock.leap(referral.due_at - office.clock.now() + timedelta(minutes=1))
    await office.parts.dispatch.timers.fire_due()
    await office.lawyer("主管二", login="boss2", role="supervisor", password_hash=SECRET)
    await sign_in(office, "boss2")
    assert "1 件转办" in await shown(office, "/board")
    html = await shown(office)
    assert "已过期限" in html and "已过 1 天" in html


async def test_the_duty_lawyer_sees_whom_to_call_and_what_was_told_and_cannot_type_into_nowhere(
    office,
):
    await office.lawyer(login="wang", password_hash=SECRET)
    receipt = (await (await office.way()).send(facts={"household_size": 3})).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await sign_in(office, "wang")
    offered = await shown(office, "/desk")
    assert "12345 热线转来" in offered and "1390000" not in offered
    await office.accept(referral.ticket_id)
    case = await shown(office, f"/desk/tickets/{referral.ticket_id}")
    for word in (
        'href="tel:13900000000"', "张三", "下午", EXAMPLE["told"], "某建筑公司", EXAMPLE["number"],
        "劳动报酬",
    ):  # fmt: skip
        assert word in case, word
    assert "对当事人说" not in case and "机器听成" not in case


async def test_an_organs_words_are_shown_as_words(office, boss, organ, mediators):
    _, referral = await office.referred("legal_aid_application")
    wang = await office.lawyer(login="wang", password_hash=SECRET)
    await office.parts.dispatch.offer(referral.ticket_id)
    await office.accept(referral.ticket_id)
    said = "<script>document.title='坏'</script>"
    await write(office, referral, to="returned", words=said)
    html = await shown(office, f"/desk/tickets/{referral.ticket_id}")
    assert "退回：&lt;script&gt;" in html and said not in html
    assert wang
