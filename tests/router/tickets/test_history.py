"""Where a ticket stands follows from its history alone."""

from datetime import UTC, datetime

import pytest

from router.tickets.history import BrokenChain, Standing, rebuild
from router.tickets.models import TicketEvent

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def lines(*moves):
    return [
        TicketEvent(ticket_id="t", at=NOON, move=move, was=was, now=now, by=by, data=data)
        for move, was, now, by, data in moves
    ]


OPENED = ("opened", None, "open", None, {})
OFFERED = ("offered", "open", "offered", None, {"to": "wang"})
ACCEPTED = ("accepted", "offered", "accepted", "wang", {})


def test_an_offer_names_whom_it_went_to_until_it_ends():
    assert rebuild(lines(OPENED, OFFERED)) == Standing("offered", offered_to="wang")
    expired = ("expired", "offered", "open", None, {"to": "wang"})
    assert rebuild(lines(OPENED, OFFERED, expired)) == Standing("open")


def test_a_ticket_that_was_given_back_has_no_owner_and_a_closed_one_keeps_its_last():
    returned = ("returned", "accepted", "open", "wang", {})
    closed = ("closed", "accepted", "closed", "wang", {"outcome": "answered"})
    assert rebuild(lines(OPENED, OFFERED, ACCEPTED, returned)) == Standing("open")
    assert rebuild(lines(OPENED, OFFERED, ACCEPTED, closed)) == Standing(
        "closed", owner="wang", outcome="answered", accepted_at=NOON, closed_at=NOON
    )


@pytest.mark.parametrize("kept", [[], [OFFERED], [OPENED, ACCEPTED]])
def test_a_line_that_is_missing_is_noticed(kept):
    with pytest.raises(BrokenChain):
        rebuild(lines(*kept))
