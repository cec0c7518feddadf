"""What the sentences nearest in meaning tell of: each votes for its matter, the nearer the louder.

On real questions the votes are right more often than a linear head over the same vectors (0.78 to
0.73): a matter is many small topics, which no plane cuts off.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

NEAR = 100  # sentences that vote
REACH = 0.04  # of cosine, by which a vote falls to a third
DOUBT = 0.1  # of the votes, shared out as the training sentences are


@dataclass
class Nearest:
    classes: list[str]
    vectors: np.ndarray  # sentences x dimensions, each of length 1
    places: np.ndarray  # in classes, by sentence

    @classmethod
    def fit(cls, vectors: np.ndarray, labels: list[str]) -> Nearest:
        classes, places = np.unique(labels, return_inverse=True)
        return cls(classes.tolist(), np.ascontiguousarray(vectors, np.float32), places)

    def log_chances(self, vector: np.ndarray) -> np.ndarray:
        """By class. `vector`: of length 1."""
        likeness = self.vectors @ vector
        near = np.argpartition(-likeness, NEAR)[:NEAR] if len(likeness) > NEAR else ...
        voices = np.exp((likeness[near] - likeness.max()) / REACH)
        votes = np.bincount(self.places[near], voices, len(self.classes))
        usual = np.bincount(self.places, minlength=len(self.classes)) / len(self.places)
        return np.log((1 - DOUBT) * votes / votes.sum() + DOUBT * usual)

    def save(self, path: Path) -> None:
        """A byte a number: nothing is lost of vectors that were kept so."""
        largest = np.abs(self.vectors).max(axis=1, keepdims=True)
        bytes_ = np.round(self.vectors / largest * 127).astype(np.int8)
        np.savez(path, classes=np.array(self.classes), vectors=bytes_, places=self.places)

    @classmethod
    def load(cls, path: Path) -> Nearest:
        with np.load(path, allow_pickle=False) as stored:
            vectors = stored["vectors"].astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            return cls(stored["classes"].tolist(), vectors, stored["places"])
