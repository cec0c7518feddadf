"""Each text once through the trained model, as a live message goes, and what the talk would do."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.hearing import Heard
from bot.understand import as_live, row


@dataclass(frozen=True)
class Reading:
    ranked: list[tuple[str, float]]
    told: dict[str, Any]  # party, danger, groups, region, money, time, ask
    named: str | None  # the label the talk would act on; None: it asks
    offered: list[str]  # the labels it would ask between; fewer than two: it asks to be told more
    ms: float

    @property
    def first(self) -> str:
        return self.ranked[0][0]

    @property
    def chance(self) -> float:
        return self.ranked[0][1]

    def chance_of(self, label: str) -> float:
        return dict(self.ranked).get(label, 0.0)


async def read(texts: list[str], model: Path) -> dict[str, Reading]:
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    await agent.parse_message("你好")  # the first one opens what is opened once
    found = {}
    for text in dict.fromkeys(texts):
        began = time.perf_counter()
        parsed = await agent.parse_message(as_live(text))
        ms = (time.perf_counter() - began) * 1000
        heard = _heard(text, parsed)
        named = heard.label()
        answer = row(parsed)
        ranked = [(str(label), float(chance)) for label, chance in answer.pop("ranked")]
        found[text] = Reading(ranked, answer, named, [] if named else heard.likely(), ms)
    return found


def _heard(text: str, parsed: dict[str, Any]) -> Heard:
    return Heard(
        text=text.strip(),
        intent=parsed["intent"]["name"],
        confidence=parsed["intent"]["confidence"],
        ranking=[(str(label), float(chance)) for label, chance in parsed["matter_ranking"]],
        spans=parsed["spans"],
        danger=[],
        conversation="",
        message_id="",
        today=dt.date.today(),
    )
