"""The one door of the dialogue's actions: only with the service token, errors as sentences."""

import pytest

PATHS = ["/internal/screenings", "/internal/tickets", "/internal/status", "/internal/cases"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", "between us", "Bearer 长城"])
async def test_without_the_service_token_nobody_gets_in(actions, citizen, path, shown):
    answer = await actions.post(
        path, json={"conversation": citizen.id}, headers={"Authorization": shown.encode()}
    )
    assert answer.status_code == 403


async def test_a_router_without_a_token_lets_nobody_in(actions, citizen, settings):
    settings.SERVICE_TOKEN = None
    answer = await actions.post("/internal/cases", json={"conversation": citizen.id})
    assert answer.status_code == 403


async def test_facts_come_in_and_a_decision_with_its_doors_goes_out(actions, citizen):
    asked = {
        "conversation": citizen.id, "message_id": "m1", "label": "neighbour_property",
        "facts": {"matter": "neighbour", "lawyer": False, "income_pc": None}, "details": {},
    }  # fmt: skip
    answer = (await actions.post("/internal/screenings", json=asked)).json()
    assert answer["outcome"] == "OUT_OF_SCOPE" and answer["decided"] is True
    assert answer["destinations"][0]["name"] == "mediation"
    assert {"next_question", "summary", "basis", "articles", "route", "warn"} <= set(answer)


async def test_an_impossible_fact_is_answered_with_its_name_and_a_sentence(actions, citizen):
    asked = {"conversation": citizen.id, "message_id": "m1", "facts": {"income_pc": -5}}
    answer = await actions.post("/internal/screenings", json=asked)
    assert answer.status_code == 422 and answer.json()["fact"] == "income_pc"
    assert answer.json()["error"]


async def test_a_ticket_a_status_and_a_next_case(actions, citizen):
    asked = {"conversation": citizen.id, "message_id": "m1", "destination": "duty_lawyer"}
    first = (await actions.post("/internal/tickets", json=asked | {"note": None})).json()
    again = (await actions.post("/internal/tickets", json=asked)).json()
    assert first["ticket"] == again["ticket"] and first["kind"] == "duty_lawyer"
    where = {"conversation": citizen.id, "reference": None}
    assert "第1位" in (await actions.post("/internal/status", json=where)).json()["text"]
    case = await actions.post("/internal/cases", json={"conversation": citizen.id})
    assert case.json() == {"case_no": 2}


async def test_a_conversation_that_is_not_there_is_not_found(actions):
    answer = await actions.post("/internal/cases", json={"conversation": "0" * 32})
    assert answer.status_code == 404


@pytest.mark.parametrize("body", [{}, {"conversation": 1}, {"conversation": "x", "more": 1}])
async def test_what_is_not_of_the_form_is_refused(actions, body):
    assert (await actions.post("/internal/cases", json=body)).status_code == 422
