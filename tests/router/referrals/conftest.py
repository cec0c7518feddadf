"""An office and the organs around it: the whole router, and partners that speak over HTTP."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from router.app import build_app
from router.conversations.models import Message
from router.dispatch.models import Offer, Timer
from router.parts import Parts
from router.referrals import partners
from router.referrals.models import Partner, Referral, ReferralEvent
from router.settings import ROOT
from router.tickets.models import Ticket, TicketEvent
from tests import factories
from tests.fake_partner import Organ, Way
from tests.fakes import FakeClock, until


class Office:
    """Says in the words of the trade what the tests want to know."""

    def __init__(self, parts: Parts, clock: FakeClock, client: Any) -> None:
        self.parts, self.clock, self.client = parts, clock, client
        self.db = parts.db

    async def partner(self, name: str = "12345", **given: Any) -> tuple[Partner, str | None]:
        known = {"label": f"{name} 热线", "region": "990101", "days": 5, "url": None} | given
        async with self.db.write() as s:
            return await partners.add(s, self.clock.now(), name=name, **known)

    async def key(self, partner: Partner, *scopes: str, **given: Any) -> str:
        async with self.db.write() as s:
            may = scopes or tuple(partners.SCOPES)
            return await partners.new_key(s, partner, may, self.clock.now(), **given)

    async def way(self, name: str = "12345", *scopes: str, **given: Any) -> Way:
        """A partner's way to us, with a good key."""
        partner, _ = await self.partner(name, **given)
        return Way(self.client, await self.key(partner, *scopes))

    async def lawyer(self, name: str = "王律师", **given: Any) -> Any:
        return await factories.lawyer(self.db, self.clock, name, **given)

    async def citizen(self, **intake: Any) -> Any:
        import json

        talk = await factories.conversation(self.db, self.clock)
        async with self.db.write() as s:
            row = await s.get(type(talk), talk.id)
            row.intake = json.dumps({"facts": {}, "label": "neighbour_property", **intake})
        return talk

    async def referred(self, destination: str = "mediation") -> tuple[Any, Referral]:
        """A citizen who has chosen another organ, and the referral."""
        talk = await self.citizen()
        told = await self.parts.routing.open_ticket(talk.id, "m-1", destination)
        return talk, await self.of_ticket(told["ticket"])

    async def all(self, row: type, *where: Any) -> list[Any]:
        async with self.db.read() as s:
            return list(await s.scalars(select(row).where(*where)))

    async def count(self, row: type) -> int:
        async with self.db.read() as s:
            return await s.scalar(select(func.count()).select_from(row)) or 0

    async def by_receipt(self, receipt: str) -> Referral:
        (found,) = await self.all(Referral, Referral.receipt == receipt)
        return found

    async def of_ticket(self, ticket_id: str) -> Referral:
        (found,) = await self.all(Referral, Referral.ticket_id == ticket_id)
        return found

    async def state(self, referral: Referral) -> str:
        return (await self.by_receipt(referral.receipt)).status

    async def ticket(self, referral: Referral) -> Ticket:
        (found,) = await self.all(Ticket, Ticket.id == referral.ticket_id)
        return found

    async def history(self, referral: Referral) -> list[str]:
        rows = await self.all(ReferralEvent, ReferralEvent.referral_id == referral.id)
        return [row.move for row in sorted(rows, key=lambda row: row.seq)]

    async def ticket_history(self, ticket_id: str) -> list[str]:
        rows = await self.all(TicketEvent, TicketEvent.ticket_id == ticket_id)
        return [row.move for row in sorted(rows, key=lambda row: row.id)]

    async def offer(self, ticket_id: str) -> Offer | None:
        found = await self.all(Offer, Offer.ticket_id == ticket_id, Offer.status == "pending")
        return found[0] if found else None

    async def accept(self, ticket_id: str) -> Ticket:
        """The lawyer who is asked takes the case."""
        offer = await self.offer(ticket_id)
        assert offer
        return await self.parts.dispatch.accept(offer.id, offer.lawyer_id)

    async def said_to(self, talk: Any) -> list[str]:
        rows = await self.all(Message, Message.conversation_id == talk.id)
        return [row.text for row in sorted(rows, key=lambda row: row.seq)]

    async def timers(self, *kinds: str) -> list[Timer]:
        return await self.all(Timer, Timer.kind.in_(kinds))

    async def quiet(self) -> None:
        """Everybody who must hear of something has heard of it."""

        async def heard() -> bool:
            return not await self.timers("referral_push", "referral_tell")

        await until(heard)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory) -> Path:
    """The product's data in a place where another organ decides on applications for aid."""
    data = tmp_path_factory.mktemp("elsewhere")
    for part in ("law", "destinations"):
        shutil.copytree(ROOT / "data" / part, data / part)
    file = data / "destinations" / "legal_aid_application.yml"
    lines = file.read_text("utf-8").replace("\n# referral: {", "\nreferral: {")
    file.write_text(lines, "utf-8")
    return data


@pytest.fixture
async def app(settings, clock, bot, tables, elsewhere):
    application = build_app(settings, clock=clock, bot=bot, data=elsewhere)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
def office(parts, clock, client) -> Office:
    return Office(parts, clock, client)


@pytest.fixture
async def organ(clock) -> AsyncIterator[Organ]:
    """A partner's computer whose clock is the office's; it listens at `organ.url`."""
    computer = Organ("", now=lambda: clock.now().timestamp())
    async with computer.running() as url:
        computer.url = url  # type: ignore[attr-defined]
        yield computer


@pytest.fixture
async def mediators(office, organ) -> Way:
    """The mediation committee has a computer, and the destination's file says so."""
    partner, secret = await office.partner("tiaojie", label="人民调解委员会", url=organ.url)
    organ.secret = secret
    doors = office.parts.destinations
    door = doors.get("mediation")
    named = door.referral.model_copy(update={"partner": "tiaojie"})
    doors._known["mediation"] = door.model_copy(update={"referral": named})
    return Way(office.client, await office.key(partner))
