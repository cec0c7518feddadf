"""The centre's own training sentences: `<state>/training/nlu/local.yml`, read by `./jieyuan train`.

In the state folder, because an update replaces the checkout.
"""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from router.settings import ROOT

Sentences = dict[str, list[str]]  # by label


@contextmanager
def added(state: Path, found: Iterable[tuple[str, str]]) -> Iterator[int]:
    """How many of (label, text) are new; they are written when the block ends well."""
    path = state / "training" / "nlu" / "local.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own = _read(path)
        known = {_same(text) for texts in own.values() for text in texts} | _shipped()
        fresh = 0
        for label, text in found:
            if _same(text) in known:
                continue
            known.add(_same(text))
            own.setdefault(label, []).append(text)
            fresh += 1
        yield fresh
        if fresh:
            _write(path, own)


def _shipped() -> set[str]:
    files = (ROOT / "data" / "training" / "nlu").glob("*.yml")
    return {_same(text) for path in files for texts in _read(path).values() for text in texts}


def _read(path: Path) -> Sentences:
    if not path.exists():
        return {}
    told: Sentences = {}
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        label = block["intent"].rpartition("/")[2]
        told[label] = [line.removeprefix("- ") for line in block["examples"].splitlines()]
    return told


def _write(path: Path, own: Sentences) -> None:
    lines = ['version: "3.1"', "", "nlu:"]
    for label in sorted(own):
        lines += [f"- intent: tell/{label}", "  examples: |", *(f"    - {t}" for t in own[label])]
    draft = path.with_name(f".local.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def _same(text: str) -> str:
    """Two sentences that differ only in marks and blanks are one."""
    return re.sub(r"[\W_]", "", text)
