"""Where the classifier is unsure of the matter, a second and slower encoder is asked too."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.importer import MATTER
from bot.components.intake_classifier import TELL
from bot.components.nearest import Nearest
from bot.components.second_encoder import Kept, around, encode
from bot.language.plain import plain

SHORTEST = 10  # characters; a shorter message answers a question and names no matter
TELLS = 0.3  # chance that it tells of a trouble; who answers, asks or corrects names no matter
NO_CHANCE = 1e-4


def together(
    first: np.ndarray, second: np.ndarray, weight: float, temperature: float
) -> np.ndarray:
    """Chances by class, from the first opinion's chances and the second one's logarithms."""
    sums = np.log(np.maximum(first, NO_CHANCE)) + weight * second
    chances = np.exp((sums - sums.max(axis=-1, keepdims=True)) / temperature)
    return chances / chances.sum(axis=-1, keepdims=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SecondOpinion(GraphComponent):
    """After IntakeClassifier: changes `matter_ranking` where its first chance is below `below`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # weight: of this opinion, the first one's is 1; temperature: of both together
        return {"below": 0.75, "weight": 2.0, "temperature": 2.0}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        nearest: Nearest | None = None,
        mean: np.ndarray | None = None,
    ) -> None:
        self._below, self._weight = float(config["below"]), float(config["weight"])
        self._temperature = float(config["temperature"])
        self._model_storage, self._resource = model_storage, resource
        self._nearest, self._mean = nearest, mean
        if nearest is not None:
            encode(["你好"])  # the first citizen need not wait for the loading

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SecondOpinion:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SecondOpinion:
        with model_storage.read_from(resource) as folder:
            mean = np.load(folder / "mean.npy", allow_pickle=False)
            nearest = Nearest.load(folder / "second.npz")
        return cls(config, model_storage, resource, nearest, mean)

    def train(self, training_data: TrainingData) -> Resource:
        told = [e for e in training_data.intent_examples if e.get(MATTER)]
        matters = [example.get(MATTER) for example in told]
        kept = Kept.load()
        self._mean = kept.mean
        self._nearest = Nearest.fit(kept.vectors([e.get(TEXT) for e in told]), matters)
        with self._model_storage.write_to(self._resource) as folder:
            np.save(folder / "mean.npy", self._mean)
            self._nearest.save(folder / "second.npz")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text, ranking = plain(message.get(TEXT) or ""), message.get("matter_ranking")
            acts = {act["name"]: act["confidence"] for act in message.get(INTENT_RANKING_KEY)}
            tells = len(text) >= SHORTEST and acts.get(TELL, 0) >= TELLS
            if tells and ranking[0][1] < self._below:
                message.set("matter_ranking", self._both(text, dict(ranking)), add_to_output=True)
        return messages

    def _both(self, text: str, first: dict[str, float]) -> list[list[Any]]:
        [vector] = around(self._mean, encode([text]))
        second = self._nearest.log_chances(vector)
        own = np.array([first[label] for label in self._nearest.classes])
        chances = together(own, second, self._weight, self._temperature)
        order = np.argsort(-chances)
        return [[self._nearest.classes[i], round(float(chances[i]), 4)] for i in order]
