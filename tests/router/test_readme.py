"""The README tells of every setting and command that exists, and of no other."""

import re

from router.cli.__main__ import COMMANDS
from router.settings import ROOT, Settings

README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_table_and_no_other():
    table = README.split("## 设置")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([A-Z_]+)`", " ".join(rows))) == set(Settings.model_fields)


def test_every_command_that_is_told_of_exists():
    for name in ("README.md", "README.en.md", "CONTRIBUTING.md"):
        told = re.findall(r"\./jieyuan (\w+)", (ROOT / name).read_text())
        assert set(told) <= set(COMMANDS), name


def test_every_file_that_is_linked_or_shown_exists():
    for name in ("README.md", "README.en.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text()):
            assert (ROOT / target).exists(), f"{name}: {target}"


def test_every_direct_dependency_has_its_line():
    lines = (ROOT / "docs" / "dependencies.md").read_text()
    for project in ("pyproject.toml", "bot/pyproject.toml"):
        for name in re.findall(r'^  "([\w.-]+)', (ROOT / project).read_text(), re.MULTILINE):
            assert name in lines, name
