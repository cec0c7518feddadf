"""`python -m bot.vectors`: data/vectors.npz brought up to date with the training sentences."""

from __future__ import annotations

import os
import sys

from bot import quiet
from bot.train import ROOT


def main() -> None:
    os.chdir(ROOT)
    quiet.prepare()
    from rasa.shared.nlu.constants import INTENT_RESPONSE_KEY, TEXT
    from rasa.shared.nlu.training_data.loading import load_data

    from bot.components.second_encoder import BATCH, KEPT, Kept, encode

    examples = load_data(str(ROOT / "data/training/nlu")).intent_examples
    texts = [e.get(TEXT) for e in examples if e.get(INTENT_RESPONSE_KEY)]
    kept = Kept.load() if KEPT.exists() else Kept(encode(texts).mean(axis=0), {})
    new = kept.missing(texts)
    for done in range(0, len(new), BATCH * 10):
        print(f"\r{done} / {len(new)}", end="", file=sys.stderr, flush=True)
        kept.add(new[done : done + BATCH * 10])
    kept.only(texts)
    kept.save()
    print(f"\r{len(new)} 句新算，共 {len(kept.rows)} 句。", file=sys.stderr)


if __name__ == "__main__":
    main()
