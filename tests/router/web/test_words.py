"""A person never reads a code word."""

import re

import pytest

from router.destinations.labels import LABELS
from router.eligibility.facts import FACTS
from router.eligibility.finding import Outcome
from router.gateway.bot_client import Reply
from router.settings import ROOT
from router.web import words

HAN = re.compile("[\u4e00-\u9fff]")
CHOICES = [(name, value) for name, fact in FACTS.items() for value in fact.values]


@pytest.mark.parametrize(("name", "value"), CHOICES)
def test_every_value_of_a_fact_has_a_chinese_word(name: str, value: str):
    assert HAN.search(words.value_of(name, value))


@pytest.mark.parametrize("outcome", [one.value for one in Outcome])
def test_every_outcome_has_a_headline(outcome: str):
    tone, headline = words.OUTCOMES[outcome]
    assert tone in {"good", "info", "warn", "danger"}
    assert HAN.search(headline)


def test_what_is_not_known_is_never_shown_as_no():
    assert words.value_of("lawyer", None) == "说不清楚"
    assert words.value_of("lawyer", False) == "否"


def test_an_intake_is_told_in_labels_units_and_names():
    intake: Reply = {
        "label": "labour_pay",
        "facts": {
            "matter": "wages", "income_pc": 800, "groups": ["migrant_worker"],
            "region": "990101", "lawyer": None,
        },
        "details": {"amount": 59000, "groups": ["migrant_worker"], "evidence": ["欠条"], "x": "y"},
    }  # fmt: skip
    assert words.facts_of(intake, {"990101": "清河县"}) == [
        ("事情类别", LABELS["labour_pay"]),
        (FACTS["groups"].label, "进城务工人员"),
        (FACTS["lawyer"].label, "说不清楚"),
        (FACTS["income_pc"].label, "800 元/月"),
        (FACTS["region"].label, "清河县"),
        ("金额", "59,000 元"),
        ("手里的凭证", "欠条"),
    ]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("劳动仲裁1年内申请(LDL 27(4))", "劳动仲裁1年内申请"),
        ("要付费并可能罚款(LAL 41、64)", "要付费并可能罚款"),
        ("可以提出异议(PR2023 22 (R-high))", "可以提出异议"),
        ("12348 法律咨询(免费)", "12348 法律咨询(免费)"),
    ],
)
def test_the_engines_shorthand_for_citations_is_not_shown(told: str, read: str):
    assert words.plain(told) == read


def test_what_somebody_wants_is_said_in_chinese_whatever_the_bot_hears():
    source = (ROOT / "bot/language/asks.py").read_text()
    heard = {"advice", *re.findall(r'^    "([a-z_]+)": r"', source, re.M)}
    assert heard == set(words.ASKS)
    assert words.facts_of({"details": {"ask": ["lawyer"]}}, {}) == [("想要", "请律师")]
