"""Each leg may drop at any moment: a test for each row of the table, and the ways in between."""

import pytest

from router.channels.hotline import rooms, store
from router.channels.hotline.losses import TABLE, Do, row_for
from router.channels.hotline.models import CallTask
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Call, Cause, Leg, Role
from tests import factories
from tests.router.hotline.conftest import CITIZEN, LI, POLICE, WANG

NUMBERS = {
    Role.CALLER: CITIZEN, Role.LAWYER: WANG, Role.POLICE: POLICE,
    Role.OPERATOR: "+861011000001", Role.ORGAN: "12315",
}  # fmt: skip


def named(row) -> str:
    left = "+".join(sorted(row.left)) or "nobody"
    how = "-abruptly" if row.abrupt else "-unheard" if row.owed else ""
    return f"{row.lost}-leaves-{left}{how}"


async def in_a_room(
    db, clock, lost: Role, left: frozenset[Role], *, abrupt: bool, owed: bool = False
):
    """The call right after the leg was lost, and what is to be done about it."""
    talk = await factories.conversation(db, clock, channel="hotline")
    async with db.write() as s:
        call = store.open_call(s, "twilio", "citizen", CITIZEN, clock.now(), Call.CONNECTED)
        call.conversation_id, call.served = talk.id, Role.LAWYER in left and not owed
        await s.flush()
        legs = []
        for role in [lost, *sorted(left)]:
            leg = store.open_leg(s, call, role, NUMBERS[role], clock.now(), ref=role.value)
            leg.state, leg.answered_at = Leg.IN_ROOM.value, clock.now()
            leg.script, leg.took = {"then": "join"}, role == Role.LAWYER
            legs.append(leg)
        legs[0].state, legs[0].cause = Leg.ENDED.value, (
            Cause.FAILED if abrupt else Cause.NORMAL
        ).value  # fmt: skip
        await s.flush()
        scene = Scene(s, call, legs, clock.now(), POLICE)
        await rooms.lost(scene, legs[0])
        await s.flush()
    return scene


async def verbs(db) -> list[str]:
    from sqlalchemy import select

    async with db.read() as s:
        return list(await s.scalars(select(CallTask.verb).order_by(CallTask.id)))


@pytest.mark.parametrize("row", TABLE, ids=named)
async def test_a_row_of_the_table(db, clock, row):
    scene = await in_a_room(db, clock, row.lost, row.left, abrupt=row.abrupt, owed=row.owed)
    left = [leg for leg in scene.legs[1:] if leg.role in row.left]
    said = [sentence for leg in left for sentence in leg.script.get("say", ())]
    if row.say and left:
        assert any(row.say in sentence for sentence in said)
    done = await verbs(db)
    match row.do:
        case Do.STAY | Do.HAND_ON:
            assert all(leg.script["then"] == "join" for leg in left)
        case Do.AGAIN:
            assert scene.legs[-1].role == row.lost and scene.legs[-1].tries == 2
            assert "call_out" in done
        case Do.ASK:
            assert scene.caller.script["purpose"] == "unfinished"
        case Do.QUEUE:
            assert scene.call.state in (Call.QUEUED, Call.CONNECTED) and "open_person" in done
        case Do.RING_BACK:
            assert scene.legs[-1].role == Role.CALLER and scene.call.state == Call.QUEUED
            assert "call_out" in done
        case Do.WRAP_UP:
            assert [leg.script["purpose"] for leg in left] == ["wrap_up"]
        case Do.BOT:
            assert scene.call.state == Call.WITH_BOT
        case Do.CALL_BACK:
            assert "call_back" in done
            assert all(leg.script["then"] == "hang_up" for leg in left)
        case Do.END:
            assert all(leg.script["then"] == "hang_up" for leg in left)
    if row.do == Do.HAND_ON:
        assert "call_back" in done
    if not left and row.do in (Do.END, Do.CALL_BACK):
        assert scene.call.state == Call.ENDED and scene.call.outcome


