"""Decides stored screenings again: under the law of their day, and under a proposed one."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from router.conversations.models import Conversation
from router.db import Database
from router.eligibility import Decision, FactError, Law, decide, parse_facts
from router.routing.models import Screening

BATCH = 500  # rows in memory at a time


@dataclass(frozen=True)
class Answer:
    outcome: str
    basis: tuple[str, ...]

    @classmethod
    def of(cls, decision: Decision) -> "Answer":
        return cls(decision.outcome, decision.basis)


@dataclass(frozen=True)
class Turned:
    """A rule that came out otherwise: "true", "false", "unknown", or "" for not looked at."""

    rule: str
    was: str
    now: str
    article: str


@dataclass(frozen=True)
class Replayed:
    """One screening again. Ids, outcomes, rules and articles: no fact's value, nothing personal."""

    id: str
    reference: str
    law_version: str
    region: str
    stored: Answer
    again: Answer
    compared: "Compared | None" = None

    @property
    def differs(self) -> bool:
        return self.again != self.stored


@dataclass(frozen=True)
class Compared:
    """The present law and a proposed one on the same day."""

    day: date
    present: Answer
    proposed: Answer
    because: tuple[Turned, ...]

    @property
    def changes(self) -> bool:
        return self.proposed.outcome != self.present.outcome


@dataclass(frozen=True)
class Broken:
    """A row that cannot be decided again."""

    id: str
    reference: str
    why: str


async def replay(
    db: Database, since: datetime, law: Law, proposal: Law | None = None, on: date | None = None
) -> AsyncIterator[Replayed | Broken]:
    """Every screening stored since then. `on`: the proposal as if all had applied on that day."""
    last = ""
    while True:
        async with db.read() as s:
            found = await s.execute(
                select(Screening, Conversation.reference)
                .join(Conversation, Conversation.id == Screening.conversation_id)
                # by id: a page of them costs the same at the end as at the beginning
                .where(Screening.id > last, Screening.created_at >= since)
                .order_by(Screening.id)
                .limit(BATCH)
            )
            rows = [(screening, reference) for screening, reference in found]
        for screening, reference in rows:
            yield _again(screening, reference, law, proposal, on)
        if len(rows) < BATCH:
            return
        last = rows[-1][0].id


def _again(
    row: Screening, reference: str, law: Law, proposal: Law | None, on: date | None
) -> Replayed | Broken:
    try:
        told, stored = _object(row.facts), _object(row.decision)
        was = Answer(stored["outcome"], tuple(stored["basis"]))
        again = decide(parse_facts(told), law)
        compared = None
        if proposal:
            compared = _compare(told, again, on or row.apply_date, on is not None, law, proposal)
    except FactError as wrong:  # its sentence may quote the value
        return Broken(row.id, reference, f"事实“{wrong.fact}”，规定里没有或不接受")
    except (KeyError, InvalidTag):
        return Broken(row.id, reference, "密钥不对，或内容已损坏")
    except (ValueError, TypeError, AttributeError):
        return Broken(row.id, reference, "存下的内容不完整")
    region = str(told.get("region"))
    return Replayed(
        row.id, reference, row.law_version, region, was, Answer.of(again), compared
    )  # fmt: skip


def _compare(
    told: dict[str, Any], present: Decision, day: date, moved: bool, law: Law, proposal: Law
) -> Compared:
    if moved:
        told = {name: value for name, value in told.items() if name != "pending_on"}
        told["apply_date"] = str(day)
        present = decide(parse_facts(told), law)
    proposed = decide(parse_facts(told), proposal)
    because = _turned(present, proposed)
    return Compared(day, Answer.of(present), Answer.of(proposed), because)


def _object(sealed: str) -> dict[str, Any]:
    value = json.loads(sealed)
    if not isinstance(value, dict):
        raise TypeError
    return value


def _turned(before: Decision, after: Decision) -> tuple[Turned, ...]:
    """The rules that came out otherwise, in the order in which they were tried."""
    was = {reason["rule"]: reason for reason in before.reasons}
    now = {reason["rule"]: reason for reason in after.reasons}
    turned = []
    for rule in dict.fromkeys([*was, *now]):
        one, two = was.get(rule), now.get(rule)
        findings = tuple(str(reason["finding"]) if reason else "" for reason in (one, two))
        if findings[0] != findings[1]:
            article = str((two or one or {}).get("article", ""))
            turned.append(Turned(rule, findings[0], findings[1], article))
    return tuple(turned)
