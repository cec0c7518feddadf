"""Whoever follows data/law/README.md word for word gets a region that works."""

from __future__ import annotations

import json
import re
from pathlib import Path

from router.eligibility import decide, load_law, parse_facts
from router.eligibility.law import LAW_FOLDER, Region

LESSON = (LAW_FOLDER / "README.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", LESSON, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_the_lesson_adds_a_region_by_its_own_text_alone(tmp_path: Path) -> None:
    named = re.search(r"存成 `regions/(\w+\.yml)`", LESSON)
    assert named
    (tmp_path / named.group(1)).write_text(block("yaml"), "utf-8")
    law = load_law(extra=tmp_path)
    tried = [json.loads(line) for line in block("json").splitlines()]
    assert len(tried) >= 5
    for case in tried:
        assert decide(parse_facts(case["facts"]), law).outcome == case["expect"], case["id"]


def test_the_lesson_names_every_key_of_a_region_file() -> None:
    plain = {"since", "until"}
    assert not sorted(key for key in set(Region.model_fields) - plain if key not in LESSON)