async def test_a_lawyer_who_picks_up_alone_is_told_though_a_colleague_still_hears_goodbye(
    db, clock
):
    people = (Role.CALLER, CITIZEN, Leg.ENDED), (Role.LAWYER, LI, Leg.ANSWERED)
    async with db.write() as s:
        call = store.open_call(s, "twilio", "citizen", CITIZEN, clock.now(), Call.QUEUED)
        await s.flush()
        legs = []
        for role, number, state in (*people, (Role.LAWYER, WANG, Leg.ANSWERED)):
            leg = store.open_leg(s, call, role, number, clock.now(), took=number == WANG)
            leg.state, leg.answered_at = state.value, clock.now()
            legs.append(leg)
        scene = Scene(s, call, legs, clock.now(), POLICE)
        await rooms.alone(scene, legs[-1])
    assert [leg.role for leg in scene.legs] == ["caller", "lawyer", "lawyer", "caller"]  # rung


@pytest.mark.parametrize("lost", Role)
def test_whoever_is_left_there_is_a_row(lost):
    others = [role for role in Role if role != lost]
    for bits in range(2 ** len(others)):
        left = frozenset(role for n, role in enumerate(others) if bits >> n & 1)
        for abrupt in (True, False):
            assert row_for(lost, left, abrupt=abrupt, tries=1, reached=True, owed=False)


async def test_a_lawyer_whose_line_drops_is_rung_again_and_the_citizen_stays(office):
    citizen, lawyer = await office.connected()
    await lawyer.hangs_up("failed")
    await citizen.hears("律师的电话没有连上")
    again = await office.carrier.rings(WANG)
    await again.answers()
    await office.carrier.together(citizen, again)


async def test_after_the_lawyer_hung_up_a_key_brings_them_back(office):
    citizen, lawyer = await office.connected()
    await lawyer.hangs_up()
    await citizen.hears("想接回请按 1")
    await citizen.presses("1")
    again = await office.carrier.rings(WANG)
    await again.answers()
    await office.carrier.together(citizen, again)


async def test_110_that_does_not_answer_is_rung_again_and_then_the_citizen_is_told(office):
    citizen = await office.talks()
    await citizen.says("他拿刀要砍我，救命")
    first = await office.carrier.rings(POLICE)
    await first.hangs_up("busy")
    await citizen.hears("110 没有接通，正在重新拨打")
    second = await office.carrier.rings(POLICE)
    await second.hangs_up("no_answer")
    await citizen.hears("110 两次没有接通")
    assert office.carrier.dialled().count(POLICE) == 2


async def test_when_110_leaves_the_two_others_stay(office):
    citizen, lawyer, police = await office.three()
    await police.hangs_up()
    await citizen.hears("110 已经离线")
    await office.carrier.together(citizen, lawyer)
    await office.becomes("connected")


async def test_when_the_lawyer_leaves_the_citizen_stays_with_110(office):
    citizen, lawyer, police = await office.three()
    await lawyer.hangs_up()
    await police.hears("律师断线了")
    await office.carrier.together(citizen, police)


async def test_when_the_citizen_drops_110_hears_the_number(office):
    citizen, lawyer, police = await office.three()
    await citizen.hangs_up("failed")
    await police.hears("幺 三 八 零 零")
    await office.carrier.together(lawyer, police)


async def test_who_was_on_when_is_kept(office):
    citizen, lawyer, police = await office.three()
    for line in (police, lawyer, citizen):
        await line.hangs_up()
    await office.becomes("ended")
    legs = {leg.role: leg for leg in await office.legs()}
    assert set(legs) == {"caller", "lawyer", "police"}
    assert all(leg.answered_at and leg.ended_at for leg in legs.values())
    joined = [event.leg_id for event in await office.history() if event.kind == "joined"]
    assert {leg.id for leg in legs.values()} <= set(joined)


async def test_after_the_lawyer_hung_up_0_reaches_another_one(office):
    citizen, lawyer = await office.connected()
    await lawyer.hangs_up()
    await citizen.hears("想找别的律师请按 0")
    await office.lawyer("李律师", LI)
    await citizen.presses("0")
    await citizen.hears("正在为您找值班律师")
    another = await office.takes(LI)
    await office.carrier.together(citizen, another)
    [ticket] = await office.tickets()
    assert ticket.status == "accepted"


async def test_who_stays_on_the_line_after_the_case_was_closed_reaches_a_person_again(office):
    citizen, lawyer = await office.connected()
    [ticket] = await office.tickets()
    await lawyer.hangs_up()
    await office.parts.dispatch.close(ticket.id, ticket.owner, "answered")
    await citizen.hears("想找别的律师请按 0")
    await citizen.presses("0")
    again = await office.takes(WANG)
    await office.carrier.together(citizen, again)
    assert sorted(one.status for one in await office.tickets()) == ["accepted", "closed"]
