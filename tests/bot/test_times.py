import pytest

from bot.language import times


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("去年腊月就没发工资了", ["去年腊月"]),
        ("上礼拜摔的", ["上礼拜"]),
        ("三个月前签的", ["三个月前"]),
        ("03年借的，9月4日要还", ["03年", "9月4日"]),
        ("2013年10月2号买的", ["2013年10月2号"]),
        ("2016.05.29去世", ["2016.05.29"]),
        ("干了两年半", ["两年半"]),
        ("昨天20号发的工资", ["昨天20号"]),
        ("14年前的事", ["14年前"]),
    ],
)
def test_times_are_found_as_written(text, literals):
    found = times.find(text)
    assert [t.literal for t in found] == literals
    assert all(text[t.start : t.end] == t.literal for t in found)


@pytest.mark.parametrize("text", ["我不到16岁的儿子", "孩子上三年级", "厂里包吃住", "120号楼"])
def test_ages_classes_and_house_numbers_are_not_times(text):
    assert times.find(text) == []


@pytest.mark.parametrize(
    ("text", "months"),
    [("三个月", 3), ("两年半", 30), ("半年", 6), ("一年", 12), ("15天", 0.5), ("去年三月", None)],
)
def test_a_duration_counts_in_months(text, months):
    assert times.months(text) == months
