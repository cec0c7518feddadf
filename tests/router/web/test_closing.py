"""At closing the lawyer says what the machine heard wrong; untouched is confirmed."""

import html
import json
import re

import pytest
from sqlalchemy import select

from router.conversations.models import Conversation
from router.corrections.models import Correction
from tests import factories
from tests.router.web.test_desk import OURS, PAGE, SECRET, accept, sign_in

HEARD = {
    "label": "labour_pay",
    "facts": {"matter": "wages", "household_size": 4, "groups": ["migrant_worker"]},
    "details": {"amount": 59000},
}


@pytest.fixture
async def case(client, parts, clock):
    """A case in Wang's hands: wages of 59,000 were heard, a migrant worker, a household of 4."""
    await factories.lawyer(parts.db, clock, "王清和", login="wang", password_hash=SECRET)
    conversation = await factories.conversation(parts.db, clock)
    async with parts.db.write() as s:
        row = await s.get(Conversation, conversation.id)
        row.intake = json.dumps(HEARD)
    ticket = await factories.ticket(parts.db, clock, conversation.id, matter="labour_pay")
    await parts.dispatch.offer(ticket.id)
    await sign_in(client, "wang")
    await accept(client, parts, ticket)
    return ticket


async def form_shown(client, ticket) -> dict[str, object]:
    """What a browser would send, nothing touched."""
    page = (await client.get(f"/desk/tickets/{ticket.id}", headers=PAGE)).text
    form = page[page.index('id="close-case"') :].partition("</form>")[0]
    fields: dict[str, object] = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input [^>]*?name="(\w+)" value="([^"]*)"', form)
        if name != "groups"
    }
    fields["groups"] = re.findall(r'name="groups" value="(\w+)" checked', form)
    [fields["matter"]] = re.findall(r'<option value="(\w+)" selected', form)
    return fields | {"outcome": "answered"}


async def close(client, ticket, form):
    return await client.post(f"/desk/tickets/{ticket.id}/close", data=form, headers=OURS)


async def stored(parts) -> list[Correction]:
    async with parts.db.read() as s:
        return list(await s.scalars(select(Correction)))


async def test_the_form_shows_what_was_heard(client, case):
    form = await form_shown(client, case)
    assert form["matter"] == "labour_pay" and form["groups"] == ["migrant_worker"]
    assert (form["amount"], form["household_size"], form["income_pc"]) == ("59000", "4", "")


async def test_untouched_is_confirmed(client, parts, case):
    assert (await close(client, case, await form_shown(client, case))).status_code == 303
    [row] = await stored(parts)
    assert (row.heard, row.given, row.changed) == ("labour_pay", "labour_pay", [])


async def test_another_matter_and_other_facts_are_stored_as_heard_and_given(client, parts, case):
    await parts.gateway.let_learn(case.conversation_id, True)
    form = await form_shown(client, case)
    form |= {"matter": "work_injury", "amount": "5,900", "groups": ["dibao", "migrant_worker"]}
    await close(client, case, form)
    [row] = await stored(parts)
    assert (row.heard, row.given) == ("labour_pay", "work_injury")
    assert row.changed == ["amount", "groups"]
    assert row.values["amount"] == [59000, 5900]
    assert set(row.values["groups"][1]) == {"dibao", "migrant_worker"}


async def test_without_the_citizens_word_only_what_was_wrong_is_counted(client, parts, case):
    await close(client, case, await form_shown(client, case) | {"amount": "5900"})
    [row] = await stored(parts)
    assert row.changed == ["amount"] and row.values_sealed is None


async def test_values_are_sealed_and_gone_when_the_citizen_takes_the_word_back(client, parts, case):
    await parts.gateway.let_learn(case.conversation_id, True)
    await close(client, case, await form_shown(client, case) | {"amount": "5900"})
    [row] = await stored(parts)
    assert row.values_sealed and b"5900" not in row.values_sealed
    await parts.gateway.let_learn(case.conversation_id, False)
    [row] = await stored(parts)
    assert row.changed == ["amount"] and row.values_sealed is None


@pytest.mark.parametrize("outcome", ["unreachable", "withdrawn"])
async def test_where_nobody_was_spoken_to_nothing_is_confirmed(client, parts, case, outcome):
    await close(client, case, await form_shown(client, case) | {"outcome": outcome})
    assert await stored(parts) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"matter": "erfunden"}, {"matter": ""}, {"amount": "viel"}, {"amount": "-1"},
        {"household_size": "0"}, {"household_size": "2.5"}, {"amount": "nan"},
        {"amount": "1e999"}, {"groups": ["erfunden"]}, {"heard": "[]"}, {"heard": "{"},
    ],
)  # fmt: skip
async def test_what_the_form_does_not_offer_is_refused_and_the_case_stays_open(
    client, parts, case, wrong
):
    answer = await close(client, case, await form_shown(client, case) | wrong)
    assert answer.status_code == 422
    assert await stored(parts) == []
    assert (await close(client, case, await form_shown(client, case))).status_code == 303


async def test_a_form_of_before_the_update_still_closes_and_corrects_nothing(client, parts, case):
    assert (await close(client, case, {"outcome": "answered"})).status_code == 303
    assert await stored(parts) == []


async def test_a_case_that_nothing_was_heard_of_needs_no_matter(client, parts, clock, case):
    form = {"outcome": "answered", "heard": '{"label": null, "groups": []}', "matter": ""}
    assert (await close(client, case, form)).status_code == 303
    assert await stored(parts) == []


async def test_a_second_press_stores_it_once(client, parts, case):
    form = await form_shown(client, case)
    await close(client, case, form)
    assert (await close(client, case, form)).status_code == 409
    assert len(await stored(parts)) == 1
