"""Danger heard: by the gateway alone, and with the trained model beside it.

    ./jieyuan train && bot/.venv/bin/python -m bench.danger [FILE.tsv …]
    bot/.venv/bin/python -m bench.danger --folds 4

Reads tests/bot/danger*.tsv or files like them (kind or "-", tab, sentence). danger.tsv has the
author of the rules, so that its figures flatter; danger_others.tsv was written blind by somebody
else, near misses that mislead on purpose among them: neither is to be learnt from.
`--folds` fits the sense of danger on data/training/danger without each fold in turn: what the
threshold in config.yml gives.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

from bot.language.danger import find, find_by_grammar
from bot.quiet import prepare

ROOT = Path(__file__).resolve().parents[1]
SENTENCES = ROOT / "tests" / "bot"
MODELS = ROOT / ".jieyuan" / "models"
ABOVE = (-3.0, -2.5, -2.0, -1.5, -1.0, 0.0)


def rows(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(kind, text) for kind, _, text in (line.partition("\t") for line in lines)]


def with_model(texts: list[str]) -> list[bool]:
    """Whether the newest trained model tells of danger, on the way of a live message."""
    from rasa.core.agent import Agent

    from bot.understand import as_live

    newest = max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    agent = Agent.load(str(newest))

    async def hear() -> list[bool]:
        parsed = [await agent.parse_message(as_live(text)) for text in texts]
        return [bool(one["spans"]["danger"]) for one in parsed]

    return asyncio.run(hear())


def shares(name: str, kinds: list[str], flags: list[bool]) -> str:
    danger = [flag for kind, flag in zip(kinds, flags, strict=True) if kind != "-"]
    other = [flag for kind, flag in zip(kinds, flags, strict=True) if kind == "-"]
    recall, false = (sum(some) / max(1, len(some)) for some in (danger, other))
    return (
        f"{name:24} recall {sum(danger)}/{len(danger)} = {recall:.3f}   "
        f"false alarms {sum(other)}/{len(other)} = {false:.3f}"
    )


def milliseconds(text: str) -> float:
    find(text)
    runs = []
    for _ in range(200):
        began = time.perf_counter()
        find(text)
        runs.append(time.perf_counter() - began)
    return statistics.median(runs) * 1000


def folds(count: int) -> None:
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    from bot.components.danger_sense import NONE, DangerSense, taught
    from bot.components.encoder import many_sentence_vectors
    from bot.language import danger
    from bot.train_danger import ordinary, weigh

    kinds, texts = map(list, zip(*taught(), strict=True))
    others = ordinary()
    both = many_sentence_vectors([*texts, *others])
    vectors, away = both[: len(texts)], both[len(texts) :]
    score, weighed = np.zeros(len(texts)), np.zeros(len(texts), bool)
    for learnt, left in StratifiedKFold(count, shuffle=True, random_state=0).split(texts, kinds):
        known = [(kinds[i], texts[i]) for i in learnt]
        weights = weigh([*known, *((NONE, text) for text in others)])
        danger._weights = lambda weights=weights: (weights["start"], weights["weights"])
        sense = DangerSense.fit(vectors[learnt], [kinds[i] for i in learnt], away, others)
        for i in left:
            score[i] = sense.hear([texts[i]], vectors[[i]])[0]
            weighed[i] = bool(danger.find_by_weights(texts[i]))
    grammar = np.array([bool(find_by_grammar(text)) for text in texts])
    print(shares("grammar", kinds, grammar.tolist()))
    print(shares("grammar and weights", kinds, (grammar | weighed).tolist()))
    for above in ABOVE:
        heard = grammar | weighed | (score > above)
        print(shares(f"… and sense above {above:g}", kinds, heard.tolist()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "files", type=Path, nargs="*", default=sorted(SENTENCES.glob("danger*.tsv"))
    )
    parser.add_argument("--folds", type=int)
    asked = parser.parse_args()
    prepare()
    if asked.folds:
        folds(asked.folds)
        return
    for path in asked.files:
        kinds, texts = map(list, zip(*rows(path), strict=True))
        print(path.name)
        print(shares("grammar", kinds, [bool(find_by_grammar(text)) for text in texts]))
        print(shares("gateway", kinds, [bool(find(text)) for text in texts]))
        print(shares("with the model", kinds, with_model(texts)))
    letter = (
        "律师您好我去年在工地干活包工头欠我工资三万二千元没有写欠条只有微信聊天记录他不接电话。"
    )
    for length in (60, 1000):
        print(f"find() at {length} characters: {milliseconds((letter * 30)[:length]):.2f} ms")


if __name__ == "__main__":
    main()
