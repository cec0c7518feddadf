"""What people type, put into plain words before the facts are read."""

import pytest

from bot.language.plain import gibberish, plain


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("老闆拖欠我三個月薪水", "老板拖欠我三个月薪水"),
        ("沒有請律師", "没有请律师"),
        ("老细拖咗我三个月粮", "老板拖了我三个月工资"),
        ("佢欠我两个月人工", "他欠我两个月工资"),
        ("冇请律师", "没有请律师"),
        ("屋企四个人", "家里四个人"),
        ("两千蚊", "两千块"),
        ("莫得律师", "没有律师"),
        ("屋头三个人", "家里三个人"),
        ("要得", "可以"),
        ("俺搁工地干活", "我在工地干活"),
        ("家里仨人儿", "家里三个人"),
        ("弄了俩月", "弄了两个月"),
        ("木有请", "没有请"),
        ("中", "行"),
        ("呃，一共七千五", "一共七千五"),
        ("no，没请", "没有，没请"),
        ("boss不发salary", "老板不发工资"),
        ("2000RMB", "2000元"),
        ("no lawyer", "没有律师"),
        ("闺女啊我今年八十二", "我今年八十二"),
        ("我那个嗯今年八十二", "我今年八十二"),
        ("我要那个合同", "我要那个合同"),
    ],
)
def test_dialect_traditional_characters_and_english_are_read_in_plain_words(said, read):
    assert plain(said) == read


@pytest.mark.parametrize(
    "said",
    ["转人工", "给我接人工客服", "耽搁了两年", "案子搁置了", "中介不退押金", "哥俩月底回来",
     "没得说，谢谢", "嗯", "嗯嗯", "喂", "know", "粮食被水淹了"],
)  # fmt: skip
def test_words_that_are_plain_already_stay(said):
    assert plain(said) == said


@pytest.mark.parametrize(
    ("said", "is_it"),
    [
        ("asdfgh", True),
        ("1qaz2wsx", True),
        ("我在app里签的", False),
        ("3600", False),
        ("好", False),
    ],
)
def test_letters_without_a_word_of_chinese_are_not_understood(said, is_it):
    assert gibberish(said) is is_it
