"""What organs notify us of (data/applications/notices.yml), and what people read of it."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from router.settings import ROOT

FILE = ROOT / "data" / "applications" / "notices.yml"
APPLIED: Final = "applied"  # lanes of an application; the other two know no means test
NOTIFIED: Final = "notified"
DUTY_HELP: Final = "duty_help"
LANES: Final = {
    "must_notify": NOTIFIED,
    "may_notify": NOTIFIED,
    "duty_help": DUTY_HELP,
    "custody_application": APPLIED,
}
STAGES: Final = {
    "investigation": "侦查",
    "prosecution": "审查起诉",
    "first": "一审",
    "second": "二审",
    "retrial": "再审",
    "death_review": "死刑复核",
}
ROWS: Final = {
    "organ": "通知机关",
    "number": "通知文号",
    "kind": "通知种类",
    "ground": "情形",
    "case_no": "案号",
    "stage": "诉讼阶段",
    "charge": "罪名或者案由",
    "handler": "承办人",
    "handler_phone": "承办人电话",
    "place_held": "羁押地点",
    "guardian": "监护人或者近亲属",
    "guardian_phone": "监护人或者近亲属电话",
    "co_defendants": "同案人",
    "told": "其他说明",
}


class Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    clock: str  # of clocks.yml


class Ground(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    label: str
    years: int = Field(default=0, ge=0)
    cites: tuple[str, ...]
    mark: str


class Notified(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[str, Kind]
    grounds: dict[str, Ground]

    @model_validator(mode="after")
    def _fits(self) -> "Notified":
        if set(self.kinds) != set(LANES) or any(g.kind not in LANES for g in self.grounds.values()):
            raise ValueError("kinds of notices.yml and of lanes.py differ")
        return self


@cache
def known() -> Notified:
    return Notified.model_validate(yaml.safe_load(FILE.read_text("utf-8")))


def years_of(notice: Mapping[str, Any]) -> int:
    """Of practice that the law asks of the lawyer (LAL 26); 0: none."""
    ground = known().grounds.get(str(notice.get("ground") or ""))
    return ground.years if ground else 0


def shown(notice: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Rows in words, without what was not told."""
    rows = []
    for name, label in ROWS.items():
        text = str(notice.get(name) or "")
        if name == "kind" and text:
            text = known().kinds[text].label
        elif name == "ground" and text:
            text = known().grounds[text].label
        elif name == "stage":
            text = STAGES.get(text, "")
        if text:
            rows.append((label, text))
    return rows
