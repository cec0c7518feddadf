"""Sums, times, places, people and danger in a message: bot/language in Rasa's pipeline."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components import speed
from bot.language import spans

_read_again = lru_cache(speed.KNOWN_REPLIES)(spans.read)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class IntakeSpans(EntityExtractorMixin, GraphComponent):
    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntakeSpans:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            read = (_read_again if len(text) <= speed.SHORT_REPLY else spans.read)(text)
            found = [
                {
                    "entity": entity.name,
                    "start": entity.start,
                    "end": entity.end,
                    "value": entity.value,
                    "literal": entity.literal,
                    "extractor": "IntakeSpans",
                }
                for entity in read.entities
            ]
            known = message.get(ENTITIES) or []
            message.set(ENTITIES, known + found, add_to_output=True)
            told = read.as_dict()
            told["danger"] = told["danger"] or message.get("sounds_like") or []
            message.set("spans", told, add_to_output=True)
        return messages
