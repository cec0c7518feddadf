"""通知辩护、值班律师帮助、转交申请: what an organ notifies becomes a file with its clock, without a
means test (法律援助法 25, 28, 30, 36, 39). Once per number of the organ's own, however it comes."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import access, clocks, lanes, moves
from router.applications.assigning import case_indices
from router.applications.errors import ApplicationMovedOn, BadDecision, BadNotice
from router.applications.models import Application
from router.applications.status import NEXT, State
from router.clock import Clock
from router.codes import new_code
from router.db import Database, new_id
from router.names import normalised
from router.referrals import inbound
from router.referrals import moves as referral_moves
from router.referrals.models import Partner, Referral
from router.referrals.outbound import RECEIPT
from router.referrals.schemas import Notice
from router.referrals.service import Received
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency

DOOR = "legal_aid_application"


class Notices:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        wake: Callable[[Application], Awaitable[None]],
        review_due: Callable[[str, datetime], datetime],
    ) -> None:
        self._db, self._clock, self._wake, self._review_due = db, clock, wake, review_due

    async def receive(self, partner: Partner, sent: Notice) -> Received:
        """From the organ's computer. Raises BadNotice."""
        _fits(sent)
        try:
            async with self._db.write() as s:
                referral = await inbound.known(s, partner, sent.number)
                repeated = referral is not None
                if referral is None:
                    by = referral_moves.author(partner)
                    region = sent.region or partner.region
                    _, referral = await self._take(s, sent, partner.label, region, by, partner)
        except IntegrityError:  # the same number at the same moment: the other one is in
            async with self._db.read() as s:
                referral = await inbound.known(s, partner, sent.number)
            if referral is None:
                raise
            repeated = True
        file = await self._of(referral)
        if file and not repeated:
            await self._wake(file)
        same = not repeated or inbound.same(referral, sent)
        return Received(referral, file.reference if file else "", repeated, same)

    async def typed(self, by: str, organ: str, region: str, sent: Notice) -> Application:
        """By the staff, from paper; what was typed before is found again. Raises BadNotice."""
        _fits(sent)
        if not organ:
            raise BadNotice(field="organ")
        known = select(Application).where(Application.grown_from == _key(organ, sent.number))
        try:
            async with self._db.write() as s:
                found: Application | None = await s.scalar(known)
                if found is None:
                    found, _ = await self._take(s, sent, organ, sent.region or region, by, None)
        except IntegrityError:  # two have typed it at once
            async with self._db.read() as s:
                found = (await s.scalars(known)).one()
        await self._wake(found)
        return found

    async def relatives_told(self, application_id: str, by: str, words: str) -> None:
        """Of who applied from custody: who has told whom, so that papers come (PR2023 12)."""
        if not words:
            raise BadDecision()
        now = self._clock.now()
        async with self._db.write() as s:
            file = await moves.locked(s, application_id)
            if file.lane != lanes.APPLIED or not file.notice or not NEXT[State(file.status)]:
                raise ApplicationMovedOn(application=application_id)
            await moves.note(s, file, "relatives_told", now, by=by, words=words)
            await audit.record(s, now, by, "application_relatives_told", file.id)
        await self._wake(file)

    async def _of(self, referral: Referral) -> Application | None:
        async with self._db.read() as s:
            found: Application | None = await s.scalar(
                select(Application).where(Application.referral_id == referral.id)
            )
        return found

    async def _take(
        self, s: AsyncSession, sent: Notice, organ: str, region: str, by: str,
        partner: Partner | None,
    ) -> tuple[Application, Referral]:  # fmt: skip
        now = self._clock.now()
        lane = lanes.LANES[sent.kind]
        clock = lanes.known().kinds[sent.kind].clock
        due = self._review_due(region, now) if clock == "review" else clocks.due(clock, now)
        talk = inbound.nobodys(region, now)
        s.add(talk)
        await s.flush()
        file = Application(
            id=new_id(),
            reference=new_code(access.PREFIX),
            grown_from=_key(organ, sent.number),
            conversation_id=talk.id,
            lane=lane,
            region=region,
            matter="criminal",
            code_index="none yet",
        )
        ticket = _ticket(talk.id, file.id, region)
        tickets.open_new(s, ticket, now)
        await s.flush()
        referral = _referral(sent, organ, ticket, due, partner)
        await referral_moves.open_new(s, referral, now, by)
        file.ticket_id, file.referral_id = ticket.id, referral.id
        file.form, file.notice = _form(sent, organ, lane), _notice(sent, organ)
        file.case_index = case_indices(sent.case_no)[0] if sent.case_no else None
        state = State.SUBMITTED if lane == lanes.APPLIED else State.ACCEPTED
        file.submitted_at = now
        await moves.open_new(s, file, now, by, state, due)
        await self._late(s, file, sent, now)
        await audit.record(s, now, by, "notice_in", referral.receipt)
        return file, referral

    async def _late(self, s: AsyncSession, file: Application, sent: Notice, now: datetime) -> None:
        """Whether the organ has passed the application on in time (LAL 39(1))."""
        if sent.asked_at and now > clocks.due("custody", sent.asked_at):
            hours = (now - sent.asked_at) // timedelta(hours=1)
            await moves.note(s, file, "late_pass", now, words=f"用了 {hours} 小时")


def _fits(sent: Notice) -> None:
    ground = lanes.known().grounds.get(sent.ground)
    if ground is None or ground.kind != sent.kind:
        raise BadNotice(field="ground")


def _key(organ: str, number: str) -> str:
    told = f"{normalised(organ)}|{normalised(number)}"
    return f"notice:{hashlib.sha256(told.encode()).hexdigest()}"


def _ticket(conversation_id: str, file_id: str, region: str) -> Ticket:
    ticket = Ticket(
        id=new_id(),
        conversation_id=conversation_id,
        opened_by=f"notice:{file_id}",
        destination=DOOR,
        delivery=inbound.NOTICE,
        urgency=Urgency.DEADLINE,
        matter="criminal",
        region=region,
    )
    ticket.intake, ticket.summary = "{}", "机关通知的刑事法律援助"
    return ticket


def _referral(
    sent: Notice, organ: str, ticket: Ticket, due: datetime, partner: Partner | None
) -> Referral:
    referral = Referral(
        id=new_id(),
        receipt=new_code(RECEIPT),
        direction="in",
        partner_id=partner.id if partner else None,
        number=sent.number,
        ticket_id=ticket.id,
        destination=DOOR,
        organ=organ,
        due_at=due,
    )
    referral.body = sent.model_dump_json()
    return referral


def _form(sent: Notice, organ: str, lane: str) -> dict[str, Any]:
    """What the application's form knows by it; only custody_application has means to look at."""
    return {
        "who": "self",
        "means": lane == lanes.APPLIED,
        "name": sent.person.name,
        "id_kind": "resident" if sent.person.id_number else "",
        "id_number": sent.person.id_number.upper(),
        "place_held": sent.person.place_held,
        "organ": organ,
        "matter": "criminal",
        "happened_at": organ,
        "story": sent.told,
        "wanted": "defence",
    }


def _notice(sent: Notice, organ: str) -> dict[str, Any]:
    told = sent.model_dump(mode="json", exclude={"person", "region"})
    person = sent.person.model_dump(exclude={"name", "id_number"})
    return {**told, **person, "organ": organ}
