"""Seeded cases: the common table's, and whole ones as a centre hears them."""

import datetime as dt
import json
import random
from typing import Any

from router.eligibility import FACTS, Law

DAY = dt.date(2026, 9, 10)
REGION = "990101"
EVERYDAY = (
    "wages", "wages", "wages", "work_injury", "work_injury", "traffic_injury", "divorce", "divorce",
    "domestic_violence", "support", "child_support", "private_loan", "contract", "consumer_prepaid",
    "inheritance", "neighbour", "dismissal_compensation", "confirm_employment", "social_insurance",
)  # fmt: skip
PROOFS = ("none", "none", "none", "dibao", "migrant_worker")


def table_cases(law: Law, count: int, seed: int) -> list[dict[str, Any]]:
    """All of them complete: no table knows what it does not know."""
    rng = random.Random(seed)
    return _distinct(count, lambda: {
        "danger": rng.choice(("none",) * 20 + ("life",)),
        "lawyer": rng.random() < 0.1,
        "matter": rng.choice(EVERYDAY),
        "violence": rng.choice(("none", "none", "none", "suffered")),
        "proof": rng.choice(PROOFS),
        "income_pc": round(rng.uniform(0, 4000), 2),
    })  # fmt: skip


def whole(case: dict[str, Any]) -> dict[str, Any]:
    """A case of the table with all that our law wants to know besides."""
    facts = {name: value for name, value in case.items() if name != "proof"}
    held = [] if case["proof"] == "none" else [case["proof"]]
    return {**facts, "region": REGION, "apply_date": str(DAY), "groups": held, "docs": held,
            "role": "claimant", "opponent_in_household": False}  # fmt: skip


def mixed_cases(law: Law, count: int, seed: int, regions: tuple[str, ...]) -> list[dict[str, Any]]:
    """Complete and partly unknown, civil and criminal, any day since 2021."""
    rng = random.Random(seed)
    return _distinct(count, lambda: _one(rng, regions))


def _one(rng: random.Random, regions: tuple[str, ...]) -> dict[str, Any]:
    applied = dt.date(2021, 7, 1) + dt.timedelta(rng.randrange(2000))
    facts: dict[str, Any] = {
        "region": rng.choice(regions),
        "apply_date": str(applied),
        "lawyer": rng.random() < 0.05,
        "income_pc": round(rng.uniform(0, 4000), 2),
        "age": rng.randint(14, 85),
        "source": rng.choice(("web", "wechat", "hotline")),
    }
    if rng.random() < 0.12:
        facts |= {
            "role": rng.choice(("suspect", "defendant", "victim")),
            "criminal_stage": rng.choice(FACTS["criminal_stage"].values[:6]),
            "possible_sentence": rng.choice(("fixed_term", "fixed_term", "life")),
            "disability": rng.choice(("none", "none", "none", "hearing")),
            "mental_capacity": "normal",
        }
    else:
        matter = rng.choice(EVERYDAY if rng.random() < 0.8 else FACTS["matter"].values)
        facts |= {"matter": matter, "violence": "none", "opponent_in_household": False}
        if matter in ("divorce", "domestic_violence", "support"):
            facts |= {"violence": rng.choice(("none", "suffered")), "danger": "none"}
        if rng.random() < 0.3:
            facts["groups"] = facts["docs"] = [rng.choice(FACTS["groups"].values)]
        if rng.random() < 0.2:
            facts["days_left"] = rng.randint(0, 60)
        if matter in ("wages", "dismissal_compensation", "confirm_employment"):
            days = rng.randrange(600)
            facts["employment_end"] = str(applied - dt.timedelta(days))
        if matter in ("private_loan", "contract", "consumer_prepaid"):
            facts["amount"] = rng.randint(100, 90_000)
        if rng.random() < 0.1:
            facts |= {"household_income": facts.pop("income_pc") * 3, "household_size": 3}
    if rng.random() < 0.4:  # not asked yet, or asked and not known
        for name in rng.sample([n for n in facts if n not in ("region", "apply_date")], 3):
            if rng.random() < 0.7:
                del facts[name]
            else:
                facts[name] = None
    return facts


def _distinct(count: int, one: Any) -> list[dict[str, Any]]:
    cases: dict[str, dict[str, Any]] = {}
    while len(cases) < count:
        case = one()
        cases[json.dumps(case, sort_keys=True)] = case
    return list(cases.values())


def long_list(entries: int, seed: int) -> dict[str, Any]:
    """A region with a negative list of so many entries, of the kinds that lists have."""
    rng = random.Random(seed)
    refusals = []
    for number in range(entries):
        matters = rng.sample(FACTS["matter"].values, 2)
        refuse: dict[str, Any] = {"matters": matters}
        kind = rng.randrange(3)
        if kind == 0:
            refuse["amount_below"] = rng.randint(1, 99)
        elif kind == 1:
            refuse["repeat"] = "same_facts_concluded"
        else:
            refuse["party"] = ["company"]
        refusals.append({"id": f"N{number}", "words": f"事项{number}", "cites": [f"清单{number}"],
                         "refuse": refuse})  # fmt: skip
    return {
        "code": f"LIST{entries}", "name": "合成", "note": "合成数据", "fictional": True,
        "scope": {"kind": "negative_list", "cites": ["清单"]}, "negative_list": refusals,
        "standard": {"label": "合成", "unit": "CNY/person/month",
                     "values": {"2022-01-01": {"limit": 1500, "cmp": "lte"}}},
    }  # fmt: skip
