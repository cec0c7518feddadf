"""The law with the synthetic regions of the golden cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.eligibility import Law, load_law

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "cases.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law(extra=HERE / "regions")
