"""Weights of short character runs for danger that no pattern names: data/danger_weights.json.

    bot/.venv/bin/python -m bot.train_danger

Learns from the training sentences of the intents and from the odd and the late lines of
tests/bot/danger.tsv; the even lines of the first thousand are kept to measure with.
"""

import json
from pathlib import Path

import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.language.danger import KINDS, WEIGHTS, find_by_grammar, normalise

ROOT = Path(__file__).resolve().parents[1]
FIRST = 1007  # lines of danger.tsv from before the grammar
KEPT = 12_000


def sentences() -> list[tuple[str, str]]:
    """(kind or "-", sentence)"""
    out = []
    for path in sorted((ROOT / "data" / "training" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
            for line in lines:
                kinds = find_by_grammar(line)
                if block["intent"] == "in_danger":
                    out.append((kinds[0] if kinds else KINDS[0], line))
                elif not kinds:  # a story may well tell of danger
                    out.append(("-", line))
    tests = (ROOT / "tests" / "bot" / "danger.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in [*tests[:FIRST:2], *tests[FIRST:]]]
    return [*out, *((kind, text) for kind, text in rows)]


def main() -> None:
    labels, texts = zip(*sentences(), strict=True)
    plain = [normalise(text) for text in texts]
    vocabulary = None
    for _ in range(2):  # once to choose the runs that tell, once to weigh them
        grams = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), use_idf=False, binary=True, lowercase=False,
            min_df=1 if vocabulary else 2, vocabulary=vocabulary,
        )  # fmt: skip
        matrix = grams.fit_transform(plain)
        model = LogisticRegression(
            C=20, max_iter=400, class_weight={"-": 1, **dict.fromkeys(KINDS, 4)}
        )
        model.fit(matrix, labels)
        rows = dict(zip(model.classes_, model.coef_, strict=True))
        telling = {
            gram: [float(rows[kind][at] - rows["-"][at]) for kind in KINDS]
            for gram, at in grams.vocabulary_.items()
        }
        best = sorted(telling, key=lambda gram: -max(map(abs, telling[gram])))[:KEPT]
        vocabulary = {gram: at for at, gram in enumerate(sorted(best))}
    base = dict(zip(model.classes_, model.intercept_, strict=True))
    weights = {gram: [round(w, 1) for w in telling[gram]] for gram in sorted(vocabulary)}
    lines = ",\n".join(
        f"{json.dumps(g, ensure_ascii=False)}:{json.dumps(w, separators=(',', ':'))}"
        for g, w in weights.items()
    )
    start = json.dumps([round(float(base[kind] - base["-"]), 2) for kind in KINDS])
    WEIGHTS.write_text(f'{{"start":{start},"weights":{{\n{lines}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
