"""The grammars against sentences written before them: tests/bot/cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language import groups, money, regions, times

CASES = Path(__file__).with_name("cases")


def cases(name: str) -> list[object]:
    lines = (CASES / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [pytest.param(text, [p for p in told.split("|") if p], id=text) for text, told in rows]


def missing(wanted: list[str], found: list[str]) -> list[str]:
    """What is written and not held by a finding of its own, then what was found for nothing."""
    left = list(found)
    lost = []
    for literal in wanted:
        held = next((f for f in left if literal in f), None)
        if held is None:
            lost.append(f"-{literal}")
        else:
            left.remove(held)
    return [*lost, *(f"+{literal}" for literal in left)]


def split(told: list[str]) -> Iterator[tuple[str, str]]:
    for part in told:
        literal, _, value = part.partition("=")
        yield literal, value


@pytest.mark.parametrize(("text", "told"), cases("money"))
def test_every_sum_in_a_sentence_is_heard_with_its_worth_and_nothing_else(text, told):
    found = money.find(text)
    assert missing([literal for literal, _ in split(told)], [m.literal for m in found]) == []
    for sum_, (_, worth) in zip(found, split(told), strict=True):
        low, _, high = worth.partition("-")
        assert sum_.value == (None if low == "?" else float(low))
        assert sum_.high == (float(high) if high else None)


@pytest.mark.parametrize(("text", "told"), cases("time"))
def test_every_date_and_span_is_heard_and_nothing_else(text, told):
    found = times.find(text)
    assert missing([literal for literal, _ in split(told)], [t.literal for t in found]) == []
    for time, (_, length) in zip(found, split(told), strict=True):
        if length:
            assert time.months == pytest.approx(float(length), abs=0.02)


@pytest.mark.parametrize(("text", "told"), cases("region"))
def test_every_place_is_heard_and_no_school_shop_or_street(text, told):
    assert missing(told, [r.literal for r in regions.find(text)]) == []


@pytest.mark.parametrize(("text", "told"), cases("groups"))
def test_the_groups_are_those_of_the_person_to_be_helped(text, told):
    assert sorted(groups.find(text)) == sorted(told)
