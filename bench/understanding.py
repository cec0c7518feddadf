"""What understanding a matter owes to each part: meaning, wording, and the number of sentences.

    ./jieyuan bench understanding                     5 folds, scored on data/evaluation
    ./jieyuan bench understanding --data DIR          scored on another folder (see `jieyuan score`)
    ./jieyuan bench understanding --quick             2 folds

Both heads are fitted as the classifier fits them; a head alone is the same model with the other
one silenced; `second` is both with the second encoder asked where they are unsure, as config.yml
says. The folds are Rasa's kind (`rasa test nlu --cross-validation`: stratified, shuffled),
over our own sentences, which resemble each other: read them beside the figures of --data.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARES = (1 / 8, 1 / 4, 1 / 2, 1)
TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2)
PARTS = ("meaning", "wording", "both")
SECOND = "second"
SEED = 1


@dataclass
class Sentences:
    texts: list[str]
    intents: list[str]
    matters: list[str | None]
    vectors: Any
    counts: Any
    second: Any  # vectors of the second encoder; of training sentences only those that tell

    @classmethod
    def encoded(cls, texts: list[str], intents: list[str], matters: list[str | None]) -> Sentences:
        import numpy as np

        from bot.components.encoder import many_sentence_vectors, ngram_counts
        from bot.components.second_encoder import Kept

        asked = [row for row in range(len(texts)) if not matters or matters[row]]
        second = np.zeros((len(texts), 384), np.float32)
        second[asked] = Kept.load().vectors([texts[row] for row in asked])
        vectors = many_sentence_vectors(texts)
        return cls(texts, intents, matters, vectors, ngram_counts(texts), second)

    def labels(self) -> list[str]:
        return [matter or intent for matter, intent in zip(self.matters, self.intents, strict=True)]


@dataclass
class Model:
    wording: Any
    acts: Any
    matters: Any
    second: Any

    @classmethod
    def fit(cls, of: Sentences, rows: Any) -> Model:
        from bot.components.heads import Head, Wording
        from bot.components.nearest import Nearest

        wording = Wording.fit(of.counts[rows])
        told = [row for row in rows if of.matters[row]]

        def head(rows: Any, labels: list[Any]) -> Head:
            names = [labels[row] for row in rows]
            return Head.fit(of.vectors[rows], wording.weigh(of.counts[rows]), names)

        second = Nearest.fit(of.second[told], [of.matters[row] for row in told])
        return cls(wording, head(rows, of.intents), head(told, of.matters), second)

    def chances(self, head: Any, of: Sentences, rows: Any, temperature: float = 1.0) -> Any:
        import numpy as np

        return np.array(
            [
                head.probabilities(
                    of.vectors[row], self.wording.weigh_one(of.counts[row]), temperature
                )
                for row in rows
            ]
        )

    def with_second(self, of: Sentences, rows: Any, first: Any) -> Any:
        """The chances of the matters after the second encoder was asked where they are unsure."""
        import numpy as np

        from bot.components.second_opinion import SHORTEST, SecondOpinion, together

        options = SecondOpinion.get_default_config() | configured("SecondOpinion")
        unsure = [
            place
            for place, row in enumerate(rows)
            if len(of.texts[row]) >= SHORTEST and first[place].max() < options["below"]
        ]
        chances = first.copy()
        if unsure:
            said_second = np.array([self.second.log_chances(of.second[rows[n]]) for n in unsure])
            weight, temperature = options["weight"], options["temperature"]
            chances[unsure] = together(first[unsure], said_second, weight, temperature)
        return chances


def configured(component: str) -> dict[str, Any]:
    """What config.yml says of a component of the pipeline."""
    import yaml

    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    [found] = [one for one in pipeline if one["name"].endswith(f".{component}")]
    return {name: value for name, value in found.items() if name != "name"}


def alone(head: Any, part: str) -> Any:
    """The head with its other half saying nothing: all classes alike."""
    if part == "both":
        return head
    silent = {"meaning": "wording", "wording": "meaning"}[part]
    return replace(head, **{name: getattr(head, name) * 0 for name in (silent, f"{silent}_bias")})


def said(head: Any, chances: Any) -> list[str]:
    return [head.classes[place] for place in chances.argmax(axis=1)]


def training() -> Sentences:
    """The sentences as `rasa train` reads them."""
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_from_config(
        str(ROOT / "config.yml"), str(ROOT / "bot/domain"), [str(ROOT / "data/training")]
    )
    examples = [one for one in importer.get_nlu_data().intent_examples if one.get("text")]
    return Sentences.encoded(
        [one.get("text") for one in examples],
        [one.get("intent") for one in examples],
        [one.get("matter") for one in examples],
    )


def cross_validated(of: Sentences, folds: int) -> Iterator[tuple[Model, Any]]:
    from sklearn.model_selection import StratifiedKFold

    split = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    for learnt, left in split.split(of.texts, of.labels()):
        yield Model.fit(of, learnt), left


def show_parts(of: Sentences, folds: list[tuple[Model, Any]]) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    print(f"\ncross-validation over the training sentences, {len(folds)} folds")
    print(f"  {'':10}{'act: right':>12}{'macro-F1':>10}{'matter: right':>16}{'macro-F1':>10}")
    for part in PARTS:
        figures = []
        for name, true in (("acts", of.intents), ("matters", of.matters)):
            gold, got = [], []
            for model, left in folds:
                rows = [row for row in left if true[row]]
                head = alone(getattr(model, name), part)
                gold += [true[row] for row in rows]
                got += said(head, model.chances(head, of, rows))
            figures += [accuracy_score(gold, got), f1_score(gold, got, average="macro")]
        print("  {:10}{:12.3f}{:10.3f}{:16.3f}{:10.3f}".format(part, *figures))


def show_curve(of: Sentences, rows: list[Any], asked: Sentences) -> Model:
    from sklearn.metrics import f1_score
    from sklearn.model_selection import train_test_split

    print("\nlearning curve: a share of the training sentences, scored on the folder")
    columns = (*PARTS, SECOND)
    print(f"  {'sentences':>10}{'fit s':>8}  " + "".join(f"{part:^28}" for part in columns))
    print(f"  {'':18}  " + f"{'strict':>10}{'lenient':>9}{'macro-F1':>9}" * len(columns))
    numbers = list(range(len(rows)))
    temperature = configured("IntakeClassifier")["temperature"]
    everything = list(range(len(of.texts)))
    gold, known = [row.label for row in rows], sorted({row.label for row in rows})
    for share in SHARES:
        taken = everything
        if share < 1:
            taken, _ = train_test_split(
                everything, train_size=share, stratify=of.labels(), random_state=SEED
            )
        began = time.perf_counter()
        model = Model.fit(of, taken)
        line = f"  {len(taken):>10,}{time.perf_counter() - began:>8.1f}  "
        for part in columns:
            head = alone(model.matters, "both" if part == SECOND else part)
            chances = model.chances(head, asked, numbers, temperature)
            if part == SECOND:
                chances = model.with_second(asked, numbers, chances)
            got = said(head, chances)
            strict = sum(row.label == one for row, one in zip(rows, got, strict=True))
            lenient = sum(row.accepts(one) for row, one in zip(rows, got, strict=True))
            macro = f1_score(gold, got, labels=known, average="macro", zero_division=0)
            line += f"{strict / len(rows):10.3f}{lenient / len(rows):9.3f}{macro:9.3f}"
        print(line, flush=True)
    return model


def show_calibration(
    of: Sentences, folds: list[tuple[Model, Any]], rows: list[Any], asked: Sentences, whole: Model
) -> None:
    from bot.score.measures import calibration_error

    now = configured("IntakeClassifier")["temperature"]
    print(f"\ncalibration error of the matter's chance by temperature (config.yml: {now})")
    print(f"  {'':6}{'folds':>10}{'folder':>10}{'lenient':>10}{'mean chance':>14}")
    for temperature in TEMPERATURES:
        held: list[tuple[float, bool]] = []
        for model, left in folds:
            told = [row for row in left if of.matters[row]]
            chances = model.chances(model.matters, of, told, temperature)
            right = [
                one == of.matters[row]
                for one, row in zip(said(model.matters, chances), told, strict=True)
            ]
            held += zip(chances.max(axis=1), right, strict=True)
        chances = whole.chances(whole.matters, asked, range(len(rows)), temperature)
        got = list(zip(rows, said(whole.matters, chances), strict=True))
        sure = list(chances.max(axis=1))
        print(
            f"  {temperature:<6}{calibration_error(*map(list, zip(*held, strict=True))):10.3f}"
            f"{calibration_error(sure, [row.label == one for row, one in got]):10.3f}"
            f"{calibration_error(sure, [row.accepts(one) for row, one in got]):10.3f}"
            f"{chances.max(axis=1).mean():14.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT / "data/evaluation")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if importlib.util.find_spec("rasa") is None:  # the heads live in the bot's environment
        from router.cli.environment import BOT_PYTHON

        command = [BOT_PYTHON, "-m", "bench.understanding", *sys.argv[1:]]
        raise SystemExit(subprocess.run(command).returncode)
    from bot import quiet

    quiet.prepare()
    from bot.score import files

    try:
        rows = files.read(options.data).matter
    except files.Faulty as faults:
        raise SystemExit(str(faults)) from None
    if not rows:
        raise SystemExit(f"{options.data}: no matter*.jsonl to score on")
    began = time.perf_counter()
    of = training()
    asked = Sentences.encoded([row.text for row in rows], [], [])
    print(
        f"{len(of.texts):,} training sentences, {sum(map(bool, of.matters)):,} of a matter; "
        f"{len(rows)} rows of {options.data}; encoded in {time.perf_counter() - began:.0f} s"
    )
    whole = show_curve(of, rows, asked)
    folds = list(cross_validated(of, 2 if options.quick else options.folds))
    show_parts(of, folds)
    show_calibration(of, folds, rows, asked, whole)


if __name__ == "__main__":
    main()
