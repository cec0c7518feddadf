"""The trained models of an installation, and which of them answers.

A folder holds `<id>.tar.gz` with its card `<id>.json`, and `in_use.json`: the choice. Every file is
replaced whole, so that a process killed anywhere leaves the old or the new one. Standard library
only: the command line (another environment) and Rasa's process both read it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

KEPT = 5  # models to go back to; each is some megabytes


@dataclass(frozen=True)
class Card:
    """What is known of a model without opening it."""

    id: str
    made: str  # UTC, ISO 8601
    code: str  # fingerprint of the program that made it; another one cannot run it
    local: int = 0  # of the centre's own sentences in it
    score: dict[str, Any] | None = None  # of its last comparison; see router/cli/model.py


@dataclass(frozen=True)
class Choice:
    model: str
    release: str  # of the checkout for which it was chosen; another one chooses anew
    before: tuple[str, ...] = ()  # what `back` goes back to, newest first


def file_of(folder: Path, model: str) -> Path:
    return folder / f"{model}.tar.gz"


def card_of(folder: Path, model: str) -> Card | None:
    """None as long as the model itself is not there."""
    told = _read(folder / f"{model}.json")
    return Card(**told) if told and file_of(folder, model).exists() else None


def keep_card(folder: Path, card: Card) -> None:
    _write(folder / f"{card.id}.json", asdict(card))


def note_score(folder: Path, model: str, score: dict[str, Any]) -> None:
    if card := card_of(folder, model):
        keep_card(folder, replace(card, score=score))


def all_of(folder: Path) -> list[Card]:
    """Newest first."""
    names = [path.name.removesuffix(".tar.gz") for path in folder.glob("*.tar.gz")]
    return sorted(filter(None, (card_of(folder, n) for n in names)), key=lambda c: c.made)[::-1]


def chosen(folder: Path) -> Choice | None:
    """None before the first choice, and when the chosen model is no longer there."""
    told = _read(folder / "in_use.json")
    if not told or not file_of(folder, told["model"]).exists():
        return None
    return Choice(told["model"], told["release"], tuple(told["before"]))


def choose(folder: Path, model: str, release: str) -> None:
    """From now on this one answers; the one of before stays at hand."""
    with _choosing(folder):
        now = chosen(folder)
        before = [now.model, *now.before] if now else []
        kept = [one for one in dict.fromkeys(before) if one != model][:KEPT]
        _choose(folder, Choice(model, release, tuple(kept)))


def go_back(folder: Path, code: str) -> str | None:
    """The id of the one before, which now answers again; None: there is none."""
    with _choosing(folder):
        now = chosen(folder)
        for place, model in enumerate(now.before if now else ()):
            card = card_of(folder, model)
            if now and card and card.code == code:
                _choose(folder, Choice(model, now.release, now.before[place + 1 :]))
                return model
    return None


def say_answering(folder: Path, model: str, refused: str | None = None) -> None:
    """Rasa's own word on which model it answers with, and which one it could not load."""
    _write(folder / "answering.json", {"model": model, "refused": refused})


def answering(folder: Path) -> dict[str, Any]:
    return _read(folder / "answering.json") or {}


def _choose(folder: Path, choice: Choice) -> None:
    _write(folder / "in_use.json", asdict(choice))
    needed = {choice.model, *choice.before, *(card.id for card in all_of(folder)[:KEPT])}
    for path in folder.glob("*.tar.gz"):
        if (name := path.name.removesuffix(".tar.gz")) not in needed:
            path.unlink(missing_ok=True)
            (folder / f"{name}.json").unlink(missing_ok=True)


@contextmanager
def _choosing(folder: Path) -> Iterator[None]:
    with (folder / ".choosing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> dict[str, Any] | None:
    with suppress(OSError):
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return told
    return None


def _write(path: Path, what: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(what, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
