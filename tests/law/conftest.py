"""The law with the synthetic regions of the golden cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.eligibility import Law, load_law

HERE = Path(__file__).parent


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


CASES = _read("cases.jsonl")
# Written from the text of the law at its edges; scored in full, with warnings and doors.
OWN = _read("own_cases.jsonl")


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law(extra=HERE / "regions")
