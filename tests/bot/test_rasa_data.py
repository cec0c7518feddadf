"""What `rasa data validate` says of our data: nothing. Its own exit status lets warnings pass."""

import logging
import warnings

from rasa.shared.importers.importer import TrainingDataImporter
from rasa.validator import Validator

from bot.train import ROOT

OF_EVERY_DOMAIN = "Slot auto-fill has been removed"  # the command line keeps it to itself


def complaints(domain):
    """Every warning while the data is read and validated, and every conflict."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        importer = TrainingDataImporter.load_from_config(
            str(ROOT / "config.yml"), str(domain), [str(ROOT / "data/training")]
        )
        validator = Validator.from_importer(importer)
        assert validator.verify_domain_validity() and validator.verify_nlu(ignore_warnings=False)
        assert validator.verify_actions_in_stories_rules()
        assert validator.verify_story_structure(ignore_warnings=False)
    said = {str(one.message) for one in told if issubclass(one.category, UserWarning)}
    return sorted(one for one in said if not one.startswith(OF_EVERY_DOMAIN))


def test_rasa_has_nothing_to_say_against_the_data(caplog):
    with caplog.at_level(logging.WARNING):
        assert complaints(ROOT / "bot/domain") == []
    assert caplog.messages == []


def test_a_response_that_no_rule_uses_would_be_complained_of(tmp_path):
    for file in (ROOT / "bot/domain").glob("*.yml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "more.yml").write_text("responses:\n  utter_unused:\n  - text: 好\n")
    [complaint] = complaints(tmp_path)
    assert "utter_unused" in complaint


def test_the_matter_goes_along_with_its_sentence_and_no_retrieval_intent_is_left():
    importer = TrainingDataImporter.load_from_config(
        str(ROOT / "config.yml"), str(ROOT / "bot/domain"), [str(ROOT / "data/training")]
    )
    data = importer.get_nlu_data()
    assert not data.retrieval_intents
    told = {example.get("matter") for example in data.intent_examples}
    files = {path.stem.removeprefix("tell_") for path in (ROOT / "data/training").rglob("tell_*")}
    assert told == files | {None}
