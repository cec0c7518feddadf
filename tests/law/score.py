"""The scoring rule of the golden cases."""

from __future__ import annotations

import re
from typing import Any

_MARK = re.compile(r"\s*\((?:V2|R-high|V)\)$")


def bare(cite: str) -> str:
    """A citation without its mark."""
    return _MARK.sub("", cite)


def satisfies(answered: str, wanted: str) -> bool:
    """An item satisfies its article or paragraph; another article never does."""
    a, w = bare(answered), bare(wanted)
    return a == w or (a.startswith(w) and a[len(w)] == "(")


def wrong(expect: dict[str, Any], answer: dict[str, Any]) -> str:
    """What is wrong with an answer; empty: nothing."""
    allowed = {expect["outcome"], *expect.get("also_ok", [])}
    if answer["outcome"] not in allowed:
        return f"outcome {answer['outcome']}, wanted {sorted(allowed)}"
    if not any(satisfies(a, w) for a in answer["basis"] for w in expect["basis"]):
        return f"basis {answer['basis']}, wanted one of {expect['basis']}"
    return ""


def missing(expect: dict[str, Any], answer: dict[str, Any]) -> str:
    """What an own case wants beside outcome and basis: citations, words of warnings and doors."""
    cited = [*answer["basis"], *answer["see"]]
    for wanted in expect.get("see", []):
        if not any(satisfies(cite, wanted) for cite in cited):
            return f"see {cited}, wanted {wanted}"
    for key in ("warn", "route"):
        for words in expect.get(key, []):
            if not any(words in said for said in answer[key]):
                return f"{key} {answer[key]}, wanted {words}"
    asks = expect.get("asks")
    if asks and answer["next_question"] != asks:
        return f"asks {answer['next_question']}, wanted {asks}"
    return ""
