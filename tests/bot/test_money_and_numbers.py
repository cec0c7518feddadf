import pytest

from bot.language import money
from bot.language.numbers import parse


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("三万五", 35_000),
        ("三万零五", 30_005),
        ("三万零五十", 30_050),
        ("三万零五百", 30_500),
        ("2万5", 25_000),
        ("2万5千", 25_000),
        ("两千三", 2_300),
        ("3千6", 3_600),
        ("1万6", 16_000),
        ("六万四", 64_000),
        ("一百五", 150),
        ("一百零五", 105),
        ("十五", 15),
        ("百八十", 180),
        ("九万九", 99_000),
        ("一亿三千万", 130_000_000),
        ("1.5万", 15_000),
        ("3w", 30_000),
        ("2k", 2_000),
        ("３２，０００", 32_000),
        ("二零一七", 2017),
        ("两", 2),
        ("俩", 2),
        ("仨", 3),
        ("零", 0),
    ],
)
def test_a_number_means_what_people_mean_by_it(words, number):
    assert parse(words) == number


def test_words_without_a_number_are_no_number():
    assert parse("没有") is None


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("老板一共欠我三万五", {"三万五": 35_000}),
        ("准确说是23,860 我导了账单", {"23,860": 23_860}),
        ("一个月1万6 四个月 6万4", {"1万6": 16_000, "6万4": 64_000}),
        ("养老院一个月3800", {"3800": 3_800}),
        ("我借给他５万元，他还了两千块", {"５万元": 50_000, "两千块": 2_000}),
        ("一斤三块五", {"三块五": 3.5}),
        ("要我交32000才给办", {"32000": 32_000}),
    ],
)
def test_sums_are_found_as_written_and_in_yuan(text, sums):
    found = money.find(text)
    assert {m.literal: m.value for m in found} == sums
    assert all(text[m.start : m.end] == m.literal for m in found)


def test_a_range_keeps_both_ends():
    (found,) = money.find("大概要赔三到五万")
    assert (found.value, found.high) == (30_000, 50_000)


def test_an_amount_that_nobody_can_know_is_a_span_without_a_value():
    (found,) = money.find("骗了我几万块")
    assert (found.literal, found.value) == ("几万块", None)


@pytest.mark.parametrize(
    "text",
    [
        "我们村200多户都没分到",
        "打工三年了",
        "2017年12月进的厂",
        "她今年59岁",
        "我打了110和12348",
        "我有一块地",
        "付了百分之六十",
        "跑了八千公里",
    ],
)
def test_other_counts_are_not_money(text):
    assert money.find(text) == []


def test_a_bare_number_answers_a_question_about_money():
    assert money.yuan("三千六") == 3_600
    assert money.yuan("大概5000吧") == 5_000
    assert money.yuan("一个两千一个三千块") is None
