"""Danger heard: the grammar alone, and the grammar or the intent of a trained model.

    ./jieyuan train && bot/.venv/bin/python -m bench.danger

Reads tests/bot/danger.tsv. Odd lines were for tuning, even lines were not read while the grammar
was made; the lines after `LATE` were written after it and then tuned on as well. All of them have
one author, so the figures flatter: bench on sentences of your own.
"""

import asyncio
import logging
import statistics
import time
from pathlib import Path

from bot.language.danger import find

ROOT = Path(__file__).resolve().parents[1]
SENTENCES = ROOT / "tests" / "bot" / "danger.tsv"
MODELS = ROOT / ".jieyuan" / "models"
LATE = 1007
SURE = 0.85  # as actions/talk.py asks


def rows() -> list[tuple[str, str]]:
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [(kind, text) for kind, _, text in (line.partition("\t") for line in lines)]


def intents(texts: list[str]) -> list[bool]:
    """Whether the newest trained model hears `in_danger`."""
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    newest = max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    agent = Agent.load(str(newest))

    async def hear() -> list[bool]:
        heard = [(await agent.parse_message(text))["intent"] for text in texts]
        return [one["name"] == "in_danger" and one["confidence"] >= SURE for one in heard]

    return asyncio.run(hear())


def shares(name: str, kinds: list[str], flags: list[bool]) -> str:
    danger = [flag for kind, flag in zip(kinds, flags, strict=True) if kind != "-"]
    other = [flag for kind, flag in zip(kinds, flags, strict=True) if kind == "-"]
    return (
        f"{name:24} recall {sum(danger)}/{len(danger)} = {sum(danger) / len(danger):.3f}   "
        f"false alarms {sum(other)}/{len(other)} = {sum(other) / len(other):.3f}"
    )


def milliseconds(text: str) -> float:
    find(text)
    runs = []
    for _ in range(200):
        began = time.perf_counter()
        find(text)
        runs.append(time.perf_counter() - began)
    return statistics.median(runs) * 1000


def main() -> None:
    kinds, texts = [list(column) for column in zip(*rows(), strict=True)]
    grammar = [bool(find(text)) for text in texts]
    either = [a or b for a, b in zip(grammar, intents(texts), strict=True)]
    halves = {
        "odd": slice(0, LATE, 2),
        "even": slice(1, LATE, 2),
        "late": slice(LATE, None),
    }
    for half, part in halves.items():
        print(shares(f"{half}: grammar", kinds[part], grammar[part]))
        print(shares(f"{half}: grammar or intent", kinds[part], either[part]))
    letter = (
        "律师您好我去年在工地干活包工头欠我工资三万二千元没有写欠条只有微信聊天记录他不接电话。"
    )
    for length in (60, 1000):
        print(f"find() at {length} characters: {milliseconds((letter * 30)[:length]):.2f} ms")


if __name__ == "__main__":
    main()
