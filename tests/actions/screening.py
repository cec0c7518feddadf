"""A router in memory: the real engine and the real places, no database."""

import json
from typing import Any

from actions.router_client import Router
from router.destinations.registry import Destinations
from router.eligibility import FactError, decide, load_law, parse_facts
from router.routing import words

LAW, PLACES = load_law(), Destinations.load()
REGION, DAY = "990101", "2026-09-10"


class Office:
    """Remembers what it was asked, so that a test may look."""

    def __init__(self) -> None:
        self.screened: list[dict[str, Any]] = []
        self.tickets: list[dict[str, Any]] = []
        self.new_cases = 0
        self.down = False

    def door(self) -> Router:
        return Router("http://router", "secret", send=self._answer)

    async def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        if self.down:
            raise ConnectionRefusedError("down")
        posts = {"screenings": self._screen, "tickets": self._open, "status": self._status,
                 "cases": self._case}  # fmt: skip
        answer = posts[path.rsplit("/", 1)[1]](json.loads(json.dumps(body)))
        return 422 if "error" in answer else 200, json.dumps(answer).encode()

    def _screen(self, body: dict[str, Any]) -> dict[str, Any]:
        self.screened.append(body)
        facts = {"region": REGION, "apply_date": DAY, **body["facts"]}
        facts = {**facts, "region": facts["region"] or REGION}
        try:
            decision = decide(parse_facts(facts), LAW).to_dict()
        except FactError as wrong:
            return {"error": wrong.sentence, "fact": wrong.fact}
        wanted = decision["next_question"]
        if wanted and facts.get(wanted, "") is None:
            decision = {**decision, "next_question": None, "left_open": wanted}
        decided = decision["next_question"] is None
        doors = PLACES.for_decision(decision, body["label"], facts) if decided else []
        return {**decision, "decided": decided, "destinations": [door.brief() for door in doors]}

    def ticket_kind(self) -> str | None:
        return self.tickets[-1]["kind"] if self.tickets else None

    def _open(self, body: dict[str, Any]) -> dict[str, Any]:
        door = PLACES.get(body["destination"])
        assert door, body
        ticket = {"reference": "JY-TEST-0001", "ticket": "t1", "kind": door.kind,
                  "delivery": door.delivery, "status": "offered", "position": None,
                  "text": f"已经转给{door.label}。"}  # fmt: skip
        self.tickets.append({**ticket, "destination": door.name})
        return ticket

    def _status(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["reference"] not in (None, "JY-TEST-0001"):
            return {"text": words.NOT_FOUND}
        return {"text": "您的事正在办。"}

    def _case(self, body: dict[str, Any]) -> dict[str, Any]:
        self.new_cases += 1
        return {"case_no": self.new_cases + 1}
