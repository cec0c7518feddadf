"""Which days are worked in China: weekends, public holidays, and weekends worked instead (调休).

Yearly data in data/calendar/<year>.yml, from the State Council's notice of that year.
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from router.settings import ROOT

FOLDER = ROOT / "data" / "calendar"
SATURDAY = 5
Kind = Literal["workday", "rest", "holiday"]


class CalendarError(ValueError):
    """A calendar file that is wrong: which, and what about it."""


class _Year(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    notice: str  # the State Council's number
    issued: date
    href: str
    holidays: dict[str, tuple[date, date]]  # name -> first and last day off
    workdays: frozenset[date]  # weekend days that are worked

    @property
    def off(self) -> frozenset[date]:
        return frozenset(day for span in self.holidays.values() for day in days(*span))


def kind(day: date) -> Kind:
    """What the day is. In a year without data Monday to Friday are workdays, the rest is rest."""
    year = _year(FOLDER, day.year)
    if year and day in year.off:
        return "holiday"
    if year and day in year.workdays:
        return "workday"
    return "rest" if day.weekday() >= SATURDAY else "workday"


def known(year: int) -> bool:
    """False: there is no notice for the year, and holidays are not known."""
    return _year(FOLDER, year) is not None


def holiday_name(day: date) -> str:
    """Its name in the notice; empty for a day that is no holiday."""
    year = _year(FOLDER, day.year)
    spans = year.holidays.items() if year else ()
    return next((name for name, (first, last) in spans if first <= day <= last), "")


def days(first: date, last: date) -> list[date]:
    """Both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def check(folder: Path = FOLDER) -> None:
    """Reads every year. Raises CalendarError for the first file that is wrong."""
    for path in sorted(folder.glob("*.yml")):
        if not path.stem.isdigit():
            raise CalendarError(f"{path}:文件名应是年份,例如 2026.yml。")
        _year(folder, int(path.stem))


@cache
def _year(folder: Path, number: int) -> _Year | None:
    path = folder / f"{number}.yml"
    if not path.is_file():
        return None
    try:
        year = _Year.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise CalendarError(f"{path}:读不懂。{error}") from None
    if wrong := _wrong(year, number):
        raise CalendarError(f"{path}:{wrong}")
    return year


def _wrong(year: _Year, number: int) -> str:
    off = year.off
    for name, (first, last) in year.holidays.items():
        if first > last:
            return f"{name}的最后一天早于第一天。"
    for day in sorted(off | year.workdays):
        if day.year != number:
            return f"{day} 不在 {number} 年。"
    for day in sorted(year.workdays):
        if day in off:
            return f"{day} 既放假又上班。"
        if day.weekday() < SATURDAY:
            return f"{day} 是星期一到五,不是调休。"
    return ""
