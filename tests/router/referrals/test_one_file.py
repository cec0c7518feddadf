"""A new destination is one file: a citizen gets there and to the end of it, by every delivery."""

import shutil
from pathlib import Path

import pytest

from router.app import build_app
from router.destinations.registry import DestinationError, Destinations
from router.referrals.models import Referral
from router.settings import ROOT
from tests.fake_partner import Way
from tests.fakes import until

FILE = """
label: 渔港纠纷调处中心
kind: other_organ
delivery: {delivery}
priority: 7
takes:
  - {{label: [maritime]}}
hours: 以当地公布的为准
phone: "000"
papers: [船员证]
button: 去渔港调处
hint: 渔港里的事由调处中心来管。
mark: CFG
{more}
"""
NEW = "fishing_port"


def drop(folder: Path, delivery: str, more: str = "") -> None:
    """All that an office does for a new destination."""
    (folder / f"{NEW}.yml").write_text(FILE.format(delivery=delivery, more=more), "utf-8")


@pytest.fixture
def data(tmp_path) -> Path:
    for part in ("law", "destinations"):
        shutil.copytree(ROOT / "data" / part, tmp_path / "data" / part)
    return tmp_path / "data"


@pytest.fixture
def delivery() -> str:
    return "information"


@pytest.fixture
async def app(settings, clock, bot, tables, data, delivery):
    """The router, started over data with one more file in it."""
    more = "" if delivery in ("offer", "information") else "referral: {days: 10, partner: harbour}"
    drop(data / "destinations", delivery, more)
    application = build_app(settings, clock=clock, bot=bot, data=data)
    async with application.router.lifespan_context(application):
        yield application


async def goes_there(office) -> tuple[object, dict]:
    """A citizen says what it is about and chooses the first door."""
    talk = await office.citizen(label="maritime")
    facts = {"matter": "damages", "danger": "none"}
    screened = await office.parts.routing.screen(talk.id, "m-1", facts, "maritime")
    doors = office.parts.destinations.for_decision(screened, "maritime", facts)
    assert doors[0].name == NEW and doors[0].brief()["button"] == "去渔港调处"
    return talk, await office.parts.routing.open_ticket(talk.id, "m-2", NEW)


@pytest.fixture
async def harbour(office, organ) -> Way:
    partner, organ.secret = await office.partner("harbour", url=organ.url)
    return Way(office.client, await office.key(partner))


@pytest.mark.parametrize("delivery", ["offer"])
async def test_offer_a_duty_lawyer_is_asked_takes_it_and_closes_it(office):
    wang = await office.lawyer()
    talk, told = await goes_there(office)
    assert told["status"] == "offered"
    await office.accept(told["ticket"])
    await office.parts.dispatch.close(told["ticket"], wang.id, "answered")
    assert "渔港纠纷调处中心：已办结（已解答）" in await office.parts.routing.status(talk.id)
    assert await office.count(Referral) == 0


@pytest.mark.parametrize("delivery", ["queue"])
async def test_queue_the_organ_gets_it_works_on_it_and_its_end_closes_the_ticket(
    office, organ, harbour
):
    talk, told = await goes_there(office)
    await until(lambda: organ.told)
    receipt = organ.told[0]["receipt"]
    assert receipt in told["text"] and organ.told[0]["case"]["facts"]["matter"] == "damages"
    assert (await harbour.answer(receipt, "accepted")).status_code == 200
    asked = await office.parts.routing.status(talk.id)
    assert f"{receipt}，已接收" in asked
    assert (await harbour.answer(receipt, "closed", outcome="agreed")).status_code == 200
    await office.quiet()
    assert "渔港纠纷调处中心办完了您的事：已达成调解协议。" in (await office.said_to(talk))[-1]
    ticket = await office.ticket(await office.by_receipt(receipt))
    assert (ticket.status, ticket.outcome) == ("closed", "referred_mediation")


@pytest.mark.parametrize("delivery", ["application"])
async def test_application_a_lawyer_reads_it_first_and_the_organ_decides(office, organ, harbour):
    wang = await office.lawyer()
    talk, told = await goes_there(office)
    await office.accept(told["ticket"])
    await office.parts.dispatch.close(told["ticket"], wang.id, "aid_application")
    await until(lambda: organ.told)
    receipt = organ.told[0]["receipt"]
    answer = await harbour.answer(receipt, "closed", outcome="granted")
    assert (answer.json()["state"], answer.json()["outcome_label"]) == (
        "closed",
        "决定给予法律援助",
    )
    await office.quiet()
    assert "决定给予法律援助" in (await office.said_to(talk))[-1]


@pytest.mark.parametrize("delivery", ["transfer"])
async def test_transfer_the_organ_may_send_it_back_and_a_lawyer_goes_on(office, organ, harbour):
    wang = await office.lawyer()
    talk, told = await goes_there(office)
    assert "已经转给渔港纠纷调处中心" in told["text"] and "也可以自己联系" in told["text"]
    await until(lambda: organ.told)
    await harbour.answer(organ.told[0]["receipt"], "returned", words="船不在本港")
    await office.quiet()
    assert "原因：船不在本港。" in (await office.said_to(talk))[-1]
    asked = await office.parts.routing.status(talk.id)
    assert "值班律师：正在请一位值班律师接听" in asked and "已退回" in asked
    assert wang


@pytest.mark.parametrize("delivery", ["information"])
async def test_information_the_citizen_is_told_and_nobody_owes_anything(office):
    _, told = await goes_there(office)
    assert told["text"].startswith("渔港里的事由调处中心来管。") and "回执" not in told["text"]
    assert await office.count(Referral) == 0


@pytest.mark.parametrize("wrong", ["offer", "information"])
def test_what_goes_nowhere_has_no_referral(data, wrong):
    drop(data / "destinations", wrong, "referral: {days: 10}")
    with pytest.raises(DestinationError, match="referral 只用于"):
        Destinations.load(data / "destinations")


@pytest.mark.parametrize("days", ["0", "367", "-1", "soon", "null"])
def test_a_deadline_is_a_number_of_days_up_to_a_year(data, days):
    drop(data / "destinations", "queue", f"referral: {{days: {days}}}")
    with pytest.raises(DestinationError, match=r"referral\.days"):
        Destinations.load(data / "destinations")


@pytest.mark.parametrize("delivery", ["queue"])
async def test_an_offices_own_computer_comes_before_the_destinations(office, data, organ, harbour):
    near, organ_secret = await office.partner("near", url=organ.url)
    organ.secret = organ_secret
    places = data / "destinations" / "places" / "990101.yml"
    text = places.read_text("utf-8")
    places.write_text(f"{text}  {NEW}:\n    name: 本县渔港（虚构）\n    partner: near\n", "utf-8")
    doors = Destinations.load(data / "destinations")
    office.parts.destinations._known |= doors._known
    _, told = await goes_there(office)
    referral = await office.of_ticket(told["ticket"])
    assert (referral.partner_id, referral.organ) == (near.id, "本县渔港（虚构）")
