"""A legal aid institution: the router, its reviewer, lawyers, and citizens with a screened case."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from router.applications.casework.service import End
from router.applications.models import Application, ApplicationEvent
from router.clock import china_date
from router.conversations.models import Conversation, Message
from router.db import new_id
from router.lawyers.models import Lawyer
from router.routing.models import Screening
from tests import factories

ID = "110101199003070011"  # a good checksum, nobody's
PERSON = {
    "name": "张三", "id_kind": "resident", "id_number": ID, "phone": "13900000000",
    "address": "清河县示例街1号", "groups": ["migrant_worker"],
}  # fmt: skip
CASE = {
    "matter": "labour_pay", "opponent": "清河县示例建筑有限公司", "amount": "59000",
    "happened_at": "清河县", "story": "老板欠我四个月工资，一共五万九。", "wanted": "arbitration",
}  # fmt: skip
MEANS = {"household_size": "3", "household_income": "2400"}
FILLED = {"who": {"who": "self"}, "person": PERSON, "case": CASE, "means": MEANS}
PHOTO = b"\xff\xd8\xff\xe0" + b"a photo" * 20


class Institution:
    """Says in the words of the trade what the tests want to know."""

    def __init__(self, parts: Any, clock: Any) -> None:
        self.parts, self.clock, self.db = parts, clock, parts.db
        self.desk = parts.applications

    async def talk(self, outcome: str = "ELIGIBLE", **facts: Any) -> Conversation:
        """A citizen whose case has been screened with this outcome."""
        talk = await factories.conversation(self.db, self.clock)
        screening = Screening(
            id=new_id(), conversation_id=talk.id, message_key=new_id(), outcome=outcome,
            apply_date=date(2026, 3, 2), law_version="-", created_at=self.clock.now(),
        )  # fmt: skip
        articles = [{"cite": "LAL 31(5)", "title": "第三十一条", "text": "……"}]
        decision = {"outcome": outcome, "basis": ["LAL 31(5)"], "summary": "预审",
                    "articles": articles, "reasons": [], "warn": [], "route": []}  # fmt: skip
        screening.facts, screening.decision = "{}", json.dumps(decision)
        intake = {
            "label": "labour_pay", "outcome": outcome, "screening_id": screening.id,
            "destinations": ["legal_aid_application", "duty_lawyer"],
            "facts": {"household_size": 3, "household_income": 2400, "groups": ["migrant_worker"],
                      "amount": 59000, **facts},
            "details": {"opponent": "清河县示例建筑有限公司", "region": "清河县"},
        }  # fmt: skip
        async with self.db.write() as s:
            row = await s.get(Conversation, talk.id)
            row.intake = json.dumps(intake)
            s.add(screening)
            line = Message(
                id=new_id(), conversation_id=talk.id, seq=1, who="citizen",
                created_at=self.clock.now(),
            )  # fmt: skip
            line.text = "老板欠我四个月工资,一共五万九"
            s.add(line)
            row.last_seq = 1
        return talk

    async def draft(self, **given: Any) -> Application:
        return await self.desk.begin((await self.talk(**given)).id)

    async def filled(self, **given: Any) -> Application:
        from router.applications import blocks

        application = await self.draft(**given)
        for block in blocks.BLOCKS:
            if block.name in FILLED and block.when(application.form):
                assert await self.desk.save(application.id, block, FILLED[block.name]) == {}
        return await self.now(application)

    async def submitted(self, **given: Any) -> Application:
        from router.applications import promise

        application = await self.filled(**given)
        await self.desk.submit(application.id, promise.current().version, "web")
        return await self.now(application)

    async def refused(self) -> Application:
        application = await self.submitted()
        await self.desk.review.refuse(application.id, self.boss.id, "收入超过标准", ["LAL 34"])
        return await self.now(application)

    async def assigned(self, name: str = "赵律师", **given: Any) -> tuple[Application, Lawyer]:
        it = await self.submitted(**given)
        lawyer = await factories.lawyer(self.db, self.clock, name)
        await self.desk.review.accept(it.id, self.boss.id, "")
        await self.desk.review.assign(it.id, self.boss.id, lawyer.id)
        return await self.now(it), lawyer

    async def ended(self, **given: Any) -> tuple[Application, Lawyer]:
        it, lawyer = await self.assigned()
        await self.desk.casework.end(it.id, lawyer.id, self.an_end(**given))
        return await self.now(it), lawyer

    async def closed(self, **given: Any) -> tuple[Application, Lawyer]:
        it, lawyer = await self.ended(**given)
        await self.desk.casework.report(it.id, lawyer.id, "仲裁庭审一次，调解结案。")
        return await self.now(it), lawyer

    def an_end(self, **given: Any) -> End:
        told = {"outcome": "settled", "recovered": 5_000_000, "waived": 1_000,
                "words": "仲裁调解，拿回5万元"}  # fmt: skip
        return End(**{"on": china_date(self.clock.now()), **told, **given})

    async def now(self, application: Application) -> Application:
        async with self.db.read() as s:
            return await s.get_one(Application, application.id)

    async def history(self, application: Application) -> list[str]:
        query = select(ApplicationEvent).where(ApplicationEvent.application_id == application.id)
        async with self.db.read() as s:
            return [row.move for row in await s.scalars(query.order_by(ApplicationEvent.seq))]

    async def told(self, application: Application) -> list[str]:
        query = select(Message).where(
            Message.conversation_id == application.conversation_id, Message.who == "system"
        )
        async with self.db.read() as s:
            return [row.text for row in await s.scalars(query.order_by(Message.seq))]

    async def wait(self, days: float) -> None:
        """So many days pass, and what fell due meanwhile has been seen to."""
        self.clock._now += timedelta(days=days)
        await self.fire()

    async def fire(self) -> None:
        for _ in range(3):
            await self.parts.dispatch.timers.fire_due()

    boss: Lawyer


@pytest.fixture
async def institution(parts, clock) -> Institution:
    desk = Institution(parts, clock)
    desk.boss = await factories.lawyer(parts.db, clock, "李主管", role="supervisor", on_duty=False)
    return desk
