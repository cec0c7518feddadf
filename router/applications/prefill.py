"""What the case already knows, put into the form: nobody tells their story twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.applications.papers import asks_means
from router.destinations.labels import LABELS
from router.eligibility.facts import GROUPS
from router.tickets import callbacks

SHORT = 6  # characters: 是的, 没有, 两个人 are answers, no story
MOST = 2000
ADULT = 18  # years, CC 17


def form_of(
    intake: Mapping[str, Any], decision: Mapping[str, Any], said: Sequence[str], call_back: str
) -> dict[str, Any]:
    """`said`: the citizen's own lines in order; `call_back`: a number they have left."""
    facts, details = intake.get("facts") or {}, intake.get("details") or {}
    told = {**details, **facts}
    label = str(intake.get("label") or "")
    form = {
        "who": _who(facts),
        "means": asks_means(str(decision.get("outcome") or ""), decision.get("basis") or ()),
        "phone": callbacks.dialled(call_back) or "" if call_back else "",
        "matter": label if label in LABELS else "",
        "groups": [one for one in told.get("groups") or () if one in GROUPS],
        "opponent": _text(details.get("opponent")),
        "amount": _number(told.get("amount")),
        "household_size": _number(facts.get("household_size")),
        "household_income": _number(facts.get("household_income")),
        "happened_at": _text(details.get("region")),
        "story": "\n".join(line for line in said if len(line) > SHORT)[:MOST],
        "wanted": "arbitration" if label in ("labour_pay", "labour_other") else "",
    }
    if not form["household_income"] and form["household_size"] and facts.get("income_pc"):
        form["household_income"] = _number(facts["income_pc"] * facts["household_size"])
    return form


def _who(facts: Mapping[str, Any]) -> str:
    if facts.get("detained"):
        return "detained"
    if facts.get("applicant_by", "self") == "self":
        return "self"
    able = facts.get("mental_capacity") == "normal" and int(facts.get("age") or 0) >= ADULT
    return "agent" if able else "guardian"


def _number(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, int | float) and value else ""


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return str(value or "")
