"""How urgent a new ticket is, both sides of each line; against whom, and in which dialect."""

import pytest
from sqlalchemy import select

from router.dispatch.matching import fill, urgency_of
from router.names import name_indices
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency
from tests import factories

U = Urgency


@pytest.mark.parametrize(
    ("outcome", "facts", "urgency"),
    [
        ("EMERGENCY_110", {"detained": True}, U.DANGER),
        ("URGENT", {}, U.DEADLINE),
        ("ELIGIBLE", {"days_left": 7}, U.DEADLINE),
        ("ELIGIBLE", {"days_left": 8}, U.ORDINARY),
        ("ELIGIBLE", {"days_left": 0}, U.DEADLINE),
        ("ELIGIBLE", {"days_left": -1}, U.ORDINARY),
        ("MAY_NOTIFY", {"detained": True, "age": 17}, U.DETAINED),
        ("MAY_NOTIFY", {"detained": False}, U.ORDINARY),
        ("CONSULT", {"age": 17}, U.SPECIAL),
        ("CONSULT", {"age": 18}, U.ORDINARY),
        ("CONSULT", {"age": 59}, U.ORDINARY),
        ("CONSULT", {"age": 60}, U.SPECIAL),
        ("CONSULT", {"disability": "hearing"}, U.SPECIAL),
        ("CONSULT", {"disability": "none"}, U.ORDINARY),
        ("CONSULT", {"groups": ["military_family"]}, U.SPECIAL),
        ("CONSULT", {"groups": ["migrant_worker"]}, U.ORDINARY),
        ("NEED_FACTS", {}, U.ORDINARY),
    ],
)
def test_what_is_known_decides_the_class_and_the_unknown_makes_nothing_urgent(
    outcome, facts, urgency
):
    assert urgency_of({"outcome": outcome, "facts": facts}) == urgency


def test_a_group_that_was_only_mentioned_counts_as_well():
    assert urgency_of({"details": {"groups": ["pregnant"]}}) == U.SPECIAL
    assert urgency_of({"details": {"groups": ["woman"]}}) == U.ORDINARY


async def test_the_other_party_is_kept_as_an_index_alone(db, clock):
    talk = await factories.conversation(db, clock)
    ticket = await factories.ticket(db, clock, talk.id)
    intake = {"details": {"opponent": "某某建筑有限公司", "language": "粤语"}}
    async with db.write() as s:
        await fill(s, await s.get_one(Ticket, ticket.id), intake, urgency=None)
    async with db.read() as s:
        kept = await s.scalar(select(Ticket))
    assert kept.opponent_index == name_indices("某某建筑有限公司")[0] and kept.language == "粤语"
    assert "建筑" not in kept.opponent_index
