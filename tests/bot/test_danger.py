from pathlib import Path

import pytest

from bot.components.danger_sense import taught
from bot.language import danger
from bot.language.danger import find, find_by_grammar

VIOLENCE, SUICIDE, CRIME = "violence_or_threat", "suicide", "crime_in_progress"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我不想活了", SUICIDE),
        ("就想从楼上下去算了", SUICIDE),
        ("我在天台上坐着", SUICIDE),
        ("工资不发我就去跳楼", SUICIDE),
        ("遗书写好了", SUICIDE),
        ("他又在砸门", VIOLENCE),
        ("拿刀堵着我", VIOLENCE),
        ("老公刚才又打我了，我躲在厕所", VIOLENCE),
        ("他说我敢离婚就杀我全家", VIOLENCE),
        ("以前打过 现在又开始打了", VIOLENCE),
        ("我前夫天天在楼下跟踪我", VIOLENCE),
        ("正被骗转账", CRIME),
        ("有人在撬我家门", CRIME),
        ("刚刚被骗了三万，钱刚转过去", CRIME),
        ("我被关在传销窝里出不来", CRIME),
    ],
)
def test_danger_now_is_heard(text, kind):
    assert kind in find(text)


@pytest.mark.parametrize(
    "text",
    [
        "他以前打过我",
        "没打过我",
        "我老公没有家暴",
        "冷暴力算家暴吗",
        "如果他打我怎么办",
        "三年前被人打伤，鉴定轻伤，能赔多少",
        "打官司多少钱",
        "他打我电话不接",
        "跳楼价买的衣服不退",
        "我不想死",
        "累死了",
        "公司威胁我不签字就辞退",
        "老板让我打卡",
        "我爸被车撞死了",
        "他把孩子的户口本扣着不给",
        "",
    ],
)
def test_past_denied_supposed_or_figurative_is_no_alarm(text):
    assert find(text) == []


@pytest.mark.parametrize(
    "text", ["我 不 想 活 了", "我不想\u200b活了", "想自·杀", "我\n不想活了", "Ｉ想自殺", "想自*杀"]
)
def test_blanks_dots_and_other_forms_hide_nothing(text):
    assert find(text) == [SUICIDE]


def test_danger_at_the_very_end_of_a_long_message_is_heard():
    assert find("工资的事。" * 2000 + "我不想活了") == [SUICIDE]


@pytest.mark.parametrize("piece", ["拿刀", "被打", "要杀", "一", "在桥上"])
def test_a_repeated_message_does_not_stall_the_front_door(piece):
    assert set(find(piece * 5000)) <= {VIOLENCE, SUICIDE, CRIME}  # a runaway pattern never returns


@pytest.mark.parametrize("before", [0, 200, 900, 1500, 1990])
def test_danger_is_heard_wherever_it_stands_in_the_longest_letter(before):
    filler = "老板没签合同。"  # 7 characters
    text = filler[:5] * before + "。我不想活了。" + filler[:5] * (1990 - before)
    assert len(text) <= 10_000
    assert SUICIDE in find(text)


def sentences():
    """Never learnt from nor tuned on: half of what was written before the grammar."""
    lines = (Path(__file__).parent / "danger.tsv").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines]


def shares(rows, hears):
    danger = [bool(hears(text)) for kind, text in rows if kind != "-"]
    other = [bool(hears(text)) for kind, text in rows if kind == "-"]
    return sum(danger) / len(danger), sum(other) / len(other)


def test_hundreds_of_cries_that_nobody_tuned_on_are_heard():
    """The same author wrote them and the rules; what other authors' sentences give is printed by
    bench/danger.py."""
    recall, false_alarms = shares(sentences(), find)
    assert recall >= 0.97
    assert false_alarms <= 0.06  # near misses, picked to mislead: half of the file would be unfair


def test_hundreds_of_cries_that_were_learnt_from_are_heard_and_near_misses_are_not():
    recall, false_alarms = shares(taught(), find)
    assert recall >= 0.95
    assert false_alarms <= 0.08  # two in three of them were written to mislead


def test_the_grammar_alone_hears_most_of_what_nobody_tuned_on():
    recall, false_alarms = shares(sentences(), find_by_grammar)
    assert recall >= 0.95
    assert false_alarms <= 0.06


def test_no_sentence_is_both_taught_and_measured_nor_taught_as_two_things():
    learnt = [text for _, text in taught()]
    assert len(learnt) == len(set(learnt)) and all(text == text.strip() != "" for text in learnt)
    measured = (Path(__file__).parent / "danger_others.tsv").read_text(encoding="utf-8")
    assert not set(learnt) & {text for _, text in sentences()}
    assert not set(learnt) & {line.split("\t")[1] for line in measured.splitlines()}


def test_without_the_weights_the_grammar_still_speaks(monkeypatch, tmp_path):
    monkeypatch.setattr(danger, "WEIGHTS", tmp_path / "none.json")
    danger._weights.cache_clear()
    try:
        assert VIOLENCE in find("他又在砸门")
        assert find("老板拖欠工资") == []
    finally:
        danger._weights.cache_clear()


def test_the_first_filter_loses_nothing():
    grammar = danger.load()
    assert sum(bool(pattern.needs) for pattern in grammar.patterns) > len(grammar.patterns) / 2
    for _, text in [*sentences(), *taught()][::9]:
        here = danger.normalise(text)
        for pattern in grammar.patterns:
            if pattern.say.search(here):
                assert all(not chars.isdisjoint(here) for chars in pattern.needs)


@pytest.mark.parametrize(
    ("danger_now", "none"),
    [
        # a denial reaches as far as its own words
        ("没有，他天天打我", "没有，他没打过我"),
        # the past covers its clause, unless the sentence comes back to now
        ("去年结的婚，他现在天天打我", "去年五月，他打了我，要多少赔偿"),
        # a supposition that somebody utters is a threat
        ("他说如果我走就打断我的腿", "如果他打我怎么办"),
        # an excuse in one sentence does not excuse the next
        ("公司威胁我不签字就辞退。我不想活了", "公司威胁我不签字就辞退"),
        ("他上次判了三年。现在又拿刀堵我家门口", "他拿刀伤人判了三年，能减刑吗"),
        # the same words, said as a figure of speech
        ("他往死里打我", "死活不给我开证明"),
        ("我想跳楼", "跳楼价买的衣服能退吗"),
        ("他天天打我", "他天天打电话"),
    ],
)
def test_both_sides_of_each_edge(danger_now, none):
    assert find(danger_now)
    assert find(none) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我唔想做人喇", SUICIDE),
        ("佢話要斬死我全家", VIOLENCE),
        ("wo bu xiang huo le", SUICIDE),
        ("ta yao sha wo", VIOLENCE),
        ("有賊入屋，我匿埋喺廁所", CRIME),
    ],
)
def test_other_scripts_and_spellings(text, kind):
    assert kind in find(text)


def test_latin_words_are_no_pinyin():
    assert danger.normalise("wifi密码是hello") == "wifi密码是hello"
