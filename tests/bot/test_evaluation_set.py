"""The project's own evaluation set: in order, wide enough, and never learnt from."""

import json
import re
from collections import Counter

import pytest
import yaml

from bot.score import files
from bot.train import ROOT

SET = ROOT / "data/evaluation"
TRAINING = sorted((ROOT / "data/training/nlu").glob("*.yml"))


def bare(text):
    return re.sub(r"[\W_]+", "", text).lower()


def sentences():
    """Every training sentence with the intent it stands under."""
    for path in TRAINING:
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                yield bare(line.removeprefix("- ")), block["intent"]


def test_every_label_has_ten_sentences_and_all_kinds_of_danger_occur():
    data = files.read(SET)
    count = Counter(row.label for row in data.matter)
    assert set(count) == set(files.COARSE) and min(count.values()) >= 10
    assert len(data.matter) >= 290 and len(data.intake) >= 80
    for name in ("party", "danger", "groups", "ask"):
        told = {
            v for row in data.intake for v in [row.told[name]] for v in ([v] if v == str(v) else v)
        }
        assert told == set(files.LABELS[name]), name


def test_the_labels_are_those_the_talk_knows():
    matters = yaml.safe_load((ROOT / "data/matters.yml").read_text(encoding="utf-8"))
    assert set(files.COARSE) == set(matters)


def test_no_row_is_a_training_sentence():
    learnt = {text for text, _ in sentences()}
    data = files.read(SET)
    assert [row.id for row in [*data.matter, *data.intake] if bare(row.text) in learnt] == []


def test_no_training_sentence_stands_under_two_intents():
    under = {}
    for text, intent in sentences():
        under.setdefault(text, set()).add(intent)
    assert {text: intents for text, intents in under.items() if text and len(intents) > 1} == {}


GOOD = {"id": "a", "text": "三月起欠我两万", "label": "labour_pay"}
INTAKE = {
    "id": "a", "text": "三月起欠我两万", "matter": "labour_pay", "party": "person", "danger": [],
    "groups": [], "region": [], "money": ["两万"], "time": ["三月"], "ask": ["advice"],
}  # fmt: skip


def folder_of(folder, name, *lines):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"id": "a",', "不是有效的 JSON"),
        ("[]", "一组"),
        ({**GOOD, "lable": "debt"}, "不认识“lable”"),
        ({"id": "a", "text": "x"}, "缺少“label”"),
        ({**GOOD, "label": "wages"}, "没有“wages”"),
        ({**GOOD, "alt_labels": "debt"}, "一列文字"),
        ({**GOOD, "text": " "}, "“text”应当是文字"),
    ],
)
def test_a_wrong_line_of_matters_is_named_by_file_and_line(tmp_path, line, fault):
    folder_of(tmp_path, "matter-x.jsonl", {**GOOD, "id": "first"}, line)
    with pytest.raises(files.Faulty, match=rf"matter-x\.jsonl:2：.*{fault}"):
        files.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"money": ["三万"]}, "“三万”不在原文里"),
        ({"danger": ["fire"]}, "没有“fire”"),
        ({"party": ["person"]}, "应当是一个词"),
        ({"label": "debt"}, "不认识“label”"),
    ],
)
def test_a_wrong_intake_line_is_named_by_file_and_line(tmp_path, change, fault):
    folder_of(tmp_path, "intake.jsonl", {**INTAKE, **change})
    with pytest.raises(files.Faulty, match=rf"intake\.jsonl:1：.*{fault}"):
        files.read(tmp_path)


def test_the_same_id_twice_is_a_fault_and_all_faults_are_told_at_once(tmp_path):
    folder_of(tmp_path, "matter.jsonl", GOOD, GOOD, "{")
    with pytest.raises(files.Faulty) as told:
        files.read(tmp_path)
    assert str(told.value).count("\n") == 1
    assert "matter.jsonl:2：“a”这个 id 出现过了" in str(told.value)


def test_a_folder_with_nothing_to_score_is_a_fault(tmp_path):
    with pytest.raises(files.Faulty, match="没有可以计分的"):
        files.read(tmp_path)


def test_a_file_to_train_on_is_left_out_and_said_to_be(tmp_path):
    folder_of(tmp_path, "matter-train-extra.jsonl", "{")
    data = files.read(folder_of(tmp_path, "matter-dev.jsonl", GOOD))
    assert data.left_out == ["matter-train-extra.jsonl"] and len(data.matter) == 1
