"""A tiny model through Rasa's own training and the live path."""

import asyncio
import io
import json

import numpy as np
import pytest
import rasa.model_training
from rasa.core.agent import Agent

from bot import understand
from bot.components import intake_classifier
from bot.components.encoder import ngram_counts
from bot.components.heads import Wording
from bot.train import ROOT

EXAMPLES = {
    "tell/labour_pay": ["老板拖欠工资", "工地干活不给工钱", "加班费没发", "三个月没发工资了"],
    "tell/marriage": ["我要离婚", "老公出轨了想离婚", "彩礼能退吗", "夫妻感情破裂"],
    "tell/debt": ["朋友借钱不还", "欠条在我手里", "信用卡逾期了", "网贷还不上"],
    "affirm": ["对", "是的", "嗯嗯", "没错"],
    "dont_know": ["不知道", "不清楚", "忘了", "记不得了"],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    nlu = ['version: "3.1"', "nlu:"]
    for intent, examples in EXAMPLES.items():
        nlu += [f"- intent: {intent}", "  examples: |", *(f"    - {e}" for e in examples)]
    (folder / "nlu.yml").write_text("\n".join(nlu), encoding="utf-8")
    rules = "rules:\n" + "".join(
        f"- rule: {name}\n  steps:\n  - intent: {name}\n  - action: utter_ok\n"
        for name in ("tell", "affirm", "dont_know")
    )
    (folder / "rules.yml").write_text('version: "3.1"\n' + rules, encoding="utf-8")
    (folder / "domain.yml").write_text(
        'version: "3.1"\nintents: [tell, affirm, dont_know]\n'
        "entities: [money, time, region]\nresponses:\n  utter_ok:\n  - text: 好\n",
        encoding="utf-8",
    )
    result = rasa.model_training.train(
        domain=str(folder / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(folder / "nlu.yml"), str(folder / "rules.yml")],
        output=str(folder),
        fixed_model_name="tiny",
    )
    return result.model


def read(model, text):
    return asyncio.run(Agent.load(model).parse_message(text))


def test_a_message_carries_act_matters_and_spans(model):
    parsed = read(model, "老板拖欠工资三万五，都去年腊月的事了")
    assert parsed["intent"]["name"] == "tell"
    assert parsed["intent_ranking"][0] == parsed["intent"]
    assert parsed["matter_ranking"][0][0] == "labour_pay"
    assert {label for label, _ in parsed["matter_ranking"]} == {"labour_pay", "marriage", "debt"}
    assert sum(chance for _, chance in parsed["matter_ranking"]) == pytest.approx(1, abs=0.01)
    assert parsed["spans"]["money"] == ["三万五"]
    assert parsed["spans"]["time"] == ["去年腊月"]
    money = next(e for e in parsed["entities"] if e["entity"] == "money")
    assert (money["start"], money["end"], money["value"]) == (6, 9, 35000)


def test_a_short_reply_said_again_is_understood_as_at_first_and_longer_words_are_not_kept(
    model, monkeypatch
):
    agent, encoded = Agent.load(model), []
    encode = intake_classifier.sentence_vectors
    monkeypatch.setattr(
        intake_classifier, "sentence_vectors", lambda texts: encoded.extend(texts) or encode(texts)
    )
    eight, nine = "三个月没发工资了", "老板三个月没发工资"
    for text in (eight, nine):
        first, again = (asyncio.run(agent.parse_message(text)) for _ in range(2))
        assert first | {"message_id": None} == again | {"message_id": None}
        again["spans"]["danger"].append("changed by whoever read it")
        again["matter_ranking"].clear()
        assert asyncio.run(agent.parse_message(text))["matter_ranking"] == first["matter_ranking"]
        assert asyncio.run(agent.parse_message(text))["spans"] == first["spans"]
    assert encoded == [eight] + [nine] * 4


def test_an_act_is_not_taken_for_a_matter(model):
    assert read(model, "不清楚")["intent"]["name"] == "dont_know"
    assert read(model, "是的")["intent"]["name"] == "affirm"


@pytest.mark.parametrize(
    "text", ["", "😀😀", "a" * 10_000, "\u0000\u0007", "<script>", "'; DROP TABLE--"]
)
def test_odd_messages_are_read_like_any_other(model, text):
    assert read(model, text or " ")["spans"]["party"] == "person"


@pytest.mark.parametrize(
    "text", ["／restart", "／affirm", "／ dont_know", '／inform{"income":"1"}', "\\yes", "⁄yes"]
)
def test_what_looks_like_a_command_is_said_and_not_done(model, text):
    assert read(model, text)["intent"]["name"] == "tell"


def test_a_slash_before_plain_words_takes_nothing_from_them(model):
    assert read(model, "／不知道")["intent"]["name"] == "dont_know"


def test_understand_answers_line_by_line_in_order(model):
    lines = [
        '{"id": "a", "text": "我要离婚"}',
        "not json",
        '{"id": "c"}',
        '{"id": "d", "text": "/restart"}',
    ]
    out = io.StringIO()
    bad = asyncio.run(understand.answer(io.StringIO("\n".join(lines)), out, model))
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert bad == 2
    assert [row["id"] for row in rows] == ["a", None, "c", "d"]
    assert rows[0]["matter"] == "marriage" == rows[0]["ranked"][0][0]
    assert set(rows[0]) == {
        "id", "matter", "ranked", "party", "danger", "groups", "region", "money", "time", "ask"
    }  # fmt: skip
    assert "error" in rows[1] and "error" in rows[2]
    assert "matter" in rows[3]


def test_lines_no_encoder_could_write_do_not_end_the_run(model, tmp_path):
    lines = [
        r'{"id": "a", "text": "\ud800我要离婚"}',
        "[" * 100_000,
        r'{"id": "\udfff", "text": ""}',
        json.dumps({"id": 4, "text": "1" * 100_000}),
        '{"id": [[]], "text": 5}',
        '{"id": "f", "text": "朋友借钱不还"}',
    ]
    with (tmp_path / "out").open("w", encoding="utf-8") as out:
        bad = asyncio.run(understand.answer(io.StringIO("\n".join(lines)), out, model))
    rows = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert bad == 2
    assert [row["id"] for row in rows] == ["a", None, "?", 4, None, "f"]
    assert [row.get("matter") for row in rows][::5] == ["marriage", "debt"]
    assert ["error" in row for row in rows] == [False, True, False, False, True, False]


@pytest.mark.parametrize(
    "text", ["/restart", " \n/restart", "／restart", "\u200b/restart", "\ufeff\u3164 /restart"]
)
def test_a_command_under_any_cover_reaches_rasa_as_words(text):
    assert understand.as_live(text) == "／restart"


def test_other_words_reach_rasa_as_they_are():
    assert understand.as_live("  我要/想离婚 ") == "我要/想离婚 "


def test_one_text_weighs_what_it_weighs_among_many():
    texts = ["老板拖欠工资", "老板打人", "工资没有发", "拖欠工资三个月", "老板拖欠工资三个月"]
    counts = ngram_counts(texts)
    wording = Wording.fit(counts)
    together = wording.weigh(counts).toarray()
    for text, row in zip([*texts, "海"], [*together, np.zeros_like(together[0])], strict=True):
        columns, values = wording.weigh_one(ngram_counts([text]))
        alone = np.zeros_like(row)
        alone[columns] = values
        assert np.allclose(alone, row)
