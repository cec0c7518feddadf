"""The figures. A wrong row costs what the model gave its wrong label more than the right one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_recall_fscore_support,
    recall_score,
)
from sklearn.preprocessing import MultiLabelBinarizer

from bot.score.files import CHOSEN, COARSE, LABELS, LITERAL, Row
from bot.score.reading import Reading

BINS = 10
Readings = dict[str, Reading]


def matter(rows: list[Row], readings: Readings) -> dict[str, Any]:
    both = [(row, readings[row.text]) for row in rows]
    read = [one for _, one in both]
    gold, said = [row.label for row in rows], [one.first for one in read]
    labels = sorted(set(gold))
    lenient = [row.accepts(one.first) for row, one in both]
    right = [row.label == one.first for row, one in both]
    top = [(row, [label for label, _ in one.ranked[:2]]) for row, one in both]
    group = [({COARSE[x] for x in (row.label, *row.also)}, COARSE[one.first]) for row, one in both]
    chances = [one.chance for one in read]
    return {
        "rows": len(rows),
        "strict": accuracy_score(gold, said),
        "lenient": _mean(lenient),
        "top2_strict": _mean(row.label in two for row, two in top),
        "top2_lenient": _mean(any(map(row.accepts, two)) for row, two in top),
        "macro_f1": f1_score(gold, said, labels=labels, average="macro", zero_division=0),
        "labels_with_rows": len(labels),
        "coarse_strict": accuracy_score([COARSE[x] for x in gold], [COARSE[x] for x in said]),
        "coarse_lenient": _mean(said in accepted for accepted, said in group),
        "calibration_error": calibration_error(chances, right),
        "calibration_error_lenient": calibration_error(chances, lenient),
        "chance": _mean(chances),
        "talk": talk(rows, read),
        "confusions": confusions(rows, read),
        "by_label": by_label(gold, said, labels),
    }


def calibration_error(chances: list[float], right: list[bool]) -> float:
    """How far, on average, what was said to be the chance lies from how often it came true."""
    bins = np.minimum((np.asarray(chances) * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, np.asarray(right, float) - np.asarray(chances), minlength=BINS)
    return float(np.abs(gaps).sum() / len(bins))


def talk(rows: list[Row], read: list[Reading]) -> dict[str, float]:
    """What the dialogue makes of it: acts on a label, asks between a few, or asks for more."""
    both = list(zip(rows, read, strict=True))
    named = [(row, one.named) for row, one in both if one.named]
    asked = [(row, one.offered) for row, one in both if not one.named and len(one.offered) > 1]
    return {
        "acts": len(named) / len(rows),
        "acts_right": _mean(row.accepts(label) for row, label in named),
        "asks_between": len(asked) / len(rows),
        "offered_right": _mean(any(map(row.accepts, offered)) for row, offered in asked),
        "asks_for_more": 1 - (len(named) + len(asked)) / len(rows),
    }


def cost(row: Row, one: Reading) -> float:
    if row.accepts(one.first):
        return 0.0
    return one.chance - max(one.chance_of(label) for label in (row.label, *row.also))


def confusions(rows: list[Row], read: list[Reading], most: int = 15) -> list[dict[str, Any]]:
    costs: dict[tuple[str, str], float] = defaultdict(float)
    count: Counter[tuple[str, str]] = Counter()
    for row, one in zip(rows, read, strict=True):
        if one.first != row.label:
            costs[row.label, one.first] += cost(row, one)
            count[row.label, one.first] += 1
    worst = sorted(costs, key=lambda pair: (-costs[pair], -count[pair]))[:most]
    return [
        {"label": label, "taken_for": said, "rows": count[label, said], "cost": costs[label, said]}
        for label, said in worst
    ]


def by_label(gold: list[str], said: list[str], labels: list[str]) -> list[dict[str, Any]]:
    found = precision_recall_fscore_support(gold, said, labels=labels, zero_division=0)
    names = ("precision", "recall", "f1", "rows")
    return [
        {"label": label, **dict(zip(names, map(float, figures), strict=True))}
        for label, *figures in zip(labels, *found, strict=True)
    ]


def intake(rows: list[Row], readings: Readings) -> dict[str, Any]:
    both = [(row, readings[row.text]) for row in rows]
    party = [(row.told["party"], one.told["party"]) for row, one in both]
    return {
        "rows": len(rows),
        "strict": _mean(row.label == one.first for row, one in both),
        "lenient": _mean(row.accepts(one.first) for row, one in both),
        "danger": danger(both),
        **{name: overlap(both, name) for name in LITERAL},
        **{name: chosen(both, name) for name in CHOSEN},
        "party": accuracy_score(*zip(*party, strict=True)),
    }


def danger(both: list[tuple[Row, Reading]]) -> dict[str, Any]:
    gold = [bool(row.told["danger"]) for row, _ in both]
    said = [bool(one.told["danger"]) for _, one in both]
    kinds = {}
    for kind in LABELS["danger"]:
        shown = [one for row, one in both if kind in row.told["danger"]]
        kinds[kind] = {"rows": len(shown), "found": sum(bool(one.told["danger"]) for one in shown)}
    return {
        "rows": sum(gold),
        "recall": recall_score(gold, said) if any(gold) else None,
        "other_rows": gold.count(False),
        "false_alarms": _mean(s for g, s in zip(gold, said, strict=True) if not g),
        "kinds": kinds,
    }


def overlap(both: list[tuple[Row, Reading]], name: str) -> dict[str, float]:
    """A span counts when it holds, or is held by, one on the other side."""
    wanted = [(row.told[name], one.told[name]) for row, one in both]
    found = [any(a in b or b in a for b in gold) for gold, said in wanted for a in said]
    hit = [any(a in b or b in a for b in said) for gold, said in wanted for a in gold]
    precision, recall = _mean(found), _mean(hit)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "spans": len(hit)}


def chosen(both: list[tuple[Row, Reading]], name: str) -> dict[str, float]:
    sets = MultiLabelBinarizer(classes=LABELS[name])
    gold = sets.fit_transform([row.told[name] for row, _ in both])
    said = sets.transform([one.told[name] for _, one in both])
    precision, recall, f1, _ = precision_recall_fscore_support(
        gold, said, average="micro", zero_division=0
    )
    return {"precision": precision, "recall": recall, "f1": f1, "spans": int(gold.sum())}


def worst_rows(
    matters: list[Row], intakes: list[Row], readings: Readings, most: int, with_text: bool
) -> list[dict[str, Any]]:
    """Danger first, missed before raised for nothing; then the matters by their cost."""
    wrong: list[dict[str, Any]] = []

    def note(row: Row, what: str, gold: Any, said: Any, price: float) -> None:
        shown = {"id": row.id, "what": what, "right": gold, "said": said, "cost": price}
        wrong.append({**shown, "text": row.text} if with_text else shown)

    tells: list[tuple[str, float, Callable[[bool, bool], bool]]] = [
        ("danger_missed", 3.0, lambda gold, said: gold and not said),
        ("false_alarm", 2.0, lambda gold, said: said and not gold),
    ]
    for row in intakes:
        one = readings[row.text]
        for what, price, holds in tells:
            if holds(bool(row.told["danger"]), bool(one.told["danger"])):
                note(row, what, row.told["danger"], one.told["danger"], price)
    for row in matters or intakes:
        one = readings[row.text]
        if price := cost(row, one):
            note(row, "matter", [row.label, *row.also], one.first, price)
    return sorted(wrong, key=lambda one: -one["cost"])[:most]


def _mean(values: Any) -> float:
    values = list(values)
    return float(np.mean(values)) if values else 0.0
