"""把存下的预审按当时的规定重新判断一遍，结论和依据必须相同；用 --law 试一个改动，看会变多少。"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from router import crypto
from router.cli.environment import fail, missing
from router.clock import CHINA
from router.db import Database
from router.eligibility import Law, LawError, load_law
from router.eligibility.law import load_proposal
from router.routing.replay import Broken, Compared, Replayed, replay
from router.secrets import data_keys
from router.settings import ROOT, Settings
from router.web.lawview import day_of, standard_on
from router.web.words import OUTCOMES

_WORD = {"true": "符合", "false": "不符合", "unknown": "不清楚", "": "没有用到"}


@dataclass
class Tally:
    """Counts only: the cases are printed as they come, however many there are."""

    all: int = 0
    other_version: int = 0
    differ: int = 0
    broken: int = 0
    basis_only: int = 0
    changed: Counter[tuple[str, str]] = field(default_factory=Counter)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan replay", description=__doc__)
    parser.add_argument("--since", required=True, metavar="日期", help="从哪天存下的开始")
    parser.add_argument("--law", type=Path, metavar="目录",
                        help="改动后的法律数据:整个文件夹，或只放改动的文件")  # fmt: skip
    parser.add_argument(
        "--on", metavar="日期", help="试改动时,都当作这一天申请(用于以后生效的标准)"
    )
    parser.add_argument("--json", action="store_true", help="每行一个 JSON")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    try:
        since, on = day_of(options.since), day_of(options.on) if options.on else None
        law, proposal = load_law(), load_proposal(options.law) if options.law else None
    except LawError as trouble:
        return fail(str(trouble))
    except ValueError as trouble:
        return 2 * fail(str(trouble))
    if on and not proposal:
        return 2 * fail("--on 只和 --law 一起用。")
    settings = Settings(STATE_DIR=options.state.resolve())
    if trouble_here := missing(settings):
        return fail(trouble_here)
    crypto.use(crypto.Keyring(data_keys(settings)))
    report = _Json() if options.json else _Text(law, proposal)
    return asyncio.run(_replay(settings, since, law, proposal, on, report))


async def _replay(
    settings: Settings,
    since: date,
    law: Law,
    proposal: Law | None,
    on: date | None,
    report: "_Text | _Json",
) -> int:
    db, tally = Database(settings.database_url), Tally()
    moment = datetime(since.year, since.month, since.day, tzinfo=CHINA)
    try:
        async for one in replay(db, moment, law, proposal, on):
            _count(tally, one, law.version)
            report.one(one)
    finally:
        await db.close()
    report.end(tally)
    return 1 if tally.differ or tally.broken else 0


def _count(tally: Tally, one: Replayed | Broken, version: str) -> None:
    tally.all += 1
    if isinstance(one, Broken):
        tally.broken += 1
        return
    tally.differ += one.differs
    tally.other_version += one.law_version != version
    if one.compared and one.compared.changes:
        tally.changed[one.compared.present.outcome, one.compared.proposed.outcome] += 1
    elif one.compared:
        tally.basis_only += one.compared.present.basis != one.compared.proposed.basis


class _Text:
    def __init__(self, law: Law, proposal: Law | None) -> None:
        self.law, self.proposal = law, proposal

    def one(self, one: Replayed | Broken) -> None:
        name = f"{one.reference} {one.id}"
        if isinstance(one, Broken):
            print(f"读不出 {name}：{one.why}")
            return
        if one.differs:
            print(f"不同   {name}：{one.stored.outcome} → {one.again.outcome}")
            print(f"       依据 {'、'.join(one.stored.basis)} → {'、'.join(one.again.basis)}")
        if one.compared and one.compared.changes:
            now = one.compared
            print(f"会变   {name}：{now.present.outcome} → {now.proposed.outcome}")
            for line in self._because(one.region, now):
                print(f"       {line}")

    def _because(self, region: str, compared: Compared) -> Iterator[str]:
        for turned in compared.because:
            was, now = _WORD[turned.was], _WORD[turned.now]
            yield f"{turned.rule}：{was} → {now}({turned.article})"
        laws = [law for law in (self.law, self.proposal) if law and region in law.regions]
        lines = [standard_on(law.regions[region], compared.day) or "没有金额" for law in laws]
        if len(set(lines)) == 2:
            yield f"经济困难标准：{lines[0]} → {lines[1]}"

    def end(self, tally: Tally) -> None:
        same = tally.all - tally.differ - tally.broken
        print(f"共 {tally.all} 件：相同 {same}，不同 {tally.differ}，读不出 {tally.broken}。")
        if tally.other_version:
            print(f"其中 {tally.other_version} 件存下时用的是另一版本的法律数据。")
        if self.proposal is None:
            return
        print(f"按改动后的规定，{tally.changed.total()} 件结论会变：")
        for (was, now), count in tally.changed.most_common():
            print(f"  {count:>6}  {was}({_headline(was)}) → {now}({_headline(now)})")
        if tally.basis_only:
            print(f"另有 {tally.basis_only} 件结论不变，依据不同。")


class _Json:
    def one(self, one: Replayed | Broken) -> None:
        if isinstance(one, Broken):
            self._print({"kind": "broken", **asdict(one)})
        elif one.differs or (one.compared and one.compared.changes):
            kind = "differs" if one.differs else "changes"
            self._print({"kind": kind, **asdict(one)})

    def end(self, tally: Tally) -> None:
        changed = [
            {"from": was, "to": now, "count": count}
            for (was, now), count in tally.changed.most_common()
        ]
        self._print({"kind": "summary", **vars(tally), "changed": changed})

    def _print(self, value: dict[str, Any]) -> None:
        print(json.dumps(value, ensure_ascii=False, default=str))


def _headline(outcome: str) -> str:
    return OUTCOMES.get(outcome, ("", "?"))[1]
