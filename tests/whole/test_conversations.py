"""tests/conversations over the running product: the real model, `./jieyuan converse`."""

import json
import subprocess
import sys

import pytest
import yaml

from router.cli.environment import child_environment
from router.settings import ROOT
from tests.manners import faults

FILES = sorted((ROOT / "tests" / "conversations").glob("*.yaml"))
KINDS = {
    "duty_lawyer", "mediation", "legal_aid_application", "emergency_110", "other_organ",
    "information_only",
}  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_conversations_end_where_they_should(system, file):
    played = subprocess.run(
        [sys.executable, "-m", "router.cli", "converse", str(file), "--url", system.url],
        cwd=ROOT, env=child_environment(), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    results = {result["id"]: result for result in json.loads(played.stdout)}
    wrong = {}
    for dialogue in yaml.safe_load(file.read_text()):
        result = results[dialogue["id"]]
        assert set(result) == {"id", "transcript", "facts", "outcome", "ticket"}
        assert {line["who"] for line in result["transcript"]} <= {"citizen", "bot", "system"}
        assert all(line["text"] for line in result["transcript"])
        said = [(line["who"], line["text"]) for line in result["transcript"]]
        if broken := faults(dialogue, said):
            wrong[f"{dialogue['id']}: manners"] = broken
        assert result["outcome"] in KINDS
        if result["outcome"] not in [dialogue["outcome"], *dialogue.get("also_ok", [])]:
            wrong[dialogue["id"]] = (result["outcome"], result["transcript"])
        for name, value in dialogue["facts"].items():
            if name == "matter":  # converse prints the label, the fine matter is a fact of its own
                name = "fine_matter"
            told = result["facts"].get(name)
            fits = set(value) <= set(told or []) if isinstance(value, list) else told == value
            if not fits:
                wrong[f"{dialogue['id']}: {name}"] = (told, value)
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)
