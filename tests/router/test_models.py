"""Which model answers: chosen when not worse, gone back from with one command, never half-made."""

import json
import multiprocessing
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot import models
from bot.models import Card
from bot.train import fingerprint, program
from router.cli import model, train

A, B, C = "a" * 32, "b" * 32, "c" * 32
NOW, RELEASE = program(), fingerprint()
CRIES = [("我不想活了", True), ("我想离婚", False), ("水凉不凉都无所谓了", True)]
QUESTIONS = [("老板欠我工资", "labour_pay"), ("我要离婚", "marriage"), ("他借钱不还", "debt")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    it = tmp_path / "models"
    it.mkdir()
    return it


def trained(folder: Path, name: str, made: str = "2026-01-01", code: str = NOW) -> str:
    models.file_of(folder, name).write_bytes(name.encode())
    models.keep_card(folder, Card(name, made, code))
    return name


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    it = tmp_path / "evaluation"
    it.mkdir()
    rows = [json.dumps({"text": t, "label": label}, ensure_ascii=False) for t, label in QUESTIONS]
    (it / "matter.jsonl").write_text("\n".join(rows), "utf-8")
    cries = [json.dumps({"text": text, "danger": ["suicide"] * told}) for text, told in CRIES]
    (it / "intake.jsonl").write_text("\n".join(cries), "utf-8")
    return it


@pytest.fixture
def deaf() -> set[str]:
    """The models that hear only the first of the two cries."""
    return set()


@pytest.fixture
def right(monkeypatch, deaf) -> dict[str, int]:
    """How many of the three questions each model gets right."""
    known: dict[str, int] = {}

    def read(path: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        name = path.name.removesuffix(".tar.gz")
        said = [row["label"] if n < known[name] else "other" for n, row in enumerate(rows[:3])]
        cries = [{"danger": row["danger"]} for row in rows[3:]]
        if name in deaf:
            cries[1:] = [{"danger": []}]
        return [*({"matter": one} for one in said), *cries]

    monkeypatch.setattr(model, "read", read)
    return known


def answers(folder: Path) -> str | None:
    choice = models.chosen(folder)
    return choice and choice.model


def test_the_first_model_is_taken_without_a_comparison(folder, evaluation, right):
    model.take_unless_worse(folder, trained(folder, A), RELEASE, evaluation)
    assert answers(folder) == A


@pytest.mark.parametrize(("was", "told", "taken"), [(2, 1, A), (2, 2, B), (2, 3, B)])
def test_a_new_one_answers_when_its_score_is_not_below_the_running_ones(
    folder, evaluation, right, capsys, was, told, taken
):
    models.choose(folder, trained(folder, A), RELEASE)
    right |= {A: was, trained(folder, B): told}
    model.take_unless_worse(folder, B, RELEASE, evaluation)
    assert answers(folder) == taken
    assert f"{told / 3:.3f}" in capsys.readouterr().out
    assert models.card_of(folder, B).score["matter"] == told / 3


@pytest.mark.parametrize(("hears_less", "taken"), [(set(), B), ({A}, B), ({B}, A), ({A, B}, B)])
def test_a_new_one_that_hears_less_danger_is_not_taken_however_well_it_names_matters(
    folder, evaluation, right, deaf, capsys, hears_less, taken
):
    models.choose(folder, trained(folder, A), RELEASE)
    right |= {A: 2, trained(folder, B): 3}
    deaf |= hears_less
    model.take_unless_worse(folder, B, RELEASE, evaluation)
    assert answers(folder) == taken
    assert ("危险" in capsys.readouterr().out) == (taken == A)
    assert models.card_of(folder, B).score["danger"] == (0.5 if B in hears_less else 1.0)


def test_without_anything_to_score_on_the_running_one_stays(folder, tmp_path, right):
    models.choose(folder, trained(folder, A), RELEASE)
    model.take_unless_worse(folder, trained(folder, B), RELEASE, tmp_path / "nothing")
    assert answers(folder) == A


def test_a_score_is_taken_once_and_again_when_the_questions_change(folder, evaluation, right):
    right[trained(folder, A)] = 2
    assert model.score_of(folder, A, evaluation)["matter"] == 2 / 3
    right[A] = 1
    assert model.score_of(folder, A, evaluation)["matter"] == 2 / 3
    more = evaluation / "matter.jsonl"
    more.write_text(more.read_text("utf-8").replace("离婚", "和他离婚"), "utf-8")
    assert model.score_of(folder, A, evaluation)["matter"] == 1 / 3


def test_a_model_of_another_program_is_replaced_not_compared(folder, evaluation, right):
    models.choose(folder, trained(folder, A, code="older"), "older")
    model.take_unless_worse(folder, trained(folder, B), RELEASE, evaluation)
    assert answers(folder) == B


def test_back_goes_to_the_one_before_and_from_there_further_back(folder, tmp_path):
    for name in (A, B, C):
        models.choose(folder, trained(folder, name), RELEASE)
    for expected in (B, A):
        assert model.main(["back", "--state", str(tmp_path)]) == 0
        assert answers(folder) == expected
    assert model.main(["back", "--state", str(tmp_path)]) == 1
    assert answers(folder) == A


def test_back_passes_over_what_this_program_cannot_run_and_what_is_gone(folder, tmp_path):
    models.choose(folder, trained(folder, A), RELEASE)
    models.choose(folder, trained(folder, "d" * 32, code="older"), RELEASE)
    models.choose(folder, trained(folder, B), RELEASE)
    models.choose(folder, trained(folder, C), RELEASE)
    models.file_of(folder, B).unlink()
    assert model.main(["back", "--state", str(tmp_path)]) == 0
    assert answers(folder) == A


def test_only_the_last_few_models_are_kept_and_always_those_at_hand(folder):
    names = [f"{n:032x}" for n in range(models.KEPT + 4)]
    for day, name in enumerate(names):
        models.choose(folder, trained(folder, name, f"2026-01-{day + 1:02}"), RELEASE)
    choice = models.chosen(folder)
    kept = {card.id for card in models.all_of(folder)}
    assert {choice.model, *choice.before} <= kept and names[0] not in kept
    assert len(kept) == models.KEPT + 1
    assert len(list(folder.glob("*.tar.gz"))) == len(list(folder.glob("?" * 32 + ".json")))


@pytest.mark.parametrize("asked", ["", "f", "-"])
def test_use_wants_exactly_one_model(folder, tmp_path, asked, capsys):
    trained(folder, "f" * 31 + "1")
    trained(folder, "f" * 31 + "2")
    assert model.main(["use", asked, "--state", str(tmp_path)]) == 1
    assert "list" in capsys.readouterr().err and answers(folder) is None


def test_use_refuses_a_model_of_another_program(folder, tmp_path, capsys):
    trained(folder, A, code="older")
    assert model.main(["use", A[:6], "--state", str(tmp_path)]) == 1
    assert "另一个版本" in capsys.readouterr().err and answers(folder) is None


def test_the_list_says_which_answers_and_which_is_next_when_going_back(folder, tmp_path, capsys):
    models.choose(folder, trained(folder, A), RELEASE)
    models.choose(folder, trained(folder, B, "2026-01-02"), RELEASE)
    assert model.main(["list", "--state", str(tmp_path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(B[:8]) and "在用" in first
    assert second.startswith(A[:8]) and "上一个" in second


def test_after_going_back_training_without_new_sentences_does_not_bring_the_model_again(
    folder, tmp_path, evaluation, right, monkeypatch, capsys
):
    monkeypatch.setattr(train, "model_id", lambda state: B)
    right |= {A: 2, B: 2}
    models.choose(folder, trained(folder, A), RELEASE)
    trained(folder, B)
    command = ["--state", str(tmp_path), "--data", str(evaluation)]
    assert train.main(command) == 0 and answers(folder) == B
    assert model.main(["back", "--state", str(tmp_path)]) == 0
    assert train.main(command) == 0 and answers(folder) == A
    assert "model use" in capsys.readouterr().out


def test_a_training_that_was_killed_before_the_comparison_is_compared_by_the_next(
    folder, tmp_path, evaluation, right, monkeypatch
):
    monkeypatch.setattr(train, "model_id", lambda state: B)
    right |= {A: 2, B: 3}
    models.choose(folder, trained(folder, A), RELEASE)
    trained(folder, B)  # it was there, and nobody had looked at its score
    assert train.main(["--state", str(tmp_path), "--data", str(evaluation)]) == 0
    assert answers(folder) == B


def test_a_start_keeps_what_was_chosen_for_this_release_and_nothing_is_trained(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(train, "train", lambda state: pytest.fail("no need to train"))
    models.choose(folder, trained(folder, A), RELEASE)
    (tmp_path / "training" / "nlu").mkdir(parents=True)
    (tmp_path / "training" / "nlu" / "local.yml").write_text("nlu: []")  # accepted, not trained
    assert train.settle(tmp_path) == 0 and answers(folder) == A


def test_an_update_of_the_program_trains_and_chooses_anew(folder, tmp_path, monkeypatch):
    models.choose(folder, trained(folder, A, code="older"), "older")
    monkeypatch.setattr(train, "model_id", lambda state: B)
    monkeypatch.setattr(train, "train", lambda state: trained(folder, B) and 0)
    assert train.settle(tmp_path) == 0 and answers(folder) == B


def test_the_centres_own_sentences_make_another_model_of_the_same_program(tmp_path):
    assert train.model_id(tmp_path) == RELEASE
    own = tmp_path / "training" / "nlu" / "local.yml"
    own.parent.mkdir(parents=True)
    own.write_text("nlu: []")
    first = train.model_id(tmp_path)
    own.write_text("nlu: [] ")
    assert len({RELEASE, first, train.model_id(tmp_path)}) == 3


def test_a_choice_read_while_others_choose_is_always_a_whole_one(folder):
    for name in (A, B):
        trained(folder, name)
    models.choose(folder, A, RELEASE)
    writers = [multiprocessing.Process(target=_choose_often, args=(folder,)) for _ in range(2)]
    for one in writers:
        one.start()
    seen = {answers(folder) for _ in range(300)}
    for one in writers:
        one.kill()  # anywhere
        one.join()
    assert seen <= {A, B} and answers(folder) in (A, B)
    models.choose(folder, A, RELEASE)  # a dead one's lock does not stay
    assert answers(folder) == A


def _choose_often(folder: Path) -> None:
    while True:
        for name in (A, B):
            models.choose(folder, name, RELEASE)


def test_a_model_without_its_card_or_card_without_its_model_is_no_model(folder):
    models.file_of(folder, A).touch()
    models.keep_card(folder, Card(B, "2026-01-01", NOW))
    assert models.all_of(folder) == []


def test_a_running_office_is_known_by_its_lock(tmp_path):
    assert not model._is_up(tmp_path)
    lock = tmp_path / "up.lock"
    lock.touch()
    assert not model._is_up(tmp_path)
    holder = subprocess.Popen(["flock", str(lock), "sleep", "30"])
    try:
        while not model._is_up(tmp_path):
            assert holder.poll() is None
            os.sched_yield()
    finally:
        holder.terminate()
        holder.wait()
