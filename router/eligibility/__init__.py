"""Eligibility for legal aid: facts, law and a date in; a cited decision or a question out."""

from router.eligibility.engine import Decision, decide
from router.eligibility.facts import FACTS, FactError, Facts, parse_facts
from router.eligibility.law import Law, LawError, load_law

__all__ = [
    "FACTS", "Decision", "FactError", "Facts", "Law", "LawError", "decide", "load_law",
    "parse_facts",
]  # fmt: skip
