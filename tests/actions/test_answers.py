"""What people reply to a question, and where each reading ends."""

import datetime as dt
from typing import Any

import pytest

from actions import phrases
from actions.answers import UNKNOWN, dont_know, read, readable
from actions.memory import fact_names

TODAY = dt.date(2026, 9, 10)  # a Thursday

SAID: dict[str, list[tuple[str, Any]]] = {
    "lawyer": [
        ("没请", False), ("还没有", False), ("没有", False), ("请不起", False), ("想请一个", False),
        ("没请律师，不知道怎么办", False), ("请了", True), ("已经请了律师了", True), ("有的", True),
        ("有，上个月请的律师", True), ("有 微信记账的截图", None), ("有，微信截图", None),
        ("不清楚请没请", UNKNOWN), ("船在舟山锚地", None), ("当时律师也是你们派的", None),
    ],
    "danger": [
        ("我现在安全", "safe"), ("安全的", "safe"), ("是的", "safe"), ("在娘家，没事了", "safe"),
        ("没有危险", "safe"), ("不安全", "now"), ("不太安全", "now"), ("没有", "now"),
        ("他还在门外", "now"), ("很害怕", "now"), ("不知道", UNKNOWN), ("他是开车的", None),
        ("我在天台", "now"),
        ("没人在旁边", "now"),
    ],
    "violence": [
        ("没打过", "none"), ("没有", "none"), ("没人打我，就是不管", "none"), ("有过", "suffered"),
        ("打过两次", "suffered"), ("是我动了手", "committed"), ("我先打的他", "committed"),
    ],
    "household_size": [
        ("三口人", 3), ("5口人", 5), ("一家四口", 4), ("就我和我妈", 2), ("就我一个人", 1),
        ("就我", 1), ("我们俩", 2), ("四", 4), ("我跟我老婆还有一个娃", 3),
        ("老婆和两个孩子，加上我", 4),
        ("家里五口人，两个老人两个小孩", 5), ("公司13个人都没发", None), ("三个月", None),
        ("不知道", UNKNOWN),
    ],
    "household_income": [
        ("两千多", 2000), ("2000", 2000), ("0", 0), ("一个月1万6", 16000), ("一年三万", 2500),
        ("三千左右", 3000), ("全家一个月三千来块", 3000), ("我两千，老公三千", 5000),
        ("没有收入", 0), ("没有", 0), ("下岗了", 0), ("一天一百五", None), ("吃低保", None),
        ("几千吧", None), ("中间给过2000生活费", None), ("说不好", UNKNOWN),
    ],
    "amount": [
        ("不多 3千6", 3600), ("四千", 4000), ("准确说是23,860", 23860), ("三万一", 31000),
        ("1.6万", 16000), ("几万", None), ("很多", None), ("不清楚", UNKNOWN),
    ],
    "age": [
        ("16", 16), ("十九岁，刚出来打工", 19), ("七十一", 71), ("我七十一了", 71), ("0岁", 0),
        ("120岁", 120), ("121岁", None), ("没满十八", 17), ("三年了", None), ("忘了", UNKNOWN),
    ],
    "criminal_stage": [
        ("公安还在查", "investigation"), ("刑事拘留，关在看守所", "investigation"),
        ("到检察院了", "prosecution_review"), ("到法院了", "trial"), ("判了,在上诉",
        "second_instance"),
        ("走的速裁", "fast_track"), ("不知道", UNKNOWN),
    ],
    "possible_sentence": [
        ("三到五年", "fixed_term"), ("有期徒刑或更轻", "fixed_term"), ("可能无期", "life"),
        ("可能死刑", "death"), ("一年也就两万块", None), ("不知道", UNKNOWN),
    ],
    "opponent_in_household": [
        ("住在一起", True), ("还住在一起", True), ("是的", True), ("不住在一起", False),
        ("不住一起了", False), ("分居了", False), ("我回娘家了", False),
    ],
    "docs": [
        ("有证明", ["dibao"]), ("没有证明", []), ("低保证有", ["dibao"]), ("还没办", []),
        ("有残疾证", ["disability"]),
    ],
    "groups": [
        ("低保", ["dibao"]), ("进城打工", ["migrant_worker"]), ("都不是", []), ("没有", []),
        ("我喜欢吃鱼", None),
    ],
    "employment_end": [
        ("去年三月", "2025-03-01"), ("上个月十五号", "2026-08-15"), ("昨天", "2026-09-09"),
        ("三个月前", "2026-06-10"), ("明年三月", None), ("还在上班", None), ("忘了", UNKNOWN),
    ],
    "days_left": [("5天", 5), ("还有两个星期", 14), ("已经过期了", -1), ("不知道", UNKNOWN)],
    "homes": [("没有房子", 0), ("1套", 1), ("两套", 2), ("租房住", 0)],
    "hukou": [("农村户口", "rural"), ("城镇的", "urban")],
    "disability": [("没有残疾", "none"), ("聋哑人", "hearing"), ("腿有残疾", "other")],
    "mental_capacity": [("正常", "normal"), ("不正常", "impaired"), ("老年痴呆", "impaired")],
    "request": [
        ("请律师帮我办", "representation"), ("只想问问", "advice"), ("先调解", "mediation"),
        ("办公证", "notarization"),
    ],
    "retrial_ordered": [("还没有", False), ("决定再审了", True)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "said", "meant"),
    [(fact, said, meant) for fact, rows in SAID.items() for said, meant in rows],
)
def test_a_reply_is_read_as_it_is_meant(fact: str, said: str, meant: Any) -> None:
    found = read(fact, said, TODAY, {"groups": ["dibao"]})
    assert found == meant and (found is None) == (meant is None)
    assert isinstance(found, bool) == isinstance(meant, bool)


@pytest.mark.parametrize(
    "said", ["不知道", "不清楚", "我也不太清楚啊", "说不好", "忘了", "没有了", "不晓得"]
)
def test_not_knowing_is_never_a_no(said: str) -> None:
    assert dont_know(said)
    assert read("lawyer", said, TODAY) is UNKNOWN


@pytest.mark.parametrize(
    "said", ["没有", "不是", "老板不知道我受伤了", "不知道为什么老板突然就不发工资了，拖了四个月"]
)
def test_these_are_not_not_knowing(said: str) -> None:
    assert not dont_know(said)


def test_every_button_answers_its_own_question() -> None:
    deaf = [
        (fact, button["payload"])
        for fact in readable()
        if phrases.has_question(fact)
        for button in phrases.question(fact)[1]
        if read(fact, button["payload"], TODAY, {}) is None
        and (fact, button["payload"]) not in {("other_reason", "都不是"), ("temporary_hardship",
        "没有"),
                                              ("apply_date", "今天"), ("event", "没有别的事")}
    ]  # fmt: skip
    assert deaf == []


def test_every_fact_has_a_question_that_can_be_read() -> None:
    from router.eligibility import FACTS

    assert set(fact_names()) == set(FACTS)
    asked = set(FACTS) - {"matter"}  # asked by choosing between matters
    assert {fact for fact in asked if not phrases.has_question(fact)} == set()
    assert asked - readable() == set()


def test_a_question_is_short_and_one() -> None:
    for fact in [*fact_names(), "story", "trial_procedure"]:
        for time in (1, 2, 3):
            text, buttons = phrases.question(fact, time)
            assert len(text) <= 60 and text.count("？") <= 1, text
            assert all(
                b["title"] == b["payload"] and not b["payload"].startswith("/") for b in buttons
            )
