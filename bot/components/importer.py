"""How Rasa reads data/training: `tell/<matter>` is the one intent `tell`, its matter goes along.

To Rasa's own reader it is a retrieval intent, which wants a response for each matter in the domain
and a ResponseSelector to pick it. Here the matter is the classifier's, the texts are the actions'.
"""

from __future__ import annotations

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT_RESPONSE_KEY
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import speed

speed.apply()  # merging is most of what importers do

MATTER = "matter"


class MatterImporter(RasaFileImporter):
    _read: TrainingData | None = None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Read once: Rasa asks three times, and merging leaves it as it is."""
        if self._read is None:
            self._read = self._with_matters(super().get_nlu_data(language))
        return self._read

    @staticmethod
    def _with_matters(data: TrainingData) -> TrainingData:
        for example in data.training_examples:
            if intent := example.data.pop(INTENT_RESPONSE_KEY, None):
                example.set(MATTER, intent.split("/", 1)[1])
        return data
