"""data/report.yml: kinds of matters, and how many people live where."""

from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from router.destinations.labels import LABELS
from router.settings import ROOT

FILE = ROOT / "data" / "report.yml"
KINDS = {"civil": "民事", "criminal": "刑事", "administrative": "行政"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class People(_Strict):
    people: int = Field(gt=0)
    year: int
    source: str


class Setup(_Strict):
    kinds: dict[str, tuple[str, ...]]
    population: dict[str, People]

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        strange = {one for some in kinds.values() for one in some} - set(LABELS)
        if strange or set(kinds) != {"criminal", "administrative"}:
            raise ValueError(f"kinds: {sorted(strange)}")
        return kinds


@cache
def current() -> Setup:
    return Setup.model_validate(yaml.safe_load(FILE.read_text("utf-8")))
