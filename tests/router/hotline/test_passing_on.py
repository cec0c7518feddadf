"""A talk goes on elsewhere: 110 knows what, where and who; mediation and other hotlines join and
stay; and no number that is not on a list is ever called."""

import json

import pytest

from router.channels.hotline.states import Role
from router.conversations.models import Conversation
from router.destinations.registry import Place
from router.lawyers.models import Lawyer
from router.mediation.models import Committee
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, POLICE, WANG

MEDIATION = "+861063000001"


@pytest.fixture
def committee(office):
    """The county's mediation committee has a telephone."""
    door = office.parts.destinations.get("mediation")
    door.places["990101"] = Place(name="清河县调解委员会（虚构）", phone=MEDIATION)
    yield door
    del door.places["990101"]


async def told(office, **intake):
    """What the dialogue has understood until now."""
    call = await office.call()
    async with office.parts.db.write() as s:
        talk = await s.get_one(Conversation, call.conversation_id)
        talk.intake = json.dumps(intake, ensure_ascii=False)


def key_of(line, label):
    menu = next(one for one in reversed(line.heard) if label in one)
    return menu.split(f"{label}请按 ")[1][0]


async def passed_on(office, lawyer):
    await lawyer.stars()
    await lawyer.hears("转给别的单位请按 3")
    await lawyer.presses("3")
    await lawyer.hears("人民调解委员会请按")
    await lawyer.presses(key_of(lawyer, "人民调解委员会"))
    return await (await office.carrier.rings(MEDIATION)).answers()


async def test_by_key_the_lawyer_brings_the_mediator_in_and_leaves_and_the_two_stay(
    committee, office
):
    citizen, lawyer = await office.connected()
    await told(office, label="neighbour_property")
    mediator = await passed_on(office, lawyer)
    assert "相邻、物业" in await mediator.hears("为您转来一位来电人")
    await office.carrier.together(citizen, lawyer, mediator)
    await office.becomes("three_way")
    await lawyer.hangs_up()
    await office.carrier.together(citizen, mediator)
    await citizen.hangs_up()
    await mediator.is_over()
    assert (await office.becomes("ended")).outcome == "served"


async def test_a_mediator_who_does_not_answer_leaves_the_talk_as_it_was(committee, office):
    citizen, lawyer = await office.connected()
    await lawyer.stars()
    await lawyer.hears("请按 3")
    await lawyer.presses("3")
    await lawyer.hears("人民调解委员会请按")
    await lawyer.presses(key_of(lawyer, "人民调解委员会"))
    await (await office.carrier.rings(MEDIATION)).hangs_up("no_answer")
    await lawyer.hears("对方没有接通")
    await office.carrier.together(citizen, lawyer)


async def test_the_committee_that_takes_the_matter_where_it_happened_is_rung(office):
    async with office.parts.db.write() as s:
        for name, region, places, phone in (
            ("县调委会", "990101", [], "0571-60000003"),
            ("石桥村调委会", "990101101201", ["石桥"], "0571-60000001"),
        ):
            s.add(Committee(id=name, name=name, kind="county", region=region, places=places,
                            matters=["neighbour_property"], phone=phone, address="-"))  # fmt: skip
    _, lawyer = await office.connected()
    for place, name, number in (
        ("清河县", "县调委会", "057160000003"), ("石桥村", "石桥村调委会", "057160000001"),
    ):  # fmt: skip
        await told(office, label="neighbour_property", details={"region": place})
        await lawyer.stars()
        await lawyer.hears("请按 3")
        await lawyer.presses("3")
        await lawyer.hears(name)
        await lawyer.presses(key_of(lawyer, name))
        rung = number if office.parts.settings.HOTLINE_CARRIER == "cti" else f"+86{number[1:]}"
        await (await office.carrier.rings(rung)).hangs_up("no_answer")
        await lawyer.hears("对方没有接通")


