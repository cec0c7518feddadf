"""Eligibility for legal aid: facts, law and a date in; a cited decision or a question out."""

from router.eligibility.decision import Decision
from router.eligibility.engine import decide_plainly
from router.eligibility.explain import explain
from router.eligibility.facts import FACTS, FactError, Facts, parse_facts
from router.eligibility.graph import decide
from router.eligibility.law import Law, LawError, load_law

__all__ = [
    "FACTS", "Decision", "FactError", "Facts", "Law", "LawError", "decide",
    "decide_plainly", "explain", "load_law", "parse_facts",
]  # fmt: skip
