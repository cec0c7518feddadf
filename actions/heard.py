"""One message as it was understood, and what taking it in did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from actions.matters import matters, named_in
from actions.volunteered import only_means

SURE, SURE_OF_FEW, AHEAD = 0.55, 0.85, 0.3  # of a label: alone, of a short text, over the next


@dataclass
class Heard:
    """One message as Rasa understood it."""

    text: str
    intent: str
    confidence: float
    ranking: list[tuple[str, float]]
    spans: dict[str, Any]
    danger: list[str]
    conversation: str
    message_id: str
    today: dt.date

    def means(self, *intents: str) -> bool:
        return self.intent in intents and self.confidence >= 0.5

    def label(self) -> str | None:
        """The matter this message clearly tells of."""
        for label, matter in matters().items():
            if self.text == matter.name:  # a button
                return label
        if not self.ranking or only_means(self.text):
            return None
        (top, chance), *others = self.ranking
        if top in ("procedure", "other") and len(self.text) <= 8:
            return None  # 没请律师 is no matter
        named = named_in(self.text)
        enough = SURE if len(self.text) >= 8 else SURE_OF_FEW  # few words say little
        ahead = chance - (others[0][1] if others else 0) >= AHEAD and len(self.text) >= 8
        if len(named) == 1 and others and named[0] == others[0][0] and others[0][1] >= 0.1:
            return named[0]  # between the first two the telling words decide
        if chance >= enough or ahead or (named == [top] and chance >= 0.3):
            return top
        return named[0] if len(named) == 1 else None

    def likely(self) -> list[str]:
        """Two or three labels worth asking about."""
        named = named_in(self.text)
        ranked = [label for label, chance in self.ranking if chance >= 0.08 and label != "other"]
        return list(dict.fromkeys([*named, *ranked]))[:3]


@dataclass
class Taken:
    """What a message did."""

    label_new: bool = False
    answered: bool = False
    unknown: bool = False
    learnt: bool = False
    others: list[tuple[str, str]] = field(default_factory=list)  # more troubles: label, words
    for_other: bool = False  # told of the trouble on the shelf
    corrected: dict[str, Any] = field(default_factory=dict)
