"""What the bot says: the texts of bot/phrases. Only the actions speak, so Rasa loads none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

BOT = Path(__file__).resolve().parent.parent / "bot"
DOMAIN, PHRASES = BOT / "domain", BOT / "phrases"
FILES = ("responses.yml", "questions.yml", "why.yml")

Button = dict[str, str]


@lru_cache(maxsize=1)
def _responses() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name in FILES:
        raw = yaml.safe_load((PHRASES / name).read_text(encoding="utf-8"))
        found |= raw["responses"]
    return found


@lru_cache(maxsize=1)
def slots(folder: Path) -> tuple[str, ...]:
    """The slots of the domain, facts first."""
    raw = yaml.safe_load((folder / "slots.yml").read_text(encoding="utf-8"))
    return tuple(raw["slots"])


def say(name: str) -> str:
    return str(_responses()[f"utter_{name}"][0]["text"])


def question(fact: str, time: int = 1) -> tuple[str, list[Button]]:
    """The question about a fact and its buttons; a later time may have a shorter wording."""
    variants = _responses()[f"utter_ask_{fact}"]
    response = variants[min(time, len(variants)) - 1]
    return str(response["text"]), list(response.get("buttons", []))


def has_question(fact: str) -> bool:
    return f"utter_ask_{fact}" in _responses()


def why(fact: str | None) -> str:
    name = f"utter_why_{fact}"
    return str(_responses()[name if name in _responses() else "utter_why_default"][0]["text"])


def button(words: str) -> Button:
    """Plain words both ways: what is shown is what is said."""
    return {"title": words, "payload": words}
