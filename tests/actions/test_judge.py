"""How `./jieyuan score --url` judges a played dialogue."""

from typing import Any

import pytest

from router.cli import judge

Json = dict[str, Any]


def played(*said: str, outcome: str = "duty_lawyer", **facts: Any) -> Json:
    """Lines of the citizen, or of the bot when they begin with a dash."""
    lines = [
        {"who": "bot" if line[0] == "-" else "citizen", "text": line.lstrip("-")} for line in said
    ]
    return {"transcript": lines, "facts": facts, "outcome": outcome}


@pytest.mark.parametrize(
    ("came_out", "right"),
    [("duty_lawyer", True), ("mediation", True), ("information_only", False)],
)
def test_the_outcome_or_an_alternative_is_right(came_out: str, right: bool) -> None:
    dialogue = {"outcome": "duty_lawyer", "also_ok": ["mediation"]}
    assert judge.judge(dialogue, played("x", outcome=came_out))["right"] is right


def test_a_dialogue_that_broke_off_is_not_right() -> None:
    broken = {**played("x"), "error": "连不上"}
    assert not judge.judge({"outcome": "duty_lawyer"}, broken)["right"]


def test_a_fact_the_file_forbids_is_invented_and_one_it_expects_is_not() -> None:
    dialogue = {"facts": {"age": None, "lawyer": False}}
    assert judge.invented(dialogue, played("x", age=30, lawyer=False)) == ["age"]
    assert judge.invented(dialogue, played("x", lawyer=False)) == []


@pytest.mark.parametrize("amount", [64000, 59000, 16000, 4])
def test_a_sum_said_or_reckoned_from_what_was_said_is_not_invented(amount: int) -> None:
    told = played("一个月1万6，四个月", "九月发过五千", amount=amount)
    assert judge.invented({}, told) == []


def test_a_sum_that_nothing_said_leads_to_is_invented() -> None:
    assert judge.invented({}, played("一个月1万6，四个月", amount=77777)) == ["amount"]
    assert judge.invented({}, played("-牵涉8万8吗？", "不知道", amount=88000)) == ["amount"]


def test_questions_are_counted_up_to_the_decision() -> None:
    lines = (
        "-您请律师了吗？",
        "没有",
        "-记下了。",
        "-家里几口人？",
        "三口",
        "-您看想怎么办？",
        "-还有吗？",
    )
    assert judge.questions(played(*lines)["transcript"]) == 2


def test_the_summary_counts_right_ones_and_takes_the_median_of_questions() -> None:
    judged = [
        {"right": True, "invented": [], "questions": 1},
        {"right": False, "invented": ["age"], "questions": 9},
        {"right": True, "invented": [], "questions": 3},
    ]
    got = judge.summary(judged)
    assert (got["right"], got["invented"], got["questions"]) == (2, 1, 3)
