"""Those without an account: a committee opens its one case, the other side says yes or no and when,
and nobody reads more than is theirs."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from router.audit import AuditEntry
from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms.port import Sms
from router.channels.hotline.sms.sides import Sides
from router.conversations.models import Conversation
from router.lawyers.models import Lawyer
from router.mediation import doors, meetings, texts
from router.mediation.models import MediationDoor, MediationMeeting
from tests.router.mediation.conftest import Hall
from tests.router.mediation.test_pages import page, sign_in, step
from tests.router.web.test_desk import OURS, PAGE, SECRET


@pytest.fixture
async def zheng(hall, client):
    async with hall.db.write() as s:
        await s.execute(update(Lawyer).values(password_hash=SECRET))
    await sign_in(client, "zheng")


async def code_of(hall: Hall, one, side: str) -> str:
    async with hall.db.read() as s:
        door = await doors.live(s, one.id, side, hall.clock.now())
        return door.told["code"]


async def on_a_phone(client, code: str, status: int = 303) -> str:
    """Another device: it opens the link and has nothing of the office's."""
    client.cookies.clear()
    assert (await client.get(f"/m/{code}", headers=PAGE)).status_code == 200
    answer = await client.post("/m/enter", data={"code": code}, headers=OURS | PAGE)
    assert answer.status_code == status, answer.text
    return answer.headers.get("location", answer.text)


async def say(client, path: str, status: int = 303, **data: str) -> None:
    answer = await client.post(f"/m/mine/{path}", data=data, headers=OURS)
    assert answer.status_code == status, answer.text


