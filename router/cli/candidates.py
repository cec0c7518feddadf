"""Sentences of citizens who agreed, scrubbed, with the label the machine had and the lawyer gave;
as a table that a person reads line by line in any spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.conversations.models import Conversation, Message
from router.corrections.models import Correction
from router.destinations.labels import LABELS
from router.eligibility.facts import FACTS
from router.eligibility.words import value_of
from router.scrub import scrub
from router.tickets.models import Ticket

HEADER = ("取", "句子", "律师的事项", "机器听成", "改过的事实")
TAKEN = frozenset("是 取 对 y Y yes 1 √".split())
SHORTEST = 8  # Chinese characters; what is shorter answers a question
MOST = 5  # of one case: the trouble is told first


@dataclass(frozen=True)
class Candidate:
    ticket_id: str
    text: str
    given: str
    heard: str | None
    facts: str

    def row(self) -> tuple[str, ...]:
        heard = LABELS.get(self.heard or "", "")
        return "", _for_a_cell(self.text), LABELS[self.given], heard, self.facts


async def candidates(session: AsyncSession, since: datetime) -> list[Candidate]:
    """Only of talks whose citizen agrees now; each sentence once."""
    rows = await session.execute(
        select(Correction, Ticket)
        .join(Ticket, Ticket.id == Correction.ticket_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(Conversation.learning_at.is_not(None), Correction.created_at >= since)
        .order_by(Correction.created_at, Correction.id)
    )
    found: dict[str, Candidate] = {}
    for correction, ticket in rows:
        facts = "；".join(
            f"{FACTS[name].label}：{value_of(name, was)}→{value_of(name, now)}"
            for name, (was, now) in correction.values.items()
        )
        for text in await _told(session, ticket):
            one = Candidate(ticket.id, text, correction.given, correction.heard, facts)
            found.setdefault(text, one)
    return list(found.values())


async def _told(session: AsyncSession, ticket: Ticket) -> list[str]:
    """What the citizen told the bot of this case: no pressed button, no short answer."""
    before = await session.scalar(
        select(Ticket.closed_at)
        .where(
            Ticket.conversation_id == ticket.conversation_id,
            Ticket.closed_at <= ticket.created_at,
            Ticket.id != ticket.id,
        )
        .order_by(Ticket.closed_at.desc())
        .limit(1)
    )
    query = select(Message).where(
        Message.conversation_id == ticket.conversation_id,
        Message.created_at <= ticket.closed_at,
    )
    if before:
        query = query.where(Message.created_at > before)
    told: list[str] = []
    offered: set[str] = set()
    for line in await session.scalars(query.order_by(Message.seq)):
        if line.who != "citizen":
            offered |= {str(one.get("say")) for one in line.extra.get("buttons") or ()}
        elif line.turn == "handled" and line.text not in offered and _is_told(line.text):
            told.append(scrub(" ".join(line.text.split())))
    return told[:MOST]


def _is_told(text: str) -> bool:
    return len(re.findall(r"[\u4e00-\u9fff]", text)) >= SHORTEST


def _for_a_cell(text: str) -> str:
    """Never a formula to a spreadsheet, nor markup to Rasa's format."""
    text = text.translate(str.maketrans("[]", "（）"))
    return chr(ord(text[0]) + 0xFEE0) + text[1:] if text[:1] in "=+-@" else text


def to_table(found: Iterable[Candidate]) -> str:
    out = io.StringIO()
    table = csv.writer(out, delimiter="\t", lineterminator="\n")
    table.writerow(HEADER)
    table.writerows(one.row() for one in found)
    return "\ufeff" + out.getvalue()  # Excel takes it for the local code page without the mark


@dataclass(frozen=True)
class Reviewed:
    line: int
    text: str
    label: str


class BadTable(ValueError):
    """A sentence for each line that cannot be taken."""


def from_table(raw: bytes) -> list[Reviewed]:
    """The lines that somebody has marked. Raises BadTable: then none of them may be taken."""
    rows = list(csv.reader(io.StringIO(_decoded(raw), newline=""), delimiter="\t"))
    if not rows or any(name not in rows[0] for name in HEADER[:3]):
        raise BadTable(f"第一行应当是表头：{'、'.join(HEADER)}（用制表符分开）。")
    place = {name: rows[0].index(name) for name in HEADER[:3]}
    found, faults = [], []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in place.items()}
        if cells["取"] not in TAKEN:
            continue
        one = Reviewed(number, _for_a_cell(" ".join(cells["句子"].split())), cells["律师的事项"])
        label = next((code for code, word in LABELS.items() if one.label in (code, word)), None)
        faults += [f"第 {number} 行：{why}" for why in _wrong(one, label)]
        found.append(Reviewed(number, one.text, label or ""))
    if faults:
        raise BadTable("\n".join(faults))
    return found


def _wrong(one: Reviewed, label: str | None) -> Iterator[str]:
    if label is None:
        yield f"没有“{one.label}”这个事项。"
    if not _is_told(one.text):
        yield "句子太短。"
    if (clean := _for_a_cell(scrub(one.text))) != one.text:
        yield f"还有个人信息，应当写成：{clean}"


def _decoded(raw: bytes) -> str:
    """As spreadsheets save a table: UTF-8, Excel's “Unicode text”, or the Chinese code page."""
    for encoding in ("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadTable("这个文件的编码读不出来，请另存为 UTF-8 的文本（制表符分隔）。")
