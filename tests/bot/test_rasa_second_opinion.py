"""The second encoder: asked where the first is unsure, its vectors kept in the checkout."""

import numpy as np
import pytest
from rasa.shared.nlu.constants import INTENT_RANKING_KEY, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message

from bot.components import second_opinion
from bot.components.nearest import Nearest
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
    """Knows many sentences of labour_pay and two others, which nothing is near to."""
    nowhere = np.zeros((22, 384), np.float32)
    nearest = Nearest(LABELS, nowhere, np.array([0, *[1] * 20, 2]))
    config = {**SecondOpinion.get_default_config(), "below": 0.7}
    return SecondOpinion(config, None, None, nearest, np.zeros(384, np.float32))


def unit(*numbers):
    return np.array(numbers, np.float32) / np.linalg.norm(numbers)


def test_the_nearest_sentences_outvote_the_many_far_ones():
    near, far = unit(1, 0.1, 0), unit(0, 1, 0)
    nearest = Nearest.fit(np.array([near, near, *[far] * 50]), ["debt"] * 2 + ["marriage"] * 50)
    assert nearest.classes[nearest.log_chances(unit(1, 0, 0)).argmax()] == "debt"
    assert nearest.classes[nearest.log_chances(far).argmax()] == "marriage"


def test_more_sentences_than_may_vote_change_nothing_far_away():
    here, away = unit(1, 0, 0), unit(-1, 0, 0)
    few = Nearest.fit(np.array([here] * 150 + [away] * 50), ["debt"] * 150 + ["marriage"] * 50)
    chances = np.exp(few.log_chances(here))
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert chances[1] == pytest.approx(0.1 * 50 / 200, abs=1e-5)  # only what is left to doubt


def test_the_nearest_are_read_again_as_they_were_saved(tmp_path, told):
    vectors = Kept.load().vectors(told[:150])
    nearest = Nearest.fit(vectors, [LABELS[i % 3] for i in range(150)])
    nearest.save(tmp_path / "n.npz")
    again = Nearest.load(tmp_path / "n.npz")
    assert again.log_chances(vectors[7]) == pytest.approx(nearest.log_chances(vectors[7]), abs=1e-4)


def ranked(opinion, text, *chances, tells=1.0):
    ranking = sorted(zip(LABELS, chances, strict=True), key=lambda pair: -pair[1])
    acts = [{"name": "answer", "confidence": 1 - tells}, {"name": "tell", "confidence": tells}]
    message = Message(
        {
            TEXT: text,
            INTENT_RANKING_KEY: acts,
            "matter_ranking": [list(pair) for pair in ranking],
        }
    )
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


@pytest.mark.parametrize(("tells", "asked"), [(0.3, True), (0.29, False)])
def test_who_answers_a_question_names_no_matter_and_need_not_wait_for_a_second_opinion(
    opinion, monkeypatch, tells, asked
):
    calls = []
    monkeypatch.setattr(
        second_opinion, "encode", lambda texts: calls.append(texts) or np.ones((1, 384))
    )
    ranked(opinion, LONG, 0.5, 0.5, 0.0, tells=tells)
    assert bool(calls) == asked
