"""One message in hand, and what it is answered with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from actions import phrases
from actions.heard import Heard
from actions.memory import Memory
from actions.router_client import Router

SHORT = 120  # characters of a message; what is longer goes under 详情
PERSON = "转人工"


@dataclass
class Reply:
    text: str
    buttons: list[phrases.Button] = field(default_factory=list)
    custom: dict[str, Any] | None = None


class Turn:
    def __init__(self, heard: Heard, memory: Memory, router: Router) -> None:
        self.heard, self.memory, self.router = heard, memory, router
        self.text = heard.text = heard.text.strip()
        self.knew_label = memory.label is not None

    def urgent(self) -> bool:
        return self.memory.facts.get("danger") not in (None, "none")
