"""Imports point down: a room knows those below it, never those above. News goes up as events."""

import ast
from pathlib import Path

import pytest

from router.settings import ROOT

ORDER = [  # from the top; rooms of one row do not know each other
    {"app", "cli"},
    {"web", "health"},
    {"channels"},
    {"gateway", "simulator"},
    {"agencies", "sending", "report"},
    {"applications"},
    {"routing"},
    {"mediation"},
    {"referrals"},
    {"destinations"},
    {"dispatch"},
    {"tickets", "lawyers", "corrections"},
    {"conversations", "eligibility"},
]
HEIGHT = {room: -row for row, rooms in enumerate(ORDER) for room in rooms}
FILES = sorted((ROOT / "router").rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT / "router").with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The rooms that a file imports when it runs; what only types need does not count."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    names = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in (
            [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    ours = {name for name in names if name.startswith("router.")}
    return {name.split(".")[1] for name in ours if not name.startswith("router.channels.base")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_room_imports_one_above_it(path):
    here = room(path)
    if here not in HEIGHT:
        return  # settings, errors, clock, db …: used by all
    # channels/base is the words that gateway and channels share; it knows nobody
    above = {other for other in imported(path) if HEIGHT.get(other, -99) > HEIGHT[here]}
    assert not above


def test_eligibility_is_pure():
    for path in (ROOT / "router" / "eligibility").rglob("*.py"):
        assert imported(path) <= {"eligibility"}, path
        text = path.read_text()
        assert "sqlalchemy" not in text and "datetime.now" not in text, path
