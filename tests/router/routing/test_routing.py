"""From facts to a decision that can be replayed, from a decision to a person who has it."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from router.conversations.models import Conversation
from router.dispatch.models import Offer, Timer
from router.eligibility import FactError, decide, load_law, parse_facts
from router.errors import BadRequest, NotFound
from router.routing.models import Screening
from router.tickets.models import Ticket, TicketEvent
from router.tickets.urgency import Urgency
from tests import factories

POOR_WORKER = {"matter": "wages", "lawyer": False, "income_pc": 800}
NEIGHBOUR = {"matter": "neighbour", "lawyer": False}


async def rows(db, kind, *where):
    async with db.read() as s:
        return list(await s.scalars(select(kind).where(*where)))


async def intake_of(db, citizen):
    async with db.read() as s:
        return json.loads((await s.get(Conversation, citizen.id)).intake or "{}")


async def test_what_is_missing_is_asked_and_nothing_is_decided(db, routing, citizen):
    answer = await routing.screen(citizen.id, "m1", {"matter": "wages"}, "labour_pay")
    assert answer["next_question"] == "lawyer" and not answer["decided"]
    assert answer["screening_id"] is None and answer["destinations"] == []
    assert await rows(db, Screening) == []
    assert (await intake_of(db, citizen))["facts"]["matter"] == "wages"


async def test_a_decision_names_the_doors_the_recommended_one_first(routing, citizen):
    answer = await routing.screen(citizen.id, "m1", POOR_WORKER, "labour_pay")
    assert answer["outcome"] == "ELIGIBLE" and answer["decided"] and answer["articles"]
    names = [door["name"] for door in answer["destinations"]]
    assert names[:2] == ["legal_aid_application", "duty_lawyer"]
    assert set(answer["destinations"][0]) == {"name", "label", "kind", "delivery", "button"}


async def test_region_and_day_are_filled_in_when_nobody_told_them(db, routing, citizen, clock):
    facts = POOR_WORKER | {"region": None}
    await routing.screen(citizen.id, "m1", facts, "labour_pay")
    told = (await intake_of(db, citizen))["facts"]
    assert (told["region"], told["apply_date"]) == ("990101", "2026-03-02")
    await routing.screen(citizen.id, "m2", POOR_WORKER | {"region": "BJ"}, "labour_pay")
    assert (await intake_of(db, citizen))["facts"]["region"] == "BJ"


async def test_a_stored_decision_can_be_replayed_from_what_was_stored(db, routing, citizen):
    await routing.screen(citizen.id, "m1", POOR_WORKER, "labour_pay")
    (stored,) = await rows(db, Screening)
    again = decide(parse_facts(json.loads(stored.facts)), load_law())
    assert json.loads(stored.decision) == json.loads(json.dumps(again.to_dict()))
    assert stored.outcome == "ELIGIBLE" and len(stored.law_version) == 16
    assert b"wages" not in stored.facts_sealed and stored.context == {"label": "labour_pay"}


async def test_the_same_message_is_screened_once(db, routing, citizen):
    answers = await asyncio.gather(
        *(routing.screen(citizen.id, "m1", POOR_WORKER, "labour_pay") for _ in range(3))
    )
    assert len({a["screening_id"] for a in answers}) == 1 == len(await rows(db, Screening))
    other = await routing.screen(citizen.id, "m2", POOR_WORKER, "labour_pay")
    assert other["screening_id"] != answers[0]["screening_id"]


async def test_an_impossible_fact_is_named(routing, citizen):
    with pytest.raises(FactError) as wrong:
        await routing.screen(citizen.id, "m1", {"age": -3}, None)
    assert wrong.value.fact == "age"


async def test_an_unknown_label_or_conversation_is_refused(routing, citizen):
    with pytest.raises(BadRequest):
        await routing.screen(citizen.id, "m1", {}, "wages")
    with pytest.raises(NotFound):
        await routing.screen("nobody", "m1", {}, None)


async def test_a_ticket_is_offered_to_the_lawyer_on_duty(db, routing, citizen, clock):
    wang = await factories.lawyer(db, clock)
    await routing.screen(citizen.id, "m1", POOR_WORKER, "labour_pay", {"amount": 59000})
    opened = await routing.open_ticket(citizen.id, "m2", "duty_lawyer")
    assert (opened["status"], opened["position"]) == ("offered", None)
    assert opened["reference"] == citizen.reference and citizen.reference in opened["text"]
    (ticket,) = await rows(db, Ticket)
    assert (ticket.id, ticket.offered_to) == (opened["ticket"], wang.id)
    assert ticket.matter == "labour_pay" and ticket.screening_id
    assert json.loads(ticket.intake)["details"] == {"amount": 59000}
    assert ticket.summary == "劳动报酬；预审可申请" and ticket.summary_sealed


async def test_with_nobody_on_duty_the_citizen_hears_so_and_keeps_a_place(db, routing, citizen):
    opened = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    assert (opened["status"], opened["position"]) == ("queued", 1)
    assert "现在没有律师在岗" in opened["text"] and "第1位" in opened["text"]
    assert "12348" in opened["text"] and "110" in opened["text"]
    (ticket,) = await rows(db, Ticket)
    assert ticket.alarmed_at


async def test_with_all_lawyers_busy_the_citizen_hears_so(db, routing, citizen, clock):
    await factories.lawyer(db, clock, capacity=1)
    other = await factories.conversation(db, clock)
    await routing.open_ticket(other.id, "m1", "duty_lawyer")
    opened = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    assert "没有律师在岗" not in opened["text"] and "正在接待" in opened["text"]


async def test_the_same_request_opens_one_ticket(db, routing, citizen, clock):
    await factories.lawyer(db, clock)
    answers = await asyncio.gather(
        *(routing.open_ticket(citizen.id, "m1", "duty_lawyer") for _ in range(4))
    )
    assert len({a["ticket"] for a in answers}) == 1 == len(await rows(db, Ticket))
    assert len(await rows(db, Offer)) == 1


async def test_pressing_the_button_again_keeps_the_place_in_the_queue(db, routing, citizen):
    first = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    again = await routing.open_ticket(citizen.id, "m2", "duty_lawyer")
    assert again["ticket"] == first["ticket"] and again["position"] == 1


async def test_a_person_asked_for_before_the_trouble_was_told_is_the_same_person(
    db, routing, citizen
):
    first = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    await routing.screen(citizen.id, "m2", POOR_WORKER, "labour_pay")
    again = await routing.open_ticket(citizen.id, "m3", "duty_lawyer", "工资没拿到")
    assert again["ticket"] == first["ticket"]
    [ticket] = await rows(db, Ticket)
    assert ticket.matter == "labour_pay" and "工资没拿到" in ticket.summary and ticket.intake


async def test_another_trouble_is_another_ticket(db, routing, citizen):
    await routing.screen(citizen.id, "m1", POOR_WORKER, "labour_pay")
    first = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    assert await routing.next_case(citizen.id) == 2
    assert await intake_of(db, citizen) == {}
    await routing.screen(citizen.id, "m2", NEIGHBOUR, "neighbour_property")
    second = await routing.open_ticket(citizen.id, "m2", "duty_lawyer")
    assert first["ticket"] != second["ticket"]
    assert {t.matter for t in await rows(db, Ticket)} == {"labour_pay", "neighbour_property"}


async def test_an_application_reaches_a_person_and_says_what_to_bring(db, routing, citizen, clock):
    wang = await factories.lawyer(db, clock)
    opened = await routing.open_ticket(citizen.id, "m1", "legal_aid_application")
    assert (opened["delivery"], opened["status"]) == ("application", "offered")
    assert (await rows(db, Ticket))[0].offered_to == wang.id
    for said in (
        "身份证",
        "清河县法律援助中心（虚构）",
        "由法律援助中心审查决定",
        citizen.reference,
    ):
        assert said in opened["text"]


async def test_a_place_without_a_file_for_the_region_invents_no_address(db, routing, clock):
    elsewhere = await factories.conversation(db, clock, region="BJ")
    opened = await routing.open_ticket(elsewhere.id, "m1", "legal_aid_application")
    assert "当地法律援助中心" in opened["text"] and "清河" not in opened["text"]


async def test_mediation_waits_on_the_supervisors_list_not_with_a_lawyer(
    db, routing, citizen, clock
):
    await factories.lawyer(db, clock)
    opened = await routing.open_ticket(citizen.id, "m1", "mediation")
    assert (opened["status"], opened["kind"]) == ("recorded", "mediation")
    (ticket,) = await rows(db, Ticket)
    assert ticket.status == "recorded" and await rows(db, Offer) == []
    assert "双方都愿意" in opened["text"]


async def test_another_organ_is_the_citizens_own_way_and_says_so(db, routing, citizen):
    opened = await routing.open_ticket(citizen.id, "m1", "labour_arbitration")
    assert opened["status"] == "recorded" and "这一步要您自己去办" in opened["text"]
    (ticket,) = await rows(db, Ticket)
    assert (ticket.status, ticket.outcome) == ("closed", "guided")


@pytest.mark.parametrize(("outcome", "urgency"), [("URGENT", 1), ("ELIGIBLE", 4)])
async def test_what_the_law_calls_urgent_goes_before_the_ordinary(
    db, routing, citizen, outcome, urgency
):
    facts = POOR_WORKER | {"days_left": 5 if outcome == "URGENT" else 60}
    assert (await routing.screen(citizen.id, "m1", facts, "labour_pay"))["outcome"] == outcome
    await routing.open_ticket(citizen.id, "m1", "legal_aid_application")
    assert (await rows(db, Ticket))[0].urgency == urgency


async def test_danger_alarms_a_person_once_while_the_alarm_is_open(db, routing, citizen, clock):
    wang = await factories.lawyer(db, clock)
    first = await routing.alarm(citizen.id, "m1", ["violence_or_threat"])
    again = await routing.alarm(citizen.id, "m2", ["violence_or_threat", "suicide"])
    assert first["ticket"] == again["ticket"] and "110" in first["text"]
    (ticket,) = await rows(db, Ticket)
    assert (ticket.urgency, ticket.destination) == (0, "emergency_110")
    assert ticket.offered_to == wang.id and "暴力或威胁" in ticket.summary


async def test_danger_moves_what_already_waits_to_the_front(db, routing, citizen, clock):
    earlier = await factories.conversation(db, clock)
    await routing.open_ticket(earlier.id, "m1", "duty_lawyer")
    await clock.advance(timedelta(seconds=1))
    mine = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    assert mine["position"] == 2
    alarmed = await routing.alarm(citizen.id, "m2", ["suicide"])
    assert (alarmed["ticket"], alarmed["position"]) == (mine["ticket"], 1)
    urged = await rows(db, TicketEvent, TicketEvent.move == "urged")
    assert [e.data for e in urged] == [{"danger": ["suicide"], "urgency": Urgency.DANGER}]


async def test_danger_after_a_mediation_was_registered_still_alarms_a_lawyer(db, routing, citizen):
    await routing.open_ticket(citizen.id, "m1", "mediation")
    await routing.alarm(citizen.id, "m2", ["crime_in_progress"])
    found = {t.destination: t.status for t in await rows(db, Ticket)}
    assert found == {"mediation": "recorded", "emergency_110": "open"}


async def test_two_alarms_at_once_open_one_ticket(db, routing, citizen):
    await asyncio.gather(*(routing.alarm(citizen.id, f"m{n}", ["suicide"]) for n in range(4)))
    assert len(await rows(db, Ticket)) == 1


async def test_a_ticket_is_never_without_the_timer_that_finds_it_again(db, routing, citizen):
    opened = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    assert [t.data for t in await rows(db, Timer)] == [{"ticket": opened["ticket"]}]


async def test_the_status_says_where_each_case_stands(db, routing, dispatch, citizen, clock):
    assert "还没有转给" in await routing.status(citizen.id)
    opened = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    assert "第1位" in await routing.status(citizen.id)
    wang = await factories.lawyer(db, clock, "王清和", on_duty=False)
    await dispatch.duty(wang.id, on=True)
    assert "正在请一位值班律师" in await routing.status(citizen.id)
    (offer,) = await rows(db, Offer)
    await dispatch.accept(offer.id, wang.id)
    assert "王清和律师已经接了" in await routing.status(citizen.id, citizen.reference)
    await dispatch.close(opened["ticket"], wang.id, "guided")
    assert "已办结（已指引去处）" in await routing.status(citizen.id)


async def test_a_reference_is_read_as_people_type_it(routing, citizen):
    typed = f" {citizen.reference.lower().replace('-', '－')} "
    assert citizen.reference in await routing.status(citizen.id, typed)


async def test_anothers_reference_looks_like_none_at_all(db, routing, citizen, clock):
    other = await factories.conversation(db, clock)
    await routing.open_ticket(other.id, "m1", "duty_lawyer")
    answers = {await routing.status(citizen.id, r) for r in (other.reference, "JY-NONE-SUCH")}
    assert len(answers) == 1 and other.reference not in answers.pop()


async def test_an_unknown_destination_is_refused(db, routing, citizen):
    with pytest.raises(BadRequest):
        await routing.open_ticket(citizen.id, "m1", "../etc/passwd")
    async with db.read() as s:
        assert await s.scalar(select(func.count()).select_from(Ticket)) == 0


async def test_who_speaks_a_dialect_is_offered_to_a_lawyer_who_speaks_it(
    db, clock, routing, citizen
):
    await factories.lawyer(db, clock, "王律师")
    speaker = await factories.lawyer(db, clock, "李律师", languages=["粤语"])
    await routing.open_ticket(citizen.id, "m1", "duty_lawyer", language="粤语")
    (ticket,) = await rows(db, Ticket)
    assert (ticket.language, ticket.offered_to) == ("粤语", speaker.id)
