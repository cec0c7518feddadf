"""What is told unasked is taken in; what is not certain is left out."""

import datetime as dt
from typing import Any

import pytest

from actions import details, sums, volunteered
from bot.language import spans
from tests.actions.understanding import hear

TODAY = dt.date(2026, 9, 10)

TOLD: list[tuple[str, str, dict[str, Any]]] = [
    ("labour_pay", "老板拖了五个月工钱，没请律师", {"lawyer": False}),
    ("labour_pay", "我在工地上绑钢筋的", {"groups": ["migrant_worker"]}),
    ("labour_pay", "一个月1万6，四个月没发", {}),
    ("labour_pay", "已经离职了，上个月十五号走的",
    {"employed": False, "employment_end": "2026-08-15"}),
    ("labour_pay", "想辞职又怕要不到钱", {}),
    ("labour_pay", "公司请了律师", {}),
    ("domestic_violence", "我老公喝了酒就打我", {"violence": "suffered",
    "opponent_relation": "spouse"}),
    ("marriage", "他没打过我，我想离婚", {"violence": "none"}),
    ("marriage", "我打了他一巴掌", {"violence": "committed"}),
    ("injury_tort", "邻居打了我", {}),
    ("support_custody", "前夫一直不给抚养费", {"opponent_relation": "former_spouse"}),
    ("support_custody", "我今年七十六了，两个儿子都不管我",
    {"age": 76, "opponent_relation": "child"}),
    ("support_custody", "孩子今年11岁，前夫不管", {"opponent_relation": "former_spouse"}),
    ("traffic_accident", "我妈七十二，被车撞了", {"age": 72}),
    ("criminal", "我儿子十九岁，被刑拘了", {"age": 19, "criminal_stage": "investigation",
    "detained": True}),
    ("criminal", "我老公取保候审在家", {"detained": False, "applicant_by": "spouse"}),
    ("criminal", "家里四口人，一年也就两万四", {"household_size": 4, "household_income": 2000}),
    ("criminal", "已经到检察院了", {"criminal_stage": "prosecution_review"}),
    ("debt", "我们一家四口，全家一个月三千来块", {"household_size": 4, "household_income": 3000}),
    ("debt", "我没有低保", {}),
    ("debt", "家里吃低保，低保证有", {"groups": ["dibao"], "docs": ["dibao"]}),
    ("social_security", "我想申请低保", {}),
    ("debt", "欠我钱的老板是退伍兵", {}),
    ("debt", "我是退伍兵，老板欠我钱", {"groups": ["veteran"]}),
    ("debt", "被一个自称军属的人骗了", {}),
    ("neighbour_property", "能调解就调解吧", {"request": "mediation"}),
    ("neighbour_property", "调解没用，他不同意", {}),
    ("inheritance", "不想打官司，一家人能说开最好", {"request": "mediation"}),
    ("contract", "他把我告了，收到传票", {"role": "respondent"}),
    ("support_custody", "我两千一", {"applicant_income": 2100}),
    ("support_custody", "他们不给我生活费我一个月就那个高龄补贴一百二", {"applicant_income": 120}),
    ("neighbour_property", "最好有人出来讲讲", {"request": "mediation"}),
    ("neighbour_property", "没有人出来说句话", {}),
    ("work_injury", "我家五口人 一个月三千", {"household_size": 5, "household_income": 3000}),
]  # fmt: skip


@pytest.mark.parametrize(("label", "text", "facts"), TOLD)
def test_facts_told_unasked(label: str, text: str, facts: dict[str, Any]) -> None:
    found = volunteered.read(text, label, {}, spans.read(text).as_dict(), TODAY)
    assert found == facts


