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
