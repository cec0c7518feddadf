"""A router in a test's hand, and a citizen who writes to the talk."""

import json
from typing import Any

from actions import talk
from actions.memory import Memory
from actions.router_client import Router
from tests.actions.understanding import hear

NEXT = {"decided": False, "outcome": "NEED_FACTS", "summary": "", "destinations": []}
DECIDED = {
    "decided": True, "next_question": None, "outcome": "OUT_OF_SCOPE",
    "summary": "这件事不在清单上。",
    "basis": ["LAL 31"], "articles": [], "route": ["人民调解"], "warn": [],
    "destinations": [
        {"name": "mediation", "label": "人民调解委员会", "kind": "mediation", "delivery": "queue",
        "button": "找人民调解"},
        {"name": "duty_lawyer", "label": "值班律师", "kind": "duty_lawyer", "delivery": "offer",
        "button": "和值班律师说"},
    ],
}  # fmt: skip
TICKET = {"reference": "JY-1", "ticket": "t", "kind": "mediation", "delivery": "queue",
          "status": "queued", "position": 1, "text": "已经登记。"}  # fmt: skip


class Desk:
    """Answers what it is told to answer, and keeps what it was asked."""

    def __init__(self, *screenings: dict[str, Any], status: int = 200) -> None:
        self.screenings, self.status = list(screenings), status
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.door = Router("http://r", "s", send=self._answer)

    async def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        name, body = path.rsplit("/", 1)[1], json.loads(json.dumps(body))
        self.asked.append((name, body))
        if name == "screenings":
            answer = self.screenings.pop(0) if len(self.screenings) > 1 else self.screenings[0]
            return 422 if "error" in answer else self.status, json.dumps(answer).encode()
        answers = {
            "tickets": TICKET,
            "status": {"text": "正在办。"},
            "cases": {"case_no": 2},
            "callbacks": {"noted": True, "reference": "JY-1", "text": "记下了。"},
        }
        return self.status, json.dumps(answers[name]).encode()

    def posts(self, name: str) -> list[dict[str, Any]]:
        return [body for asked, body in self.asked if asked == name]


def wants(fact: str) -> dict[str, Any]:
    return {**NEXT, "next_question": fact}


async def told(desk: Desk, memory: Memory, text: str, label: Any = None, **how: Any) -> talk.Reply:
    return await talk.turn(hear(text, label, **how), memory, desk.door)


async def wage_case(desk: Desk) -> Memory:
    memory = Memory()
    await told(desk, memory, "厂里欠我四个月工资", "labour_pay")
    assert memory.asked == "lawyer"
    return memory


async def decided() -> tuple[Desk, Memory, talk.Reply]:
    desk, memory = Desk(DECIDED), Memory()
    reply = await told(desk, memory, "楼上漏水不修", "neighbour_property")
    return desk, memory, reply
