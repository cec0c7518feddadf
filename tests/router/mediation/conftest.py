"""A county with committees, the whole router, and mediators who know their work."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from router.conversations.models import Conversation, Message
from router.dispatch.models import Timer
from router.mediation import tables
from router.mediation.models import Committee, Mediation, MediationEvent
from router.parts import Parts
from router.referrals.models import Referral
from router.tickets.models import Ticket
from tests import factories
from tests.fakes import FakeClock

MATTERS = {"neighbour_property": "相邻、物业", "debt": "债务", "labour_pay": "劳动报酬"}
COMMITTEES = """调委会,类型,地区代码,服务地名,受理事项,电话,地址
石桥村调委会,村居,990101101201,石桥村,相邻、物业,0000-0000001,石桥村
柳溪镇调委会,乡镇街道,990101101,柳溪镇、石桥村,,0000-0000002,柳溪镇
清河县调委会,县区,990101,,,0000-0000003,清河县
清河县劳动调委会,行业专业,990101,,劳动报酬,0000-0000004,清河县
"""
MEDIATORS = """登录名,姓名,所在调委会,值班时间,在岗
tian,田桂芳,石桥村调委会,工作日 09:00-11:30,在岗
he,何劝和,柳溪镇调委会,工作日 08:30-12:00 14:00-17:30,在岗
zheng,郑公心,清河县调委会,每天 08:00-20:00,在岗
"""


class Hall:
    """Says in the words of the trade what the tests want to know."""

    def __init__(self, parts: Parts, clock: FakeClock) -> None:
        self.parts, self.clock, self.db = parts, clock, parts.db

    async def tables(self, *texts: str) -> list[tables.Count]:
        files = [(f"{n}.csv", text.encode()) for n, text in enumerate(texts)]
        async with self.db.write() as s:
            return await tables.put(s, tables.read(files, MATTERS), self.clock.now())

    async def citizen(self, **intake: Any) -> Conversation:
        talk = await factories.conversation(self.db, self.clock)
        told = {"facts": {}, "label": "neighbour_property", **intake}
        async with self.db.write() as s:
            row = await s.get(Conversation, talk.id)
            row.intake = json.dumps(told)
        return talk

    async def chosen(self, **intake: Any) -> tuple[Conversation, str]:
        """A citizen has chosen mediation in the dialogue: the talk and the ticket's id."""
        talk = await self.citizen(**intake)
        told = await self.parts.routing.open_ticket(talk.id, "m-1", "mediation")
        await self.fire()
        return talk, told["ticket"]

    async def mediation(self, ticket_id: str) -> Mediation:
        async with self.db.read() as s:
            return await s.scalar(
                select(Mediation)
                .join(Referral, Referral.id == Mediation.referral_id)
                .where(Referral.ticket_id == ticket_id)
            )

    async def begun(self, **intake: Any) -> Mediation:
        _, ticket_id = await self.chosen(**intake)
        return await self.mediation(ticket_id)

    async def meeting(self) -> Mediation:
        """Both have agreed and met."""
        one = await self.begun()
        room = self.parts.mediations
        await room.invite(one.id, "zheng")
        await room.consent(one.id, "zheng", "respondent", True, "phone")
        await room.session(one.id, "zheng", "谈了界墙。")
        return await self.again(one)

    async def again(self, one: Mediation) -> Mediation:
        async with self.db.read() as s:
            return await s.get(Mediation, one.id)

    async def state(self, one: Mediation) -> str:
        return (await self.again(one)).status

    async def ticket(self, ticket_id: str) -> Ticket:
        async with self.db.read() as s:
            return await s.get(Ticket, ticket_id)

    async def referral(self, one: Mediation) -> Referral:
        async with self.db.read() as s:
            return await s.get(Referral, one.referral_id)

    async def history(self, one: Mediation) -> list[str]:
        async with self.db.read() as s:
            rows = await s.scalars(
                select(MediationEvent.move)
                .where(MediationEvent.mediation_id == one.id)
                .order_by(MediationEvent.seq)
            )
            return list(rows)

    async def said_to(self, talk: Conversation) -> list[str]:
        async with self.db.read() as s:
            rows = await s.scalars(
                select(Message).where(Message.conversation_id == talk.id).order_by(Message.seq)
            )
            return [row.text for row in rows]

    async def committee(self, one: Mediation) -> str:
        async with self.db.read() as s:
            return (await s.get(Committee, one.committee_id)).name

    async def count(self, row: type) -> int:
        async with self.db.read() as s:
            return await s.scalar(select(func.count()).select_from(row)) or 0

    async def fire(self) -> None:
        """All that is due happens, and what that makes due."""
        while await self._due():
            assert await self.parts.dispatch.timers.fire_due()

    async def _due(self) -> int:
        kinds = (
            "mediation_open", "mediation_tell", "mediation_confirm", "mediation_soon",
            "mediation_text",
        )  # fmt: skip
        async with self.db.read() as s:
            due = select(func.count()).select_from(Timer).where(Timer.kind.in_(kinds))
            return await s.scalar(due.where(Timer.due_at <= self.clock.now())) or 0

    async def day_passes(self, days: int = 1) -> None:
        for _ in range(days):
            self.clock._now += timedelta(days=1)
            await self.fire()


@pytest.fixture
async def hall(parts: Parts, clock: FakeClock) -> Hall:
    """Monday 09:00; every committee but the labour one has somebody."""
    room = Hall(parts, clock)
    await parts.dispatch.timers.stop()  # the tests fire what is due themselves
    await room.tables(COMMITTEES, MEDIATORS)
    return room
