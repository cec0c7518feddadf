"""What the pages show, as plain values: lines, decisions, tickets. Templates only print them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from router.conversations.models import Message
from router.destinations.labels import LABELS
from router.tickets import callbacks
from router.tickets.models import Ticket
from router.tickets.status import ENDINGS, STATUS_LABELS, Status
from router.web import words

LIFELINES = {"110": "拨打", "120": "急救", "12356": "心理援助", "12348": "法律援助热线"}
TONES = {
    Status.OPEN: "warn", Status.OFFERED: "info", Status.ACCEPTED: "good",
    Status.RECORDED: "info", Status.CLOSED: "",
}  # fmt: skip


def opened(sealed: str) -> dict[str, Any]:
    """The JSON object in an encrypted column; empty when nothing was stored yet."""
    value = json.loads(sealed) if sealed else {}
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Decision:
    tone: str
    headline: str
    summary: str = ""
    warn: Sequence[str] = ()
    articles: Sequence[Mapping[str, str]] = ()
    route: Sequence[str] = ()
    reasons: Sequence[str] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Decision":
        tone, headline = words.OUTCOMES.get(
            str(raw.get("outcome")), ("info", "需要法律援助机构的工作人员来判断")
        )
        hits = (r["text"] for r in raw.get("reasons") or () if r.get("finding") == "true")
        return cls(
            tone,
            headline,
            raw.get("detail") or raw.get("summary") or "",
            [words.plain(one) for one in raw.get("warn") or ()],
            raw.get("articles") or (),
            [words.plain(one) for one in raw.get("route") or ()],
            [words.plain(one) for one in dict.fromkeys(hits)],
        )


@dataclass(frozen=True)
class Line:
    seq: int
    who: str
    css: str
    text: str
    at: datetime
    client_seq: int | None = None
    sent: str = ""
    buttons: Sequence[Mapping[str, str]] = ()
    decision: Decision | None = None
    more: str = ""
    evidence: str = ""
    calls: Sequence[tuple[str, str]] = field(default=())


def for_citizen(messages: Iterable[Message], names: Mapping[str, str]) -> list[Line]:
    return [_line(message, names, mine="citizen", me="您") for message in messages]


def for_desk(messages: Iterable[Message], names: Mapping[str, str]) -> list[Line]:
    """The lawyer reads what the citizen read; buttons are not theirs to press."""
    lines = []
    for message in messages:
        line = _line(message, names, mine="lawyer", me=None, buttons=False)
        lines.append(replace(line, evidence=str(message.extra.get("evidence") or "")))
    return lines


def _line(
    message: Message, names: Mapping[str, str], mine: str, me: str | None, buttons: bool = True
) -> Line:
    citizen = message.who == "citizen"
    extra = {} if citizen else message.extra or {}  # what theirs is marked with is not for pages
    who = words.WHO.get(message.who, message.who)
    if message.who == "lawyer" and message.author:
        who = f"{names[message.author]} 律师" if message.author in names else who
    urgent = extra.get("kind") == "emergency"
    css = message.who + (" mine" if message.who == mine else "") + (" urgent" if urgent else "")
    told = (message.text or "") if urgent else ""
    return Line(
        seq=message.seq,
        who=me if citizen and me else who,
        css=css,
        text=message.text or "",
        at=message.created_at,
        client_seq=message.client_seq if citizen else None,
        sent="已发送" if citizen and me else "",
        buttons=(extra.get("buttons") or ()) if buttons else (),
        decision=Decision.of(extra) if extra.get("kind") == "decision" else None,
        more=str(extra.get("detail") or "") if extra.get("kind") == "more" else "",
        calls=[(n, LIFELINES[n]) for n in LIFELINES if re.search(rf"(?<!\d){n}(?!\d)", told)],
    )


def call_back_word(ticket: Ticket) -> str:
    if ticket.call_back_at is None:
        return ""
    return "待回电" if callbacks.waits(ticket) else "已回电"


@dataclass(frozen=True)
class TicketView:
    id: str
    reference: str
    matter: str
    summary: str
    status: str
    tone: str
    urgency: int
    urgency_word: str
    urgency_tone: str
    alarmed: bool
    age: str
    when: str
    owner: str  # or who is being asked
    asking: bool
    outcome: str
    call_back: str  # empty: nobody asked to be called

    @classmethod
    def of(
        cls, ticket: Ticket, reference: str, now: datetime, names: Mapping[str, str]
    ) -> "TicketView":
        status = Status(ticket.status)
        tone, word = words.URGENCY.get(ticket.urgency, ("", "普通"))
        who = ticket.owner or ticket.offered_to or ""
        return cls(
            id=ticket.id,
            reference=reference,
            matter=LABELS.get(ticket.matter or "", "尚未说明"),
            summary=ticket.summary or "",
            status=STATUS_LABELS[status],
            tone=TONES[status],
            urgency=ticket.urgency,
            urgency_word=word,
            urgency_tone=tone,
            alarmed=ticket.alarmed_at is not None and status is Status.OPEN,
            age=words.age_of(ticket.created_at, now),
            when=f"{words.day_time(ticket.created_at)} 开单",
            owner=names.get(who, ""),
            asking=status is Status.OFFERED,
            outcome=ENDINGS.get(ticket.outcome or "", ""),
            call_back=call_back_word(ticket),
        )
