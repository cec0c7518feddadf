"""Working days as the State Council announced them, beside two libraries that read it too."""

from datetime import date

import chinese_calendar
import holidays
import pytest

from router.lawyers import calendar
from router.lawyers.calendar import CalendarError, check, days, kind, known

YEARS = sorted(int(path.stem) for path in calendar.FOLDER.glob("*.yml"))


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_year_with_data_is_what_two_libraries_say(year):
    theirs = holidays.country_holidays("CN", years=year)
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        worked = kind(day) == "workday"
        assert worked == chinese_calendar.is_workday(day), day
        assert worked == theirs.is_working_day(day), day
        if kind(day) == "holiday" and day.weekday() < 5:
            assert day in theirs, day


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (date(2026, 2, 13), "workday"),  # a Friday
        (date(2026, 2, 14), "workday"),  # the Saturday worked before the Spring Festival
        (date(2026, 2, 15), "holiday"),  # its first day off, a Sunday
        (date(2026, 2, 23), "holiday"),  # its last, a Monday
        (date(2026, 2, 24), "workday"),
        (date(2026, 3, 1), "rest"),
        (date(2026, 9, 30), "workday"),
        (date(2026, 10, 1), "holiday"),
        (date(2026, 10, 7), "holiday"),
        (date(2026, 10, 8), "workday"),
        (date(2026, 10, 10), "workday"),  # a Saturday worked
        (date(2026, 10, 11), "rest"),
    ],
)
def test_the_day_before_a_change_and_the_day_of_it(day, what):
    assert kind(day) == what


def test_a_holiday_has_the_name_of_the_notice():
    assert calendar.holiday_name(date(2026, 2, 20)) == "春节"
    assert calendar.holiday_name(date(2026, 2, 24)) == ""


def test_a_year_without_data_falls_back_to_weekends_and_says_so():
    assert known(2026) and not known(2031)
    assert kind(date(2031, 10, 1)) == "workday"  # a Wednesday: nobody has announced it yet
    assert kind(date(2031, 10, 4)) == "rest"


GOOD = {
    "notice": "国办发明电〔2030〕1号", "issued": "2030-11-01", "href": "https://example.cn/1",
    "holidays": "{元旦: [2031-01-01, 2031-01-01]}", "workdays": "[2031-01-04]",
}  # fmt: skip


def test_a_correct_file_passes(tmp_path):
    _write(tmp_path)
    check(tmp_path)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"workdays": "[2031-01-03]"}, "不是调休"),  # a Friday
        ({"workdays": "[2032-01-04]"}, "不在 2031 年"),
        ({"holidays": "{元旦: [2031-01-04, 2031-01-05]}"}, "既放假又上班"),
        ({"holidays": "{元旦: [2031-01-02, 2031-01-01]}"}, "早于第一天"),
        ({"workdays": "[星期六]"}, "读不懂"),
        ({"extra": "1"}, "读不懂"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path, what, why):
    _write(tmp_path, **what)
    with pytest.raises(CalendarError, match=f"2031.yml.*{why}"):
        check(tmp_path)


def test_a_file_without_a_year_for_a_name_is_named(tmp_path):
    (tmp_path / "next.yml").write_text("")
    with pytest.raises(CalendarError, match=r"next\.yml"):
        check(tmp_path)


def _write(folder, **changed):
    lines = (f"{name}: {value}\n" for name, value in {**GOOD, **changed}.items())
    (folder / "2031.yml").write_text("".join(lines), "utf-8")
