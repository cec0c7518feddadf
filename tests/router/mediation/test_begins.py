"""A mediation begins where the nearest committee is really there, once, and never in violence."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from router.dispatch.models import Offer, Timer
from router.mediation.models import Mediation
from router.mediation.tables import BadTables
from router.referrals.outbound import OPEN_MEDIATION
from tests import factories
from tests.router.mediation.conftest import COMMITTEES, MEDIATORS


async def test_a_choice_in_the_dialogue_is_a_mediation_with_the_citizens_consent(hall):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    assert (one.status, await hall.committee(one)) == ("proposed", "清河县调委会")
    (told,) = [line for line in await hall.said_to(talk) if "清河县调委会" in line]
    assert "现在有调解员在岗" in told and "0000-0000003" in told
    asked = await hall.parts.routing.status(talk.id)
    assert "人民调解：等待联系对方" in asked


async def test_the_village_that_was_named_is_nearest_and_after_its_hours_the_township(hall, clock):
    named = {"details": {"region": "柳溪镇石桥村"}}
    assert await hall.committee(await hall.begun(**named)) == "石桥村调委会"
    clock._now += timedelta(hours=6)
    assert await hall.committee(await hall.begun(**named)) == "柳溪镇调委会"
    assert await hall.committee(await hall.begun()) == "清河县调委会", "nobody named a village"


async def test_with_nobody_anywhere_it_is_the_nearest_and_the_citizen_hears_when_it_opens(
    hall, clock
):
    clock._now += timedelta(hours=12)
    talk, ticket_id = await hall.chosen(details={"region": "石桥村"})
    assert await hall.committee(await hall.mediation(ticket_id)) == "石桥村调委会"
    assert any("现在没有调解员在岗，3月3日 09:00 起有人。" in x for x in await hall.said_to(talk))


async def test_the_first_answer_names_the_one_chosen_its_hours_and_who_opens_sooner(hall, clock):
    talk = await hall.citizen(details={"region": "石桥村"})
    told = await hall.parts.routing.open_ticket(talk.id, "m-1", "mediation")
    assert "石桥村调委会（石桥村；电话 0000-0000001；现在有调解员在岗）" in told["text"]
    clock._now += timedelta(hours=12)
    talk = await hall.citizen(details={"region": "石桥村"})
    told = await hall.parts.routing.open_ticket(talk.id, "m-1", "mediation")
    assert "现在没有调解员在岗，3月3日 09:00 起有人" in told["text"]
    assert "可以先找清河县调委会" in told["text"] and "3月3日 08:00 起有人" in told["text"]


async def test_who_is_listed_but_absent_is_passed_over(hall):
    await hall.tables(COMMITTEES, MEDIATORS.replace("11:30,在岗", "11:30,不在岗"))
    assert await hall.committee(await hall.begun(details={"region": "石桥村"})) == "柳溪镇调委会"


async def test_the_same_referral_opens_one_mediation_however_often_the_timer_fires(hall):
    one = await hall.begun()
    async with hall.db.write() as s:
        again = {"referral": one.referral_id}
        s.add(Timer(id="again", kind=OPEN_MEDIATION, due_at=hall.clock.now(), data=again))
    await hall.fire()
    assert await hall.count(Mediation) == 1
    assert await hall.history(one) == ["proposed"]


async def test_a_lawyer_who_closes_a_case_to_the_mediators_begins_one_too(hall):
    lawyer = await factories.lawyer(hall.db, hall.clock)
    talk = await hall.citizen()
    told = await hall.parts.routing.open_ticket(talk.id, "m-1", "duty_lawyer")
    async with hall.db.read() as s:
        offer = await s.scalar(select(Offer))
    await hall.parts.dispatch.accept(offer.id, lawyer.id)
    await hall.parts.dispatch.close(told["ticket"], lawyer.id, "referred_mediation", None)
    await hall.fire()
    one = await hall.mediation(told["ticket"])
    assert one.status == "proposed"
    await hall.parts.mediations.invite(one.id, "zheng")
    await hall.parts.mediations.consent(one.id, "zheng", "respondent", True, "phone")
    assert await hall.state(one) == "invited", "the citizen has not been asked yet"


VIOLENT = [
    {"label": "domestic_violence"},
    {"facts": {"violence": "suffered"}},
    {"facts": {"danger": "violence_now"}},
]


@pytest.mark.parametrize("intake", VIOLENT)
async def test_violence_is_never_mediated_and_a_lawyer_goes_on(hall, intake):
    talk, ticket_id = await hall.chosen(**intake)
    one = await hall.mediation(ticket_id)
    assert (one.status, one.committee_id) == ("barred", None)
    ticket = await hall.ticket(ticket_id)
    assert (ticket.status, ticket.destination) == ("open", "duty_lawyer")
    assert "不能调解" in ticket.summary
    assert (await hall.referral(one)).status == "returned"
    (told,) = [line for line in await hall.said_to(talk) if "不能调解" in line]
    assert "110" in told and "值班律师" in told


async def test_a_bad_table_changes_nothing_and_names_the_cell(hall):
    bad = (
        MEDIATORS.replace("每天 08:00-20:00", "白天")
        + "x,某人,没有的调委会,每天 08:00-09:00,在岗\n"
    )
    with pytest.raises(BadTables) as told:
        await hall.tables(bad)
    said = " ".join(str(one) for one in told.value.troubles)
    assert "值班时间" in said and "没有的调委会" in said
    assert await hall.tables(COMMITTEES, MEDIATORS) == [], "the same again changes nothing"
