"""材料清单: what an applicant shows, may show, and what nobody may demand (data/applications)."""

from collections.abc import Iterable
from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from router.eligibility.finding import Outcome
from router.settings import ROOT

FILE = ROOT / "data" / "applications" / "papers.yml"
NO_MEANS = frozenset({Outcome.NO_HARDSHIP, Outcome.MUST_NOTIFY, Outcome.MAY_NOTIFY})
NO_MEANS_BASIS = ("LAL 25", "LAL 28", "LAL 32")  # also where urgency is what came out


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    label: str
    need: Literal["needed", "optional", "never"]
    cases: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    means: bool = False
    why: str = ""
    cites: tuple[str, ...] = ()


@cache
def lines() -> tuple[Line, ...]:
    return tuple(Line.model_validate(row) for row in yaml.safe_load(FILE.read_text("utf-8")))


def asks_means(outcome: str, basis: Iterable[str]) -> bool:
    """Whether the applicant's economic condition is part of the application."""
    return outcome not in NO_MEANS and not any(one.startswith(NO_MEANS_BASIS) for one in basis)


def checklist(matter: str | None, who: str, means: bool) -> list[Line]:
    """In the file's order. `who`: of blocks.WHO."""
    return [
        line
        for line in lines()
        if (not line.cases or matter in line.cases)
        and (not line.who or who in line.who)
        and (means or not line.means)
    ]
