"""What a person is told under 详情 besides the decision."""

import re

import pytest
import yaml

from actions import phones
from actions.matters import matters
from actions.memory import Memory
from actions.pointers import MOST, TABLE, fresh
from router.eligibility.facts import FACTS

ROWS = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def told(label: str, story: str, **facts) -> str:
    details = {name: facts.pop(name) for name in ("for_whom", "evidence") if name in facts}
    return "\n".join(fresh(Memory(label=label, story=story, facts=facts, details=details)))


@pytest.mark.parametrize(
    ("age", "heard"), [(17, True), (18, False), (None, False)], ids=["17", "18", "unknown"]
)
def test_under_eighteen_a_guardian_applies_and_12355_helps(age, heard):
    assert ("12355" in told("labour_pay", "老板不给钱", age=age)) is heard


def test_who_asks_for_somebody_else_hears_of_consent():
    assert "授权委托书" in told("labour_pay", "工友的工资", for_whom="朋友")
    assert "授权委托书" not in told("labour_pay", "我的工资")


def test_for_somebody_who_cannot_judge_the_guardian_applies():
    said = told("injury_tort", "打伤", for_whom="弟弟", mental_capacity="impaired")
    assert "法定代理人" in said and "授权委托书" not in said


def test_a_firm_is_told_its_doors():
    assert "律师事务所" in told("contract", "货款", party="company")
    assert "律师事务所" not in told("contract", "货款", party="natural_person")


def test_nothing_is_pointed_out_twice():
    memory = Memory(label="medical", story="误诊")
    assert 0 < len(fresh(memory)) <= MOST
    assert fresh(memory) == []


def test_every_pointer_names_labels_and_facts_that_exist():
    ours = {"minor", "helped", "open", "group_size", "evidence"}
    for row in ROWS:
        for when in (row["when"], row["when"].get("unless", {})):
            assert set(when) <= {"label", "words", "facts", "unless"}, row
            assert set(when.get("label", ())) <= set(matters()), row
            assert set(when.get("facts", {})) <= ours | set(FACTS), row
            re.compile(when.get("words", ""))


def test_a_pointer_that_names_an_article_was_read_in_the_law():
    for row in ROWS:
        assert row.get("mark") in (None, "V", "R-high"), row
        assert row.get("mark") == "V" or not re.search(r"第\d+", row["say"]), row


def test_a_judgment_that_is_not_obeyed_is_enforced_within_two_years():
    said = told("support_custody", "法院判了一个月八百，他从来没给")
    assert "强制执行" in said and "两年" in said
    assert "强制执行" not in told("criminal", "我儿子判了三年，赔偿没给", role="defendant")


@pytest.mark.parametrize(
    ("asked", "number"),
    [("劳动监察打哪个电话", "12333"), ("妇联电话", "12338"), ("心理援助", "12356"),
     ("青少年热线", "12355")],
)  # fmt: skip
def test_the_number_of_a_place_is_the_one_in_the_places_file(asked, number):
    assert number in phones.named(asked)


def test_a_place_nobody_named_has_no_number():
    assert phones.named("电话多少") is None