def at(days: int, clock) -> str:
    """11:00 in China, so many days from Monday, 2 March 2026."""
    return (clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT11:00")


async def test_the_other_side_says_yes_picks_a_time_and_reads_nothing_of_the_citizen(
    hall, client, clock, zheng
):
    talk, ticket_id = await hall.chosen(details={"note": "邻居砌墙", "region": "长街8号"})
    one = await hall.mediation(ticket_id)
    await step(client, one, "door", side="respondent", about="院墙的事")
    assert await hall.state(one) == "invited"
    shown = await page(client, f"/mediation/{one.id}")
    code = await code_of(hall, one, "respondent")
    assert code in shown and "邀请函" in shown
    letter = await client.get(f"/mediation/{one.id}/respondent.pdf", headers=PAGE)
    assert letter.content.startswith(b"%PDF")
    times = {"how": "offer", "at": [at(1, clock), at(2, clock)], "place": "调委会二楼"}
    await step(client, one, "meeting", **times)
    assert await on_a_phone(client, code) == "/m/mine"
    guest = await page(client, "/m/mine")
    assert "院墙的事" in guest and "清河县调委会" in guest and "请选一个时间" not in guest
    assert not [x for x in ("砌墙", "长街8号", talk.reference, "摘要") if x in guest]
    await page(client, f"/mediation/{one.id}", 303)
    await say(client, "answer", said="yes")
    assert await hall.state(one) == "agreed"
    async with hall.db.read() as s:
        offered = await meetings.of(s, one.id, "offered", clock.now())
    await say(client, "pick", meeting=offered[1].id)
    await say(client, "pick", 409, meeting=offered[0].id)
    assert "3月4日（周三）11:00" in await page(client, "/m/mine")
    await hall.fire()
    assert "调解定在3月4日（周三）11:00，地点：调委会二楼" in (await hall.said_to(talk))[-1]
    assert "下次调解：3月4日" in await hall.parts.routing.status(talk.id)


async def test_a_link_lets_one_browser_in_once_and_every_wrong_one_hears_the_same(
    hall, client, clock, zheng
):
    one = await hall.begun()
    await step(client, one, "door", side="respondent", about="院墙")
    code = await code_of(hall, one, "respondent")
    async with hall.db.read() as s:
        row = await s.scalar(select(MediationDoor))
        assert code.replace("-", "") not in row.code_index and code.encode() not in row.told_sealed
    await on_a_phone(client, code.lower().replace("-", ""))
    again = await client.get(f"/m/{code}", headers=PAGE)
    assert again.headers["location"] == "/m/mine", "the same browser may open the link again"
    used = await on_a_phone(client, code, 410)
    unknown = await on_a_phone(client, doors.new_code(), 410)
    assert used == unknown
    await sign_in(client, "zheng")
    await step(client, one, "door", side="respondent", about="院墙")
    fresh = await code_of(hall, one, "respondent")
    await step(client, one, "door/close", side="respondent")
    assert await on_a_phone(client, fresh, 410) == unknown, "taken back"
    await sign_in(client, "zheng")
    await step(client, one, "door", side="respondent", about="院墙")
    late = await code_of(hall, one, "respondent")
    clock._now += doors.GOOD_FOR
    assert await on_a_phone(client, late, 410) == unknown, "expired"


async def test_a_clear_no_by_the_link_ends_it_and_closes_the_questions(hall, client, zheng):
    one = await hall.begun()
    await step(client, one, "door", side="respondent", about="院墙")
    await on_a_phone(client, await code_of(hall, one, "respondent"))
    await say(client, "answer", said="no")
    assert await hall.state(one) == "refused"
    assert "已经结束" in await page(client, "/m/mine")
    await say(client, "answer", 409, said="yes")


async def test_who_has_agreed_may_stop_and_nobody_comes_for_nothing(hall, client, clock, zheng):
    one = await hall.begun()
    await step(client, one, "door", side="respondent", about="院墙")
    code = await code_of(hall, one, "respondent")
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    await step(client, one, "meeting", at=at(1, clock), place="调委会")
    await on_a_phone(client, code)
    await say(client, "answer", said="no")
    assert await hall.state(one) == "withdrawn"
    async with hall.db.read() as s:
        assert await s.scalar(select(MediationMeeting.state)) == "off"


VIOLENT = [{"facts": {"violence": "suffered"}}, {"facts": {"danger": "violence_now"}}]


@pytest.mark.parametrize("told", VIOLENT)
async def test_the_other_side_is_never_asked_once_violence_was_told(hall, client, zheng, told):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    async with hall.db.write() as s:  # it was told after the ticket was opened
        row = await s.get(Conversation, talk.id)
        row.intake = json.dumps({**json.loads(row.intake), **told})
    await step(client, one, "door", 409, side="respondent", about="院墙")
    assert await hall.state(one) == "proposed" and await hall.count(MediationDoor) == 0


@pytest.mark.parametrize("about", ["他电话13912345678", "住柳溪路8号3单元402室的事", ""])
async def test_what_the_other_side_reads_tells_no_number_and_no_address(hall, client, zheng, about):
    one = await hall.begun()
    await step(client, one, "door", 422, side="respondent", about=about)
    assert await hall.count(MediationDoor) == 0


async def test_a_committee_without_an_account_works_on_its_one_case_alone(hall, client, clock):
    one, other = await hall.begun(), await hall.begun()
    await hall.parts.sides.let_committee_in(one.id, "boss", None)
    code = await code_of(hall, one, "committee")
    assert await on_a_phone(client, code) == f"/mediation/{one.id}"
    shown = await page(client, f"/mediation/{one.id}")
    assert "看当事人说的话" not in shown and "换一个调委会" not in shown and "退回" in shown
    await page(client, f"/mediation/{other.id}", 303)
    await page(client, f"/mediation/{one.id}/talk", 303)
    await page(client, "/mediation", 303)
    await page(client, "/m/mine", 410)
    await step(client, one, "door", 422, side="committee")
    await step(client, one, "invite")
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    await step(client, one, "session", words="谈了")
    assert "调解员（凭链接）" in await page(client, f"/mediation/{one.id}")
    async with hall.db.read() as s:
        seen = list(await s.scalars(select(AuditEntry.action).where(AuditEntry.who.like("door:%"))))
    assert {"entered", "read_mediation", "mediation_consent"} <= set(seen)
    await hall.parts.sides.take_back(one.id, "boss", "committee")
    await page(client, f"/mediation/{one.id}", 303)


async def test_a_committee_that_cannot_take_it_returns_it_and_a_lawyer_goes_on(hall, client):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    await hall.parts.sides.let_committee_in(one.id, "boss", None)
    await on_a_phone(client, await code_of(hall, one, "committee"))
    await step(client, one, "fail", 422, to="returned", words=" ")
    await step(client, one, "fail", to="returned", words="调解员都在外地")
    assert (await hall.referral(one)).status == "returned"
    ticket = await hall.ticket(ticket_id)
    assert (ticket.status, ticket.destination) == ("open", "duty_lawyer")
    await hall.fire()
    assert "没有接办这件事：调解员都在外地" in (await hall.said_to(talk))[-1]


async def test_a_meeting_is_moved_and_called_off_with_a_reason_and_reminded_of_the_day_before(
    hall, client, clock, zheng
):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    await step(client, one, "meeting", 409, at=at(1, clock), place="调委会")
    await step(client, one, "invite")
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    saturday = {"at": at(5, clock), "place": "调委会"}
    await step(client, one, "meeting", 422, **saturday)
    await step(client, one, "meeting", **saturday, days_off="yes")
    await step(client, one, "meeting", 422, at=at(7, clock), place="调委会")
    await step(client, one, "meeting", at=at(7, clock), place="村委会", words="申请人要上班")
    await hall.fire()
    assert "调解改到3月9日（周一）11:00" in (await hall.said_to(talk))[-1]
    assert "申请人要上班" in (await hall.said_to(talk))[-1]
    await hall.day_passes(5)
    assert not [x for x in await hall.said_to(talk) if x.startswith("提醒")], "Saturday has moved"
    await hall.day_passes()
    assert (await hall.said_to(talk))[-1].startswith("提醒：3月9日（周一）11:00调解，地点：村委会")
    async with hall.db.read() as s:
        (fixed,) = await meetings.of(s, one.id, "set", clock.now())
    await sign_in(client, "zheng")
    await step(client, one, "meeting/off", 422, meeting=fixed.id, words=" ")
    await step(client, one, "meeting/off", meeting=fixed.id, words="调解员病了")
    await hall.fire()
    assert "调解取消了。原因：调解员病了" in (await hall.said_to(talk))[-1]
    await step(client, one, "meeting/off", 409, meeting=fixed.id, words="再取消")


async def test_a_meeting_in_the_past_or_too_far_or_without_a_place_is_none(
    hall, client, clock, zheng
):
    one = await hall.begun()
    await step(client, one, "invite")
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    for days, place in ((-1, "调委会"), (93, "调委会"), (1, " ")):
        await step(client, one, "meeting", 422, at=at(days, clock), place=place)
    await step(client, one, "meeting", at=at(91, clock), place="调委会")


class Texter:
    """A carrier of messages that is played."""

    name, links = "played", True

    def __init__(self) -> None:
        self.sent: list[Sms] = []
        self.refuses: list[CarrierError] = []
        self.again: list[bool] = []

    async def send(self, sms: Sms, again: bool) -> str:
        self.again.append(again)
        if self.refuses:
            raise self.refuses.pop(0)
        self.sent.append(sms)
        return "1"


@pytest.fixture
def texter(hall) -> Texter:
    played = Texter()
    hall.parts.texts_links = True
    hall.parts.dispatch.timers.also[texts.TEXT] = Sides(hall.parts, played).send
    return played


async def test_the_invitation_by_message_names_the_committee_and_nothing_of_the_case(
    hall, client, zheng, texter
):
    one = await hall.begun(details={"note": "邻居砌墙"})
    await step(client, one, "door", 422, side="respondent", about="院墙", number="0531-12345678")
    await step(client, one, "door", side="respondent", about="院墙", number="139 1234 5678")
    code = await code_of(hall, one, "respondent")
    await hall.fire()
    (sms,) = texter.sent
    assert (sms.to, sms.blanks["code"]) == ("13912345678", code)
    assert f"/m/{code}" in sms.text and "清河县调委会" in sms.text and "墙" not in sms.text
    assert "短信已发，还没有打开" in await page(client, f"/mediation/{one.id}")
    await hall.fire()
    assert len(texter.sent) == 1
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    await step(client, one, "meeting", at=at(2, hall.clock), place="村东头老王家")
    await hall.fire()
    assert "3月4日（周三）11:00" in texter.sent[-1].text and "老王家" not in texter.sent[-1].text


async def test_a_message_whose_answer_was_lost_is_asked_for_before_it_is_sent_again(
    hall, client, clock, zheng, texter
):
    one = await hall.begun()
    texter.refuses = [CarrierError("timeout", unknown=True)]
    await step(client, one, "door", side="respondent", about="院墙", number="13912345678")
    await hall.fire()
    assert texter.sent == []
    clock._now += timedelta(seconds=29)
    await hall.fire()
    assert texter.again == [False]
    clock._now += timedelta(seconds=1)
    await hall.fire()
    assert texter.again == [False, True] and len(texter.sent) == 1


async def test_a_message_that_no_carrier_takes_leaves_the_paper(hall, client, zheng, texter):
    one = await hall.begun()
    texter.refuses = [CarrierError("isv.MOBILE_NUMBER_ILLEGAL")]
    await step(client, one, "door", side="respondent", about="院墙", number="13912345678")
    await hall.fire()
    shown = await page(client, f"/mediation/{one.id}")
    assert "短信没有发出" in shown and "打印邀请函" in shown
