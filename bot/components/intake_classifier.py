"""What the citizen does with a message (tell, affirm, ask …), which matter they tell of, and
whether it sounds like danger."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import speed
from bot.components.danger_sense import ABOUT_DANGER, DangerSense, pieces, taught
from bot.components.encoder import many_sentence_vectors, ngram_counts, sentence_vectors
from bot.components.heads import Head, Wording
from bot.components.importer import MATTER
from bot.language.plain import plain

speed.apply()  # a component is what brings our code into the stock `rasa run` process

TELL = "tell"
IN_DANGER = "in_danger"
CALM = 0.6  # how sure of another act: who surely answers, asks or greets sounds like no danger
TOLD = 4000  # sentences that tell, enough to know telling from the other acts
RANKED = 10  # intents in intent_ranking; all matters are always ranked
# Something said, never done: the encoder would hear 重新开始 in /restart, and the case would go
_COMMAND = re.compile(r"\W*[/／\\＼⁄∕](?!.*[\u3400-\u9fff])", re.DOTALL)


class Heard(NamedTuple):
    acts: list[tuple[str, float]]
    matters: list[tuple[str, float]]
    sounds_like: list[str]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntakeClassifier(IntentClassifier, GraphComponent):
    """Over one encoding: the act (tell or another), the matter of what is told, and danger."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # danger_above: the score from which a message is taken to sound like danger
        return {"temperature": 1.0, "danger_above": -2.0}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        wording: Wording | None = None,
        acts: Head | None = None,
        matters: Head | None = None,
        danger: DangerSense | None = None,
    ) -> None:
        self._temperature = float(config["temperature"])
        self._danger_above = float(config["danger_above"])
        self._model_storage = model_storage
        self._resource = resource
        self._wording, self._acts, self._matters, self._danger = wording, acts, matters, danger
        self._hear_again = lru_cache(speed.KNOWN_REPLIES)(self._hear)
        if acts is not None:
            sentence_vectors(["你好"])  # the first citizen need not wait for the unpacking

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntakeClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntakeClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(
                config,
                model_storage,
                resource,
                Wording.load(folder / "wording.npz"),
                Head.load(folder / "acts.npz"),
                Head.load(folder / "matters.npz"),
                DangerSense.load(folder / "danger.npz"),
            )

    def train(self, training_data: TrainingData) -> Resource:
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        texts = [plain(e.get(TEXT)) for e in examples]
        acts = [e.get(INTENT) for e in examples]
        kinds, lines = zip(*((kind, plain(line)) for kind, line in taught()), strict=True)
        both, counts = many_sentence_vectors([*texts, *lines]), ngram_counts(texts)
        vectors, dangers = both[: len(texts)], both[len(texts) :]
        self._wording = Wording.fit(counts)
        wording = self._wording.weigh(counts)
        told = [i for i, example in enumerate(examples) if example.get(MATTER)]
        some = set(told[:: max(1, len(told) // TOLD)])
        seen = [i for i, act in enumerate(acts) if act != TELL or i in some]
        matters = [examples[i].get(MATTER) for i in told]
        about = [bool({e.get(INTENT), e.get(MATTER)} & ABOUT_DANGER) for e in examples]
        known = {*lines, *compress(texts, about)}
        other = [i for i, text in enumerate(texts) if text not in known]
        fit = delayed(Head.fit)
        self._matters, self._acts, self._danger = Parallel(n_jobs=2)(
            [
                fit(vectors[told], wording[told], matters),
                fit(vectors[seen], wording[seen], [acts[i] for i in seen]),
                delayed(DangerSense.fit)(
                    dangers, list(kinds), vectors[other], [texts[i] for i in other]
                ),
            ]
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._wording.save(folder / "wording.npz")
            self._acts.save(folder / "acts.npz")
            self._matters.save(folder / "matters.npz")
            self._danger.save(folder / "danger.npz")
        return self._resource

    def _probabilities(
        self, text: str, vector: np.ndarray
    ) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
        wording = self._wording.weigh_one(ngram_counts([text]))
        ranked = []
        for head in (self._acts, self._matters):
            chances = head.probabilities(vector, wording, self._temperature)
            order = np.argsort(-chances)
            ranked.append([(head.classes[i], round(float(chances[i]), 4)) for i in order])
        return ranked[0], ranked[1]

    def _hear(self, text: str) -> Heard:
        command = _COMMAND.match(text)
        text = plain(text)  # dialect as plain words, as in training
        parts = pieces(text)
        vectors = sentence_vectors(parts)
        acts, matters = self._probabilities(text, vectors[0])
        score, kind = self._danger.hear(parts, vectors)
        if command:
            acts = [(TELL, 1.0), *((act, 0.0) for act, _ in acts if act != TELL)]
        calm = acts[0][0] not in (TELL, IN_DANGER) and acts[0][1] >= CALM
        sounds = score > self._danger_above and not calm
        return Heard(acts, matters, [kind] if sounds else [])

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            hear = self._hear_again if len(text) <= speed.SHORT_REPLY else self._hear
            heard = hear(text)
            ranking = [{"name": name, "confidence": chance} for name, chance in heard.acts[:RANKED]]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set("sounds_like", list(heard.sounds_like))
            message.set(
                "matter_ranking", [list(pair) for pair in heard.matters], add_to_output=True
            )
        return messages
