"""Danger that no word names: the meaning (sentence vector) and the wording (runs of characters).

The grammar of bot/language/danger.py knows what danger says; this knows what it sounds like, from
the sentences in data/training/danger. Used beside the grammar, never instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from bot.components.heads import ROUNDS, TOLERANCE
from bot.language.danger import KINDS, WEIGHED, find_by_grammar, odds

TAUGHT = Path(__file__).resolve().parents[2] / "data" / "training" / "danger"
NONE = "-"
ABOUT_DANGER = {"in_danger", "domestic_violence"}  # their sentences are no example of "none"
PLAIN_C = 10.0
NEAREST = 5000  # of the other sentences: those that danger could be taken for
C, GAMMA, HEAVIER = 5.0, 1.5, 2.0  # by cross-validation: `bench.danger --folds`
MEANING, WORDING = 0.7, 2.0  # what each of the two varies by
LONG = 70  # characters; in a longer text each run of clauses is also heard alone
MOST = 40  # runs
_CLAUSE_END = re.compile(r"[,，。.!！?？;；、\s]+")


def taught() -> list[tuple[str, str]]:
    """(kind or "-", sentence), each once."""
    kinds = [(kind, kind) for kind in KINDS] + [(NONE, "none")]
    return [
        (kind, line)
        for kind, name in kinds
        for line in (TAUGHT / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    ]


def pieces(text: str) -> list[str]:
    """The text, and of a long one also its runs of neighbouring clauses."""
    if len(text) <= LONG:
        return [text]
    clauses = [
        clause[at : at + LONG]  # who dictates makes no stops
        for clause in _CLAUSE_END.split(text)
        for at in range(0, max(1, len(clause) - LONG // 2), LONG // 2)
        if clause
    ]
    found = []
    for start in range(len(clauses)):
        run, end = clauses[start], start + 1
        while end < len(clauses) and len(run) + len(clauses[end]) < LONG:
            run, end = f"{run}，{clauses[end]}", end + 1
        found.append(run)
        if end == len(clauses):
            break
    return [text, *(found if len(found) <= MOST else found[: MOST // 2] + found[-MOST // 2 :])]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


@dataclass
class DangerSense:
    """A support vector machine over sentence vectors, and the weights of the gateway."""

    support: np.ndarray  # vectors x 512, each of length 1
    weights: np.ndarray
    bias: float

    @classmethod
    def fit(
        cls,
        vectors: np.ndarray,
        kinds: list[str],
        others: np.ndarray,
        other_texts: list[str],
    ) -> DangerSense:
        """`vectors`, `kinds`: of taught(); `others`: vectors of what tells of ordinary things."""
        danger = np.array([kind != NONE for kind in kinds])
        near = _nearest(_unit(vectors[danger]), _unit(others), other_texts)
        seen = np.vstack([_unit(vectors), _unit(others[near])])
        labels = np.concatenate([danger, np.zeros(len(near), bool)])
        machine = SVC(C=C, gamma=GAMMA, class_weight={True: HEAVIER}, cache_size=500)
        machine.fit(seen, labels)
        return cls(
            machine.support_vectors_.astype(np.float16),
            machine.dual_coef_[0].astype(np.float32),
            float(machine.intercept_[0]),
        )

    def __post_init__(self) -> None:
        self._support = self.support.astype(np.float32)

    def by_meaning(self, vectors: np.ndarray) -> np.ndarray:
        """Of each vector, how much it sounds like danger: above 0 more than not."""
        apart = 2 - 2 * (_unit(vectors) @ self._support.T)  # squared distance on the unit sphere
        return np.exp(-GAMMA * apart) @ self.weights + self.bias

    def hear(self, texts: Iterable[str], vectors: np.ndarray) -> tuple[float, str]:
        """The most dangerous of the pieces: its score, and the likeliest kind."""
        best = (-np.inf, KINDS[0])
        for text, meant in zip(texts, self.by_meaning(vectors), strict=True):
            if len(text) < WEIGHED.start:  # 在, 对: says too little to sound like anything
                continue
            by_wording = odds(text)
            score = float(meant) / MEANING + max(by_wording) / WORDING
            best = max(best, (score, KINDS[by_wording.index(max(by_wording))]))
        return best

    def save(self, path: Path) -> None:
        np.savez(path, support=self.support, weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, path: Path) -> DangerSense:
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["support"], stored["weights"], float(stored["bias"]))


def _nearest(danger: np.ndarray, others: np.ndarray, texts: list[str]) -> list[int]:
    """Which of the others a plain model finds most like danger, without what is danger."""
    is_danger = np.repeat([True, False], [len(danger), len(others)])
    plain = LogisticRegression(C=PLAIN_C, max_iter=ROUNDS, tol=TOLERANCE)
    plain.fit(np.vstack([danger, others]), is_danger)
    order = np.argsort(-(others @ plain.coef_[0]))[:NEAREST]
    return [int(i) for i in order if not find_by_grammar(texts[i])]
