"""Danger that no word names: heard by meaning and wording beside the grammar."""

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.danger_sense import LONG, MOST, NONE, DangerSense, pieces, taught
from bot.components.encoder import sentence_vectors
from bot.components.intake_spans import IntakeSpans
from bot.language.danger import KINDS, find_by_grammar

ORDINARY = ["老板拖欠工资不给", "我想离婚孩子归谁", "朋友借钱不还", "房东不退押金", "信用卡逾期了"]


@pytest.fixture(scope="module")
def sense():
    rows = taught()[::3]
    kinds, texts = zip(*rows, strict=True)
    vectors = sentence_vectors([*texts, *ORDINARY])
    at = len(texts)
    return DangerSense.fit(vectors[:at], list(kinds), vectors[at:], ORDINARY)


def heard(sense, text):
    parts = pieces(text)
    return sense.hear(parts, sentence_vectors(parts))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("江水看起来很安静，我把鞋脱在岸边了", "suicide"),
        ("他说要让我们全家都见不到明天的太阳", "violence_or_threat"),
        ("我妈正在把养老钱转给那个自称检察官的人", "crime_in_progress"),
    ],
)
def test_what_no_pattern_names_sounds_more_like_danger_than_an_ordinary_trouble(sense, text, kind):
    score, likeliest = heard(sense, text)
    assert score > max(heard(sense, other)[0] for other in ORDINARY) + 1
    assert likeliest == kind


def test_one_cry_in_a_long_letter_counts_as_much_as_alone(sense):
    letter = "律师您好，我在工地做了三个月，包工头一直没有结工资，有考勤表和微信记录，" * 4
    cry = "我已经把遗书放在枕头底下了"
    assert heard(sense, letter + cry + "，" + letter)[0] > heard(sense, letter)[0] + 1


@pytest.mark.parametrize("text", ["", "在", "在吗", "好的", "他啊！"])
def test_a_word_or_two_sound_like_nothing(sense, text):
    assert heard(sense, text)[0] == -np.inf


def test_pieces_of_a_long_text_overlap_and_are_never_too_many():
    assert pieces("短") == ["短"]
    assert pieces("") == [""]
    parts = pieces("，".join(f"第{n}句话说的是工资" for n in range(900)))
    assert len(parts) == MOST + 1
    assert all(len(part) <= LONG for part in parts[1:])
    assert parts[1].split("，")[1] == parts[2].split("，")[0]


def test_what_is_saved_hears_the_same(sense, tmp_path):
    sense.save(tmp_path / "danger.npz")
    again = DangerSense.load(tmp_path / "danger.npz")
    vectors = sentence_vectors(ORDINARY)
    assert np.allclose(sense.by_meaning(vectors), again.by_meaning(vectors), atol=1e-4)


def test_sentences_of_danger_among_the_ordinary_ones_are_not_learnt_as_harmless(sense):
    rows = taught()[::10]
    kinds, texts = zip(*rows, strict=True)
    cry = "他拿着刀在门口"
    assert find_by_grammar(cry)
    vectors = sentence_vectors([*texts, *ORDINARY, *[cry] * 20])
    at = len(texts)
    sense = DangerSense.fit(vectors[:at], list(kinds), vectors[at:], [*ORDINARY, *[cry] * 20])
    assert heard(sense, cry)[0] > 0


def test_all_kinds_are_taught_and_more_near_misses_than_of_any_kind():
    count = {kind: sum(one == kind for one, _ in taught()) for kind in (*KINDS, NONE)}
    assert min(count[kind] for kind in KINDS) > 200
    assert sum(count[kind] for kind in KINDS) >= 800 and count[NONE] >= 1200


@pytest.mark.parametrize(
    ("text", "sounds", "told"),
    [
        ("他拿着刀在门口", [], ["violence_or_threat"]),
        ("他拿着刀在门口", ["suicide"], ["violence_or_threat"]),
        ("水凉不凉都无所谓了", ["suicide"], ["suicide"]),
        ("老板欠我工资", [], []),
    ],
)
def test_the_words_come_first_and_the_sound_where_they_are_silent(text, sounds, told):
    message = Message({TEXT: text, "sounds_like": sounds})
    IntakeSpans().process([message])
    assert message.get("spans")["danger"] == told
