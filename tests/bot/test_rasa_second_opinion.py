"""The second encoder: asked where the first is unsure, its vectors kept in the checkout."""

import numpy as np
import pytest
from rasa.shared.nlu.constants import INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message

from bot.components import second_opinion
from bot.components.heads import Linear
from bot.components.second_encoder import KEPT, Kept, around, encode
from bot.components.second_opinion import SecondOpinion
from bot.train import ROOT

LONG = "工地上干了三个月一分钱没有拿到"
LABELS = ["debt", "labour_pay", "marriage"]


@pytest.fixture(scope="module")
def told():
    examples = load_data(str(ROOT / "data/training/nlu")).intent_examples
    return [e.get(TEXT) for e in examples if e.get(INTENT_RESPONSE_KEY)]


def test_every_sentence_that_tells_has_its_vector_in_the_checkout(told):
    """Else training takes minutes: `./jieyuan vectors` adds them."""
    kept = Kept.load()
    assert kept.missing(told) == []
    assert len(kept.rows) == len(set(told))


def test_kept_vectors_are_what_the_encoder_says(told):
    some = told[:: len(told) // 20]
    kept = Kept.load()
    said = around(kept.mean, encode(some))
    assert np.sum(kept.vectors(some) * said, axis=1).min() > 0.999


def test_a_sentence_that_is_not_kept_is_encoded_and_can_be_let_go():
    kept = Kept(Kept.load(KEPT).mean, {})
    assert kept.missing(["新的一句", "新的一句"]) == ["新的一句"]
    [vector] = kept.vectors(["新的一句"])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert kept.missing(["新的一句"]) == []
    kept.only([])
    assert kept.missing(["新的一句"]) == ["新的一句"]


def test_what_is_saved_is_read_again(tmp_path):
    kept = Kept(np.zeros(384, np.float32), {})
    kept.add(["甲", "乙"])
    kept.save(tmp_path / "v.npz")
    again = Kept.load(tmp_path / "v.npz")
    assert np.array_equal(again.vectors(["甲", "乙"]), kept.vectors(["甲", "乙"]))


@pytest.fixture
def opinion():
    """Says labour_pay to everything."""
    head = Linear(LABELS, np.zeros((3, 384), np.float32), np.array([0.0, 5.0, 0.0]))
    config = {**SecondOpinion.get_default_config(), "below": 0.7}
    return SecondOpinion(config, None, None, head, np.zeros(384, np.float32))


def ranked(opinion, text, *chances):
    ranking = sorted(zip(LABELS, chances, strict=True), key=lambda pair: -pair[1])
    message = Message({TEXT: text, "matter_ranking": [list(pair) for pair in ranking]})
    opinion.process([message])
    return message.get("matter_ranking")


def test_an_unsure_first_opinion_can_be_turned_and_chances_stay_chances(opinion):
    ranking = ranked(opinion, LONG, 0.45, 0.4, 0.15)
    assert ranking[0][0] == "labour_pay"
    assert sorted(label for label, _ in ranking) == LABELS
    assert sum(chance for _, chance in ranking) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "first", "asked"),
    [(LONG, 0.69, True), (LONG, 0.7, False), (LONG[:10], 0.5, True), (LONG[:9], 0.5, False)],
)
def test_the_second_encoder_is_asked_of_long_unsure_messages_only(
    opinion, monkeypatch, text, first, asked
):
    calls = []
    monkeypatch.setattr(
        second_opinion, "encode", lambda texts: calls.append(texts) or np.ones((1, 384))
    )
    ranked(opinion, text, first, 1 - first, 0.0)
    assert bool(calls) == asked
