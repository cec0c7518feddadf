"""Promise 5: only one speaks, bot or lawyer; the outbound door refuses the other."""

import asyncio

import pytest
from sqlalchemy import update

from router.clock import Clock
from router.db import Database
from router.errors import EmptyMessage, FloorTaken, NotFound
from router.events import NobodyThere, OfferAccepted, TicketClosed, TicketReturned
from router.gateway.desk_news import DeskNews
from router.gateway.service import Gateway
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from tests import factories
from tests.fakes import FakeBot, FakeRouting, until
from tests.router.gateway.conftest import Citizen


@pytest.fixture
async def lawyer(db: Database, clock: Clock) -> Lawyer:
    return await factories.lawyer(db, clock, "王敏")


@pytest.fixture
async def talk(db: Database, clock: Clock, citizen: Citizen, lawyer: Lawyer) -> Ticket:
    """A ticket of the citizen that the lawyer has accepted."""
    return await factories.ticket(db, clock, citizen.id, status="accepted", owner=lawyer.id)


async def ends(talk: Ticket, db: Database) -> None:
    async with db.write() as s:
        await s.execute(update(Ticket).where(Ticket.id == talk.id).values(status="closed"))


async def test_without_a_ticket_the_bot_speaks(citizen: Citizen):
    async with citizen.gateway.db.read() as s:
        assert await citizen.gateway.speaker(s, citizen.id) == "bot"


@pytest.mark.parametrize(
    ("status", "who"),
    [("open", "bot"), ("offered", "bot"), ("accepted", "lawyer"), ("closed", "bot")],
)
async def test_the_tickets_status_says_who_speaks(
    citizen: Citizen, db: Database, clock, status: str, who: str
):
    await factories.ticket(db, clock, citizen.id, status=status)
    async with db.read() as s:
        assert await citizen.gateway.speaker(s, citizen.id) == who


async def test_an_alarm_during_the_talk_does_not_silence_the_lawyer(
    citizen: Citizen, talk: Ticket, lawyer: Lawyer, db: Database, clock
):
    await factories.ticket(db, clock, citizen.id, status="offered", urgency=0)
    await citizen.gateway.lawyer_says(talk.id, lawyer.id, "您先别急")
    assert await citizen.reads("lawyer") == ["您先别急"]


async def test_a_lawyers_citizen_is_not_sent_to_the_bot(
    citizen: Citizen, talk: Ticket, bot: FakeBot
):
    await citizen.says("律师您好")
    await citizen.is_served()
    [line] = await citizen.lines()
    assert (line.turn, bot.turns) == ("to_person", [])


async def test_danger_told_to_a_lawyer_still_brings_110_and_an_alarm(
    citizen: Citizen, talk: Ticket, bot: FakeBot, routing: FakeRouting
):
    await citizen.says("他又来了,正在打我,救命")
    await citizen.is_served()
    assert "110" in (await citizen.reads("system"))[0]
    assert routing.alarms and not bot.turns


async def test_a_late_word_of_the_bot_is_dropped_once_the_lawyer_has_accepted(
    citizen: Citizen, bot: FakeBot, db: Database, clock, lawyer: Lawyer
):
    bot.hold("after")
    await citizen.says("老板拖欠工资")
    await until(lambda: bot.turns)
    await factories.ticket(db, clock, citizen.id, status="accepted", owner=lawyer.id)
    bot.release()
    await citizen.is_served()
    [line] = await citizen.lines()
    assert line.turn == "to_person" and await citizen.reads("bot") == []


async def test_the_bot_speaks_again_after_the_lawyer_has_closed(
    citizen: Citizen, talk: Ticket, db: Database
):
    await citizen.says("谢谢律师")
    await citizen.is_served()
    await ends(talk, db)
    await citizen.says("还有一个问题")
    await citizen.hears("收到:还有一个问题")


async def test_the_door_refuses_the_bot_while_a_lawyer_speaks(citizen: Citizen, talk: Ticket):
    with pytest.raises(FloorTaken):
        async with citizen.gateway.db.write() as s:
            await citizen.gateway.say(s, citizen.id, "bot", "请问您的月收入?")
    assert await citizen.lines() == []


async def test_the_door_refuses_a_lawyer_without_an_accepted_ticket(
    citizen: Citizen, talk: Ticket, lawyer: Lawyer, db: Database
):
    await ends(talk, db)
    with pytest.raises(FloorTaken):
        await citizen.gateway.lawyer_says(talk.id, lawyer.id, "您好")
    assert await citizen.lines() == []


async def test_only_the_owner_of_the_ticket_speaks(
    citizen: Citizen, talk: Ticket, db: Database, clock
):
    other = await factories.lawyer(db, clock, "李强")
    with pytest.raises(FloorTaken):
        await citizen.gateway.lawyer_says(talk.id, other.id, "您好")
    assert await citizen.lines() == []


async def test_a_lawyers_line_that_is_sent_twice_stands_once(
    citizen: Citizen, talk: Ticket, lawyer: Lawyer
):
    first = await citizen.gateway.lawyer_says(talk.id, lawyer.id, "您好", key="a1")
    again = await citizen.gateway.lawyer_says(talk.id, lawyer.id, "您好", key="a1")
    assert first.id == again.id and await citizen.reads("lawyer") == ["您好"]


async def test_a_lawyers_line_sent_many_times_at_once_is_said_once(
    citizen: Citizen, lawyer: Lawyer, talk: Ticket
):
    says = (citizen.gateway.lawyer_says(talk.id, lawyer.id, "您好", key="a1") for _ in range(4))
    said = await asyncio.gather(*says)
    assert len({line.id for line in said}) == 1
    assert [line.text for line in await citizen.lines() if line.who == "lawyer"] == ["您好"]


async def test_a_lawyer_says_nothing_to_nobody(gateway: Gateway, lawyer: Lawyer, talk: Ticket):
    with pytest.raises(NotFound):
        await gateway.lawyer_says("no such ticket", lawyer.id, "您好")
    with pytest.raises(EmptyMessage):
        await gateway.lawyer_says(talk.id, lawyer.id, " \u200b ")


async def test_the_citizen_hears_how_the_ticket_goes(
    citizen: Citizen, talk: Ticket, lawyer: Lawyer
):
    news, about = DeskNews(citizen.gateway), (talk.id, citizen.id)
    await news.nobody_there(NobodyThere(*about))
    await news.accepted(OfferAccepted(*about, lawyer.id))
    await news.returned(TicketReturned(*about, lawyer.id))
    await news.closed(TicketClosed(*about, lawyer.id, "answered"))
    told = await citizen.lines()
    assert [line.extra["kind"] for line in told] == ["queued", "accepted", "returned", "closed"]
    assert {line.who for line in told} == {"system"}
    assert "12348" in told[0].text and "王敏律师" in told[1].text
