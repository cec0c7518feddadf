"""The day a message names, and how many months: the last word counts, the future never."""

import datetime as dt

import pytest

from actions import days

TODAY = dt.date(2026, 9, 10)  # a Thursday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-09-10"),
        ("昨儿个摔的", "2026-09-09"),
        ("大前天晚上", "2026-09-07"),
        ("上周五", "2026-09-04"),
        ("上上个礼拜一", "2026-08-24"),
        ("这周三", "2026-09-09"),
        ("上个月十五号", "2026-08-15"),
        ("上上个月", "2026-07-01"),
        ("上月底", "2026-08-28"),
        ("去年三月", "2025-03-01"),
        ("前年的八月二十号", "2024-08-20"),
        ("2023/5/1提的离职", "2023-05-01"),
        ("2021.3.15上的班", "2021-03-15"),
        ("2014.06办的", "2014-06-01"),
        ("二零一八年五月二十号", "2018-05-20"),
        ("18年6月毕业", "2018-06-01"),
        ("九八年三月分的地", "1998-03-01"),
        ("8月15号", "2026-08-15"),
        ("十二月底", "2025-12-28"),
        ("三个月前", "2026-06-10"),
        ("一年半前", "2025-03-10"),
        ("半个月前", "2026-08-26"),
        ("两周前", "2026-08-27"),
        ("去年三月,不对,是四月", "2026-04-01"),
    ],
)
def test_a_day_is_reckoned_from_today(text, day):
    assert days.day(text, TODAY) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "明天",
        "明年三月",
        "下个月十五号",
        "下周一",
        "去年",
        "前几天",
        "2月30号",
        "13月",
        "正月十五",
        "腊月二十八",
        "一共3.5万",
        "孩子八个月大",
        "十月怀胎",
    ],
)
def test_what_names_no_day_or_a_day_to_come_gives_none(text):
    assert days.day(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("三个月", 3),
        ("仨月", 3),
        ("半年", 6),
        ("一年半", 18),
        ("一年零两个月", 14),
        ("欠了两个月,不对,三个月", 3),
        ("一个月2600,欠我五个月", 5),
        ("两个半月", None),
        ("一个月2600", None),
        ("三个月前", None),
        ("18年6月", None),
        ("两三个月", None),
        ("好几个月", None),
    ],
)
def test_only_whole_months_that_are_certain_are_counted(text, months):
    assert days.months(text) == months
