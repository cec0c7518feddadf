"""For whom, against whom, with what proof, how far: tests/actions/cases/told.tsv.

A line is matter, sentence, and what is to be understood: `for` whom one asks, `opp` the other side
as named, `rel` what they are to the citizen, `has` and `lacks` proof, `stage` of a criminal case,
`held` in custody, `owner` of the phone or account, `months` owed, `heads` of the household,
`age` of whom it is about, `party` that speaks. `-` means: nobody, nothing.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from actions import details, sums, volunteered
from bot.language import spans

CASES = Path(__file__).with_name("cases") / "told.tsv"
TODAY = dt.date(2026, 9, 10)


def rows() -> list[object]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    told = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [
        pytest.param(label, text, dict(part.split("=") for part in wanted.split()), id=text)
        for label, text, wanted in told
    ]


def heard(label: str, text: str) -> dict[str, str]:
    read = spans.read(text).as_dict()
    facts: dict[str, Any] = volunteered.read(text, label, {}, read, TODAY)
    record = details.read(text, label, {}, read)
    return {
        "for": record.get("for_whom", "-"),
        "opp": record.get("opponent", "-"),
        "rel": facts.get("opponent_relation", "-"),
        "has": "|".join(sorted(record.get("evidence", []))) or "-",
        "owner": record.get("account_owner", "-"),
        "lacks": "|".join(sorted(record.get("evidence_missing", []))) or "-",
        "stage": facts.get("criminal_stage", "trial" if record.get("at_court") else "-"),
        "months": str(sums.take(text, label, {}, {}, None)[1].get("months", "-")),
        "heads": str(facts.get("household_size", "-")),
        "age": str(facts.get("age", "-")),
        "party": str(read["party"]),
        "held": {True: "yes", False: "no", None: "-"}[facts.get("detained")],
    }


@pytest.mark.parametrize(("label", "text", "wanted"), rows())
def test_what_is_told_is_understood_and_no_more(label, text, wanted):
    ordered = {name: "|".join(sorted(value.split("|"))) for name, value in wanted.items()}
    told = heard(label, text)
    assert {name: told[name] for name in wanted} == ordered
