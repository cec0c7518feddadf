"""The conversations of tests/conversations, at the level of the action: real engine, no model."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions import talk
from actions.exchange import SHORT
from actions.memory import Memory
from tests.actions.screening import Office
from tests.actions.understanding import hear

FOLDER = Path(__file__).resolve().parent.parent / "conversations"
DIALOGUES = [
    pytest.param(dialogue, id=f"{file.stem}:{dialogue['id']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for dialogue in yaml.safe_load(file.read_text(encoding="utf-8"))
]


async def play(dialogue: dict[str, Any]) -> tuple[Memory, Office, list[tuple[str, str]]]:
    """Turns in order; when they run out, 不知道 to a question and 没有了 to an offer."""
    office, memory = Office(), Memory()
    router, said = office.door(), []
    turns = list(dialogue["turns"])
    for number in range(30):
        if turns:
            text = turns.pop(0)
        elif memory.asked or memory.choosing:
            text = "不知道"
        else:
            break
        danger = dialogue.get("danger") if number == 0 else None
        label = dialogue.get("labels", {}).get(text, dialogue.get("label"))
        heard = hear(text, label, danger, message_id=f"m{number}")
        # as between two processes: what is remembered goes through Rasa's slots and JSON
        memory = Memory.of(yaml.safe_load(yaml.safe_dump(memory.values())))
        reply = await talk.turn(heard, memory, router)
        said += [("citizen", text), ("bot", reply.text)]
        assert reply.text, "the bot always says something"
        assert len(reply.text) <= SHORT, reply.text
        assert reply.text.count("？") + reply.text.count("?") <= 1, f"one question: {reply.text}"
    await router.close()
    return memory, office, said


@pytest.mark.parametrize("dialogue", DIALOGUES)
async def test_a_conversation_ends_where_it_should(dialogue: dict[str, Any]) -> None:
    memory, office, said = await play(dialogue)
    shown = "\n".join(f"{who}: {text}" for who, text in said)
    kind = office.ticket_kind() or (memory.offered or [{"kind": None}])[0]["kind"]
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


@pytest.mark.parametrize("dialogue", DIALOGUES)
async def test_nothing_that_was_told_is_asked_again(dialogue: dict[str, Any]) -> None:
    _, _, said = await play(dialogue)
    asked = [text for who, text in said if who == "bot" and text.endswith("？")]
    for question in set(asked):
        assert asked.count(question) <= 3, question
