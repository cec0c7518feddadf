"""Weights of short character runs for danger that no pattern names: data/danger_weights.json.

    bot/.venv/bin/python -m bot.train_danger

Learns from data/training: the sentences of the intents, and those in danger/.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components.danger_sense import ABOUT_DANGER, NONE, taught
from bot.language.danger import KINDS, WEIGHTS, find_by_grammar, normalise

ROOT = Path(__file__).resolve().parents[1]
KEPT = 12_000
ROUNDS = 60  # four hundred weigh no better


def ordinary() -> list[str]:
    """What citizens tell that is no danger, as far as the grammar knows."""
    known = {text for _, text in taught()}
    found = []
    for path in sorted((ROOT / "data" / "training" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if block["intent"].rpartition("/")[2] in ABOUT_DANGER:
                continue
            lines = [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
            found += [line for line in lines if line not in known and not find_by_grammar(line)]
    return found


def weigh(rows: list[tuple[str, str]]) -> dict[str, Any]:
    """`rows`: (kind or "-", sentence). `start` by kind, `weights` by run and kind."""
    labels, texts = zip(*rows, strict=True)
    plain = [normalise(text) for text in texts]
    vocabulary = None
    for _ in range(2):  # once to choose the runs that tell, once to weigh them
        grams = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), use_idf=False, binary=True, lowercase=False,
            min_df=1 if vocabulary else 2, vocabulary=vocabulary,
        )  # fmt: skip
        matrix = grams.fit_transform(plain)
        model = LogisticRegression(
            C=20, max_iter=ROUNDS, class_weight={NONE: 1, **dict.fromkeys(KINDS, 4)}
        )
        model.fit(matrix, labels)
        by_kind = dict(zip(model.classes_, model.coef_, strict=True))
        telling = {
            gram: [float(by_kind[kind][at] - by_kind[NONE][at]) for kind in KINDS]
            for gram, at in grams.vocabulary_.items()
        }
        best = sorted(telling, key=lambda gram: -max(map(abs, telling[gram])))[:KEPT]
        vocabulary = {gram: at for at, gram in enumerate(sorted(best))}
    base = dict(zip(model.classes_, model.intercept_, strict=True))
    return {
        "start": [round(float(base[kind] - base[NONE]), 2) for kind in KINDS],
        "weights": {gram: [round(w, 1) for w in telling[gram]] for gram in sorted(vocabulary)},
    }


def main() -> None:
    found = weigh([*taught(), *((NONE, text) for text in ordinary())])
    lines = ",\n".join(
        f"{json.dumps(g, ensure_ascii=False)}:{json.dumps(w, separators=(',', ':'))}"
        for g, w in found["weights"].items()
    )
    start = json.dumps(found["start"])
    WEIGHTS.write_text(f'{{"start":{start},"weights":{{\n{lines}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
