"""A corrupt law file stops the start: file and line, one sentence, nothing half started."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from router.cli import __main__ as cli
from router.cli import prepare, serve
from router.settings import ROOT


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A tree whose demonstration county has a standard that is no number."""
    for name in ("law", "destinations"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "data" / name)
    path = tmp_path / "data" / "law" / "regions" / "990101.yml"
    path.write_text(path.read_text("utf-8").replace("limit: 1500", "limit: 一千五"), "utf-8")
    return tmp_path


def place(tree: Path) -> str:
    lines = (tree / "data" / "law" / "regions" / "990101.yml").read_text("utf-8").splitlines()
    [line] = [number for number, text in enumerate(lines, 1) if "一千五" in text]
    return f"regions/990101.yml:{line}："


def test_up_does_not_start_with_a_corrupt_law_file(broken, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "ROOT", broken)  # `up` runs it before anything else
    monkeypatch.setenv("STATE_DIR", str(broken / "state"))
    assert cli.main(["prepare"]) == 1
    said = capsys.readouterr().err
    assert place(broken) in said and "应当是数字" in said and said.count("\n") == 1
    assert not (broken / "state").exists()


def test_a_router_does_not_start_with_a_corrupt_law_file(broken, monkeypatch, capsys):
    data = broken / "data"
    monkeypatch.setattr(serve, "build_app", partial(serve.build_app, data=data))
    monkeypatch.setenv("STATE_DIR", str(broken / "state"))
    assert cli.main(["serve"]) == 1
    said = capsys.readouterr().err
    assert place(broken) in said and "Traceback" not in said