SUMS: list[tuple[str, str, dict[str, Any], float | None]] = [
    ("labour_pay", "一个月1万6 四个月 6万4 哦九月发过五千 减掉", {}, 59000),
    ("labour_pay", "一个月4500，拖了三个月没发", {}, 13500),
    ("labour_pay", "一个月4500", {}, None),
    ("labour_pay", "公司欠我四个月工资三万二", {}, 32000),
    ("labour_pay", "月工资四千，欠了三个月", {}, 12000),
    ("debt", "借给他三万块", {}, 30000),
    ("debt", "他欠我五万，去年还了一万二", {}, 50000),
    ("debt", "他欠我五万，去年还了一万二，要减掉", {}, 38000),
    ("labour_pay", "一共应该是16450 扣掉2000", {}, 14450),
    ("labour_pay", "家里六口人 就我一个挣钱 平常一个月四千", {}, None),
    ("consumer", "准确说是23,860", {"amount": 20000}, 23860),
    ("consumer", "还买过三百块的水杯", {"amount": 20000}, 20000),
    ("work_injury", "花了四万三，老板只给了一万", {}, 43000),
    ("work_injury", "意外险说只赔8千 医院花了2万9", {}, 29000),
    ("debt", "借给他三万，不对，是四万二", {}, 42000),
    ("debt", "他欠我两万，哦记错了，两万五", {}, 25000),
    ("labour_pay", "欠我八千，说错了，九千六", {}, 9600),
    ("debt", "开始说五万，其实是三万五", {"amount": 50000}, 35000),
    ("support_custody", "判决书上写的一个月八百", {}, None),
    ("debt", "我一个月收入两千", {}, None),
    ("support_custody", "我两千一", {}, None),
    ("land_demolition", "青苗费少给了一万四", {}, 14000),
    ("land_demolition", "青苗费给了一万四", {}, None),
    ("labour_pay", "她头一个月给过一千二 还差七千二", {}, 7200),
]


@pytest.mark.parametrize(("label", "text", "known", "amount"), SUMS)
def test_the_sum_at_stake(
    label: str, text: str, known: dict[str, Any], amount: float | None
) -> None:
    facts, _ = sums.take(text, label, known, {}, None)
    assert {**known, **facts}.get("amount") == amount


def test_months_owed_are_not_the_years_of_the_story() -> None:
    _, record = sums.take("离婚三年了，前夫半年没给抚养费", "support_custody", {}, {}, None)
    assert record["months"] == 6
    _, record = sums.take("离婚三年了，前夫一直不给抚养费", "support_custody", {}, {}, None)
    assert "months" not in record


def test_what_was_paid_and_offered_is_kept_apart_from_the_sum() -> None:
    _, record = sums.take("意外险说只赔8千 医院花了2万9，垫付了三千", "work_injury", {}, {}, None)
    assert (record["offer"], record["paid"]) == (8000, 3000)


def record(text: str, label: str = "labour_pay") -> dict[str, Any]:
    return details.read(text, label, {}, spans.read(text).as_dict())


def test_the_intake_record_holds_what_a_lawyer_reads_first() -> None:
    kept = record("公司13个人都没发，有录音和微信聊天记录，打过12333，我是江苏东台的")
    assert {"录音", "微信"} <= set(kept["evidence"])
    assert kept["group_size"] == 13 and kept["reported"] == ["12333"]
    assert kept["home"] == "江苏东台" and kept["opponent"] == "公司"


def test_proof_that_is_missing_is_not_proof() -> None:
    kept = record("没签劳动合同，也没打欠条，有工友可以作证")
    assert set(kept["evidence_missing"]) == {"劳动合同", "欠条"}
    assert kept["evidence"] == ["证人"]


def test_the_other_side_in_a_family_matter_is_kin_and_elsewhere_is_not() -> None:
    assert record("我老公不给生活费", "marriage")["opponent"] == "老公"
    assert record("我老公被老板骗了，老板跑了", "labour_pay")["opponent"] == "老板"


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("我一个月低保三百八", True),
        ("一个月就一百八十块养老金", True),
        ("全家一个月收入两千不到", True),
        ("低保停了，三百八没发", False),
        ("养老金一个月就一百多，能涨吗", False),
        ("老板欠我工资五千", False),
        ("我老公每个月挣三千，都不给家里", False),
    ],
)
def test_what_somebody_lives_on_is_no_trouble(text: str, only: bool) -> None:
    assert volunteered.only_means(text) == only
    heard = hear(text, "social_security")
    assert heard.label() == (None if only else "social_security")
