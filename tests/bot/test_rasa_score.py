"""What the figures of the scoreboard count, by hand on few rows."""

import pytest

from bot.score import measures
from bot.score.files import Row
from bot.score.reading import Reading

NOTHING = {
    "party": "person", "danger": [], "groups": [], "region": [], "money": [], "time": [],
    "ask": ["advice"],
}  # fmt: skip


def row(text, label, also=(), **told):
    return Row(text, text, label, tuple(also), {**NOTHING, **told})


def reading(*ranked, named=None, offered=(), **told):
    return Reading(list(ranked), {**NOTHING, **told}, named, list(offered), 1.0)


def matter(*pairs):
    rows = [one for one, _ in pairs]
    return measures.matter(rows, {one.text: said for one, said in pairs})


def intake(*pairs):
    rows = [one for one, _ in pairs]
    return measures.intake(rows, {one.text: said for one, said in pairs})


def test_strict_is_the_first_label_and_lenient_also_takes_a_defensible_one():
    got = matter(
        (row("a", "debt"), reading(("debt", 0.9), ("contract", 0.1))),
        (row("b", "debt", ["contract"]), reading(("contract", 0.9), ("debt", 0.1))),
        (row("c", "debt"), reading(("marriage", 0.6), ("debt", 0.4))),
        (row("d", "debt"), reading(("marriage", 0.6), ("housing", 0.4))),
    )
    assert (got["strict"], got["lenient"]) == (0.25, 0.5)
    assert (got["top2_strict"], got["top2_lenient"]) == (0.75, 0.75)


def test_a_mistake_inside_a_coarse_group_is_none_in_the_coarse_view():
    got = matter(
        (row("a", "labour_pay"), reading(("labour_other", 1.0))),
        (row("b", "labour_pay"), reading(("work_injury", 1.0))),
    )
    assert (got["strict"], got["coarse_strict"]) == (0.0, 0.5)


def test_macro_f1_counts_each_label_that_has_rows_alike():
    got = matter(
        *((row(f"d{i}", "debt"), reading(("debt", 1.0))) for i in range(9)),
        (row("n", "notary"), reading(("debt", 1.0))),
    )
    assert got["macro_f1"] == pytest.approx((18 / 19 + 0) / 2)
    assert got["labels_with_rows"] == 2


def test_chances_that_come_true_as_often_as_said_have_no_calibration_error():
    assert measures.calibration_error([0.75] * 4, [True, True, True, False]) == 0
    assert measures.calibration_error([0.95] * 2, [True, False]) == pytest.approx(0.45)
    assert measures.calibration_error([1.0, 0.0], [True, False]) == 0


def test_the_talk_acts_or_asks_between_few_or_asks_for_more():
    got = matter(
        (row("a", "debt"), reading(("debt", 0.9), named="debt")),
        (row("b", "debt"), reading(("marriage", 0.9), named="marriage")),
        (row("c", "debt"), reading(("other", 0.4), offered=["other", "debt"])),
        (row("d", "debt"), reading(("other", 0.4), offered=["other"])),
    )["talk"]
    assert got == {
        "acts": 0.5, "acts_right": 0.5, "asks_between": 0.25, "offered_right": 1.0,
        "asks_for_more": 0.25,
    }  # fmt: skip


def test_the_surer_of_the_wrong_label_the_costlier():
    sure = (row("sure", "debt"), reading(("marriage", 0.9), ("debt", 0.1)))
    torn = (row("torn", "debt"), reading(("housing", 0.5), ("debt", 0.4)))
    fine = (row("fine", "debt", ["contract"]), reading(("contract", 0.9), ("debt", 0.0)))
    pairs = [(p["taken_for"], p["rows"], p["cost"]) for p in matter(torn, sure, fine)["confusions"]]
    assert pairs == [
        ("marriage", 1, pytest.approx(0.8)),
        ("housing", 1, pytest.approx(0.1)),
        ("contract", 1, 0.0),
    ]


def test_danger_is_found_whatever_its_kind_and_a_false_alarm_is_one_where_there_is_none():
    got = intake(
        (row("a", "debt", danger=["suicide"]), reading(("debt", 1), danger=["violence_or_threat"])),
        (row("b", "debt", danger=["violence_or_threat"]), reading(("debt", 1))),
        (row("c", "debt"), reading(("debt", 1), danger=["suicide"])),
        (row("d", "debt"), reading(("debt", 1))),
    )["danger"]
    assert (got["recall"], got["false_alarms"]) == (0.5, 0.5)
    assert got["kinds"]["suicide"] == {"rows": 1, "found": 1}
    assert got["kinds"]["crime_in_progress"] == {"rows": 0, "found": 0}


def test_without_danger_there_is_no_recall_to_speak_of():
    assert intake((row("a", "debt"), reading(("debt", 1))))["danger"]["recall"] is None


def test_a_span_counts_when_one_side_holds_the_other():
    got = intake(
        (
            row("a", "debt", money=["两万", "三百"]),
            reading(("debt", 1), money=["欠两万元", "五元"]),
        ),
    )["money"]
    assert (got["precision"], got["recall"], got["f1"]) == (0.5, 0.5, 0.5)


def test_groups_count_only_when_they_are_the_same():
    got = intake(
        (row("a", "debt", groups=["minor", "woman"]), reading(("debt", 1), groups=["minor"])),
        (row("b", "debt"), reading(("debt", 1), groups=["elderly"])),
    )["groups"]
    assert (got["precision"], got["recall"]) == (0.5, 0.5)


def test_the_costliest_rows_begin_with_missed_danger_and_carry_text_only_when_asked():
    rows = [
        row("a", "debt"),
        row("b", "debt", danger=["suicide"]),
        row("c", "debt"),
    ]
    readings = {
        "a": reading(("marriage", 0.9), ("debt", 0.1)),
        "b": reading(("debt", 1.0)),
        "c": reading(("debt", 1.0), danger=["suicide"]),
    }
    worst = measures.worst_rows(rows, rows, readings, 5, with_text=False)
    assert [(one["id"], one["what"]) for one in worst] == [
        ("b", "danger_missed"), ("c", "false_alarm"), ("a", "matter"),
    ]  # fmt: skip
    assert all("text" not in one for one in worst)
    assert [one["text"] for one in measures.worst_rows(rows, rows, readings, 1, True)] == ["b"]
