"""The conversations of tests/conversations, at the level of the action: real engine, no model."""

import datetime as dt
import statistics
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions import talk
from actions.memory import Memory
from bot.language import danger
from router.cli.converse import detail
from router.gateway import emergency
from tests.actions.screening import Office
from tests.actions.understanding import TODAY, hear
from tests.manners import MOST_QUESTIONS, Line, faults, questions

FOLDER = Path(__file__).resolve().parent.parent / "conversations"
DIALOGUES = [
    pytest.param(dialogue, id=f"{file.stem}:{dialogue['id']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for dialogue in yaml.safe_load(file.read_text(encoding="utf-8"))
]


async def play(dialogue: dict[str, Any]) -> tuple[Memory, Office, list[Line]]:
    """Turns in order; when they run out, 不知道 to a question and 没有了 to an offer."""
    office, memory, today = Office(), Memory(), TODAY
    router, said = office.door(), []
    turns = list(dialogue["turns"])
    for number in range(30):
        if turns:
            text = turns.pop(0)
        elif memory.asked or memory.choosing:
            text = "不知道"
        else:
            break
        today += dt.timedelta(days=dialogue.get("days_before", {}).get(text, 0))
        signs = danger.find(text)
        label = dialogue.get("labels", {}).get(text, dialogue.get("label"))
        heard = hear(text, label, signs, message_id=f"m{number}", today=today)
        # as between two processes: what is remembered goes through Rasa's slots and JSON
        memory = Memory.of(yaml.safe_load(yaml.safe_dump(memory.values())))
        reply = await talk.turn(heard, memory, router)
        said += [("citizen", text), *[("system", emergency.advice(signs))][: len(signs)]]
        said += [("bot", reply.text + detail(reply.custom or {}))]
        assert reply.text, "the bot always says something"
    await router.close()
    return memory, office, said


@pytest.mark.parametrize("dialogue", DIALOGUES)
async def test_a_conversation_ends_where_it_should(dialogue: dict[str, Any]) -> None:
    memory, office, said = await play(dialogue)
    shown = "\n".join(f"{who}: {text}" for who, text in said)
    assert not faults(dialogue, said), "\n".join([*faults(dialogue, said), shown])
    kind = office.ticket_kind() or (memory.offered or [{"kind": "information_only"}])[0]["kind"]
    assert kind in [dialogue["outcome"], *dialogue.get("also_ok", [])], shown
    for name, value in dialogue["facts"].items():
        told = memory.facts.get(name)
        if isinstance(value, list):
            assert set(value) <= set(told or []), f"{name}: {told}\n{shown}"
        else:
            assert told == value, f"{name}: {told}\n{shown}"
    for name, value in dialogue.get("details", {}).items():
        told = memory.details.get(name)
        if isinstance(value, list):
            assert set(value) <= set(told or []), f"{name}: {told}\n{shown}"
        elif isinstance(value, str):
            assert value in str(told), f"{name}: {told}\n{shown}"
        else:
            assert told == value, f"{name}: {told}\n{shown}"


async def test_the_median_conversation_takes_at_most_eight_questions() -> None:
    asked = [len(questions((await play(case.values[0]))[2])) for case in DIALOGUES]
    assert statistics.median(asked) <= MOST_QUESTIONS
