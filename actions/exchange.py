"""One message in hand, and what it is answered with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from actions import languages, phrases
from actions.heard import Heard
from actions.memory import Memory
from actions.router_client import Router
from bot.language import spans
from bot.language.plain import plain

SHORT = 120  # characters of a message; what is longer goes under 详情
PERSON = "转人工"


@dataclass
class Reply:
    text: str
    buttons: list[phrases.Button] = field(default_factory=list)
    custom: dict[str, Any] | None = None

    def detail(self, words: str) -> None:
        """Goes under 详情."""
        if words:
            self.custom = {"kind": "more", **(self.custom or {}), "detail": words}

    def shorten(self) -> None:
        """What is too long to read goes under 详情; a question at the end stays."""
        if len(self.text) <= SHORT:
            return
        asked = re.findall(r"[^。！!？?；;]*[？?]$", self.text)
        end = asked[0] if asked else ""
        self.detail(self.text.removesuffix(end))
        self.text = cut(self.text.removesuffix(end), SHORT - len(end)) + end


def cut(text: str, at_most: int = SHORT) -> str:
    """As many whole sentences as fit."""
    kept = ""
    for sentence in re.findall(r"[^。；;]*[。；;]?", text):
        if len(kept) + len(sentence) > at_most - 1:
            break
        kept += sentence
    return kept or text[: at_most - 1] + "…"


class Turn:
    def __init__(self, heard: Heard, memory: Memory, router: Router) -> None:
        spoken = languages.said(heard.text)
        if spoken or "language" not in memory.details:
            spoken = spoken or languages.written(heard.text)
            memory.details |= {"language": spoken} if spoken else {}
        said = plain(heard.text)
        if said != heard.text.strip():
            heard = replace(heard, text=said, spans=spans.read(said).as_dict())
        self.heard, self.memory, self.router = heard, memory, router
        self.text = heard.text = said
        self.knew_label = memory.label is not None

    def urgent(self) -> bool:
        return self.memory.facts.get("danger") not in (None, "none")
