"""`./jieyuan law show`: what holds at a place on a day, for people to read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from router.cli import law as command
from router.eligibility import Law
from router.eligibility.law import When
from router.web.lawview import conditions, law_of

REGIONS = str(Path(__file__).parent / "regions")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert command.main(["show", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("day", "line", "other"), [("2024-06-30", "1,400", "1,500"), ("2024-07-01", "1,500", "1,400")]
)
def test_the_line_of_the_day_is_shown_and_the_one_to_come_is_announced(
    capsys: pytest.CaptureFixture[str], day: str, line: str, other: str
) -> None:
    text = shown(capsys, "990101", "--on", day)
    part = text.split("【经济困难标准】")[1].split("【")[0]
    assert f"· 每人每月不超过 {line} 元" in part
    assert (f"以后：每人每月不超过 {other} 元(2024-07-01 起)" in part) is (day < "2024-07-01")
    history = text.split("【什么时候是什么】")[1]
    assert "2022-01-01 至 2024-06-30  经济困难标准：每人每月不超过 1,400 元" in history


@pytest.mark.parametrize(
    ("day", "item", "absent"),
    [("2021-12-31", "REG2003 10(1)(5)", "LAL 31(5)"), ("2022-01-01", "LAL 31(5)", "REG2003")],
)
def test_the_national_list_of_the_day_is_shown(
    capsys: pytest.CaptureFixture[str], day: str, item: str, absent: str
) -> None:
    text = shown(capsys, "BJ", "--on", day)
    assert f"[{item}]" in text and f"[{absent}" not in text


@pytest.mark.parametrize(("day", "held"), [("2026-06-30", False), ("2026-07-01", True)])
def test_a_dated_row_is_shown_on_its_days_only(
    capsys: pytest.CaptureFixture[str], day: str, held: bool
) -> None:
    part = shown(capsys, "NAT", "--on", day).split("【免予核查经济困难】")[1].split("【")[0]
    assert ("exempt.assistance_2026" in part) is held


def test_rows_are_shown_with_number_wording_conditions_and_articles(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = shown(capsys, "BJ", "--on", "2026-09-10")
    assert "BJ-22-3  已审结或者处理完毕" in text and "[BJ 22(3)]" in text
    assert "除外：申诉、再审" in text and "要有证明" in text
    assert "对不予援助有异议：15 日内 [BJ 24]" in text
    assert "《北京市法律援助条例》第十一条〔" in text and "没有配置金额" in text


def test_a_negative_list_is_shown_entry_by_entry(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "NEG", "--on", "2026-09-10", "--law", REGIONS)
    part = text.split("【负面清单】")[1].split("【")[0]
    assert [f"· N{n}  " in part for n in range(1, 6)] == [True] * 5
    assert "争议金额低于 1,000 元" in part and "这是底线" in text


def test_before_the_region_had_rules_only_the_nation_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = shown(capsys, "990101", "--on", "2021-12-31")
    assert "这一天本地没有可用的规定" in text and "没有配置金额" in text


def test_without_a_day_it_is_today(capsys: pytest.CaptureFixture[str]) -> None:
    assert f"规定，{dt.datetime.now(dt.UTC).year}" in shown(capsys, "990101")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ATLANTIS",), "没有“ATLANTIS”这个地区"),
        (("990101", "--on", "2026-02-30"), "“2026-02-30”不是真实的日期"),
        (("990101", "--on", "20260910"), "请写成 2026-09-10"),
    ],
)
def test_an_unknown_place_or_day_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert command.main(["show", *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and not said.out


def test_every_condition_that_a_row_may_have_is_told_in_chinese() -> None:
    for name, field in When.model_fields.items():
        kinds = {"matters": {"wages"}, "except_matters": {"wages"}, "groups": {"dibao"},
                 "party": {"company"}, "role": {"suspect"}, "repeat": "withdrawn_reapplied",
                 "violence": "suffered"}  # fmt: skip
        value = kinds.get(name, 1 if "float" in str(field.annotation) else True)
        [said] = conditions(When.model_validate({name: value}))
        assert name not in said, said


def test_the_timeline_covers_every_dated_rule_and_the_day(law: Law) -> None:
    drawn = law_of(law, "990101", dt.date(2024, 6, 30)).timeline
    assert all(0 <= row.x and row.x + row.width <= 1004 for row in drawn.rows)
    assert 0 < drawn.day < 1000
    lines = [row for row in drawn.rows if row.kind == "经济困难标准"]
    assert [row.now for row in lines] == [True, False]
    assert lines[0].x + lines[0].width <= lines[1].x + 1
