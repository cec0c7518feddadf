import pytest

from bot.language.danger import find

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
