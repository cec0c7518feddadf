"""A figure that the same message takes back was never said; several troubles in one breath."""

import pytest

from actions.corrections import resolved
from actions.shelf import apart


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "一共欠我一万八，哦不对我算错了，是一万三千五，有两个月发过",
            "一共欠我一万三千五，有两个月发过",
        ),
        ("拖了三个月，不对，两个月", "拖了两个月"),
        ("是零八年…… 不对 一八年判的", "是一八年判的"),
        ("五千，不是，六千", "六千"),
    ],
)
def test_of_two_figures_side_by_side_the_last_one_stands(said, meant):
    assert resolved(said) == meant


@pytest.mark.parametrize(
    "said",
    ["欠五千不是六千", "不对，是四万二", "我是第3次说错了，他欠我的不止3万", "八千块钱不对账",
     "他三岁，说错了话"],
)  # fmt: skip
def test_where_nothing_stands_before_or_after_nothing_is_taken_back(said):
    assert resolved(said) == said


def test_each_trouble_of_one_breath_keeps_its_own_words():
    said = "公司拖欠工资五千二，另外还有个事，房东不退押金一千五，还有一件，我妈被三轮车撞了"
    assert [(label, text[:4]) for label, text in apart(said, "labour_pay")] == [
        ("labour_pay", "公司拖欠"), ("housing", "还有个事"), ("traffic_accident", "还有一件"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said", ["公司拖欠工资五千二，另外社保也没交", "他欠我三万，还有一个担保人", "离婚，孩子归我"]
)
def test_one_trouble_told_at_length_is_one(said):
    assert len(apart(said, "labour_pay")) <= 1


def test_what_only_announces_two_troubles_is_none_of_them():
    said = "问两件事，一个是公司拖欠工资五千二，一个是隔壁邻居装修把我家墙震裂了"
    assert [label for label, _ in apart(said, "injury_tort")] == [
        "labour_pay", "neighbour_property",
    ]  # fmt: skip


def test_a_trouble_that_is_counted_is_one_also_where_no_word_names_it():
    said = "两件事，一个是骑车让车撞了，一个是表哥那档子事，还有一个是房东押金不退"
    assert [label for label, _ in apart(said, None)] == ["traffic_accident", "other", "housing"]
