"""What is written for a page, as it is said on the telephone."""

import pytest

from router.channels.hotline import voice


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("请拨打 12345", "请拨打 幺 二 三 四 五"),
        ("有危险请拨打 110。", "有危险请拨打 幺 幺 零。"),
        ("编号 JY-7K2M-0P9Q", "编号 J Y 七 K 二 M 零 P 九 Q"),
        ("欠 12500 元", "欠 12500 元"),
        ("90 天内", "90 天内"),
        ("**要点**：见 https://example.cn/a", "要点：见"),
    ],
)
def test_numbers_to_dial_are_read_digit_by_digit_and_sums_are_not(written, said):
    assert voice.spoken(written) == said


def test_one_breath_is_said_and_of_many_questions_the_last():
    told = voice.sentences(["第一句。" * 60 + "您欠了多少钱？", "是哪个区县？"])
    assert sum(map(len, told[:-1])) <= voice.LONGEST and told[-1] == "是哪个区县？"
    assert voice.sentences(["短。是吗？"]) == ["短。", "是吗？"]


def test_9_buttons_leave_the_last_without_a_key_and_0_is_never_one():
    buttons = [{"title": str(n)} for n in range(9)]
    assert [title for title, _ in voice.keys([{"buttons": buttons}])] == list("01234567")