async def test_from_the_page_the_lawyer_calls_110_holds_and_passes_on(committee, office):
    citizen, lawyer = await office.connected()
    [ticket] = await office.tickets()
    async with office.parts.db.read() as s:
        row = await s.get_one(Lawyer, ticket.owner)
    door = await office.at_the_desk(row)
    path = f"/desk/tickets/{ticket.id}/phone"
    page = await door.get(path)
    assert "正在通话" in page.text and "人民调解委员会" in page.text
    assert f'hx-get="{path}"' in (await door.get(f"/desk/tickets/{ticket.id}")).text

    assert (await door.post(path, data={"what": "hold"})).status_code == 303
    await office.becomes("held")
    await door.post(path, data={"what": "unhold"})
    await office.becomes("connected")
    await door.post(path, data={"what": "police"})
    police = await (await office.carrier.rings(POLICE)).answers()
    await office.carrier.together(citizen, lawyer, police)
    await door.post(path, data={"what": "pass_on", "to": "mediation"})
    mediator = await (await office.carrier.rings(MEDIATION)).answers()
    await office.carrier.together(citizen, lawyer, police, mediator)
    assert (await door.post(path, data={"what": "pass_on", "to": "nobody"})).status_code == 409


async def test_who_is_not_on_the_telephone_about_it_can_do_nothing_from_the_page(office):
    await office.connected()
    other = await office.lawyer("李律师", "+8613900000009", on_duty=False)
    [ticket] = await office.tickets()
    door = await office.at_the_desk(other)
    path = f"/desk/tickets/{ticket.id}/phone"
    assert (await door.post(path, data={"what": "police"})).status_code == 404
    assert (await door.get(path)).status_code == 404
    assert office.carrier.dialled() == [WANG]


async def test_110_hears_what_it_is_where_and_from_which_number(office):
    citizen = await office.talks()
    await told(office, label="domestic_violence", details={"region": "清河县城关镇"})
    await citizen.says("他拿刀要砍我，救命")
    police = await (await office.carrier.rings(POLICE)).answers()
    said = await police.hears("12348 法律服务热线")
    for fact in ("暴力或威胁", "家庭暴力", "他拿刀要砍我", "清河县城关镇", "幺 三 八 零 零"):
        assert fact in said


async def test_what_nobody_has_told_110_hears_as_not_told(office):
    _, lawyer = await office.connected()
    await lawyer.stars()
    await lawyer.hears("110 加入请按 2")
    await lawyer.presses("2")
    police = await (await office.carrier.rings(POLICE)).answers()
    said = await police.hears("12348 法律服务热线")
    assert "是什么情况还没有说清" in said and "地点还没有说" in said


@pytest.mark.parametrize("role", [Role.ORGAN, Role.LAWYER, Role.POLICE, Role.CALLER])
async def test_a_number_of_no_list_is_never_called_whoever_asks(office, role):
    from router.channels.hotline.port import Script

    await office.talks()
    call = await office.call()
    hotline = office.parts.hotline
    async with office.parts.db.write() as s:
        scene = await hotline._g.scene(s, call.id)
        leg = scene.ring(role, "+19005550199", Script(("-",), "join"))
        leg_id = leg.id
    hotline.kick(call.id)

    async def refused():
        [row] = [one for one in await office.legs() if one.id == leg_id]
        return row.state == "ended" and row.cause == "failed"

    await until(refused)
    assert office.carrier.dialled() == []


async def test_over_the_cap_of_the_hour_nobody_is_called_any_more(office):
    office.parts.settings.CALL_OUT_RATE = "1/hour"
    await office.connected()
    second = await office.talks("+8613800000009")
    await office.lawyer("李律师", "+8613900000003")
    await second.presses("0")

    async def refused():
        return [one for one in await office.legs() if one.cause == "failed"]

    await until(refused)
    assert office.carrier.dialled() == [WANG]
    assert CITIZEN not in office.carrier.dialled()
