"""Loads the law: dated, cited rows from YAML. A region is a file; a fault names file and key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from router.eligibility.facts import FACTS, GROUPS, MATTERS

LAW_FOLDER: Final = Path(__file__).resolve().parents[2] / "data" / "law"
Compare = Literal["lte", "lt", "unspecified"]
Mark = Literal["V", "V2", "R-high", "CFG"]
M = TypeVar("M", bound=BaseModel)


# A dated key in pydantic's words.
_PYTHON_DATE: Final = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")


class LawError(ValueError):
    """法律数据文件有误，系统不能启动，请按提示更正。"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dated(_Strict):
    """A row that holds from `since` to `until`, both days included."""

    since: dt.date | None = None
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


class When(_Strict):
    """What must be told for a local row to apply; every key that is given must hold."""

    matters: frozenset[str] = frozenset()
    except_matters: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()  # any one of them, proved where the clause says so
    party: frozenset[str] = frozenset()
    repeat: str | None = None
    violence: str | None = None
    act_recognised: bool | None = None
    disabled: bool | None = None
    temporary_hardship: bool | None = None
    amount_below: float | None = None
    civil: bool | None = None

    @field_validator("matters", "except_matters")
    @classmethod
    def _known_matters(cls, names: frozenset[str]) -> frozenset[str]:
        _only(names, MATTERS, "matter")
        return names

    @field_validator("groups")
    @classmethod
    def _known_groups(cls, names: frozenset[str]) -> frozenset[str]:
        _only(names, GROUPS, "group")
        return names

    @field_validator("party")
    @classmethod
    def _known_party(cls, names: frozenset[str]) -> frozenset[str]:
        _only(names, FACTS["party"].values, "party")
        return names

    @field_validator("repeat", "violence")
    @classmethod
    def _known_word(cls, word: str | None, info: Any) -> str | None:
        if word is not None:
            _only({word}, FACTS[info.field_name].values, info.field_name)
        return word


class Clause(Dated):
    """One clause of a local text."""

    id: str
    words: str
    cites: tuple[str, ...] = Field(min_length=1)
    see: tuple[str, ...] = ()
    mark: Mark = "V"
    when: When = When()
    proof: bool = False  # the status must be proved in `docs`


class NegativeEntry(Dated):
    """One entry of a negative list; `unclear` is what its wording leaves open."""

    id: str
    words: str
    cites: tuple[str, ...] = Field(min_length=1)
    see: tuple[str, ...] = ()
    mark: Mark = "CFG"
    refuse: When
    unclear: When | None = None

    def may_concern(self, matter: str) -> bool:
        return any(
            not when.matters or matter in when.matters
            for when in (self.refuse, self.unclear)
            if when
        )


class Scope(_Strict):
    kind: Literal["national_list", "own_rights", "negative_list"]
    cites: tuple[str, ...] = ()
    see: tuple[str, ...] = ()


class Line(_Strict):
    limit: float | dict[Literal["urban", "rural"], float]
    cmp: Compare
    cites: tuple[str, ...] = ()
    href: str | None = None


class Standard(_Strict):
    """The hardship line, dated: old lines stay, new ones follow."""

    label: str
    unit: Literal["CNY/person/month"]
    cites: tuple[str, ...] = ()
    values: dict[dt.date, Line] = {}

    def on(self, day: dt.date) -> Line | None:
        begun = [start for start in self.values if start <= day]
        return self.values[max(begun)] if begun else None


class Assets(_Strict):
    homes_from: int = Field(ge=1)  # so many homes and more: not hard
    cites: tuple[str, ...] = ()


class Objection(_Strict):
    days: int = Field(ge=1)
    cites: tuple[str, ...]


class Region(Dated):
    """One place's rules."""

    code: str
    name: str
    note: str
    fictional: bool = False
    scope: Scope
    matters: tuple[Clause, ...] = ()  # adds to the national list
    open_matters: tuple[Clause, ...] = ()  # the local text leaves them open
    negative_list: tuple[NegativeEntry, ...] = ()
    standard: Standard | None = None
    assets: Assets | None = None
    waived: tuple[Clause, ...] = ()
    exempt: tuple[Clause, ...] = ()
    bars: tuple[Clause, ...] = ()
    over_the_line: tuple[Clause, ...] = ()  # above the line, yet a person decides
    objection: Objection | None = None
    transfer: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _list_fits_kind(self) -> Region:
        if self.negative_list and self.scope.kind != "negative_list":
            raise ValueError("negative_list: 只有 scope.kind 为 negative_list 的地区才能有负面清单")
        rows: tuple[Clause | NegativeEntry, ...] = (
            *self.matters, *self.open_matters, *self.negative_list, *self.waived, *self.exempt,
            *self.bars, *self.over_the_line,
        )  # fmt: skip
        ids = [row.id for row in rows]
        twice = {i for i in ids if ids.count(i) > 1}
        if twice:
            raise ValueError(f"条目编号重复：{'、'.join(sorted(twice))}")
        return self


class Era(Dated):
    """The national list of one time."""

    id: str
    label: str
    cites: str  # the article as a whole, for what it does not name
    matters: dict[str, str]  # matter → the item that names it

    @field_validator("matters")
    @classmethod
    def _known(cls, rows: dict[str, str]) -> dict[str, str]:
        _only(rows, MATTERS, "matter")
        return rows


class Article(_Strict):
    title: str
    text: str
    mark: Mark = "V"


class _National(_Strict):
    eras: tuple[Era, ...]
    exempt: tuple[Clause, ...]
    rank_open: tuple[Clause, ...]  # a status whose rank in national law is not settled


class Limit(Dated):
    """A time limit to warn of; never a reason to refuse."""

    words: str
    cite: str


class Doors(_Strict):
    """Where else to go: by matter and by what came out."""

    matters: dict[str, tuple[str, ...]]
    roles: dict[str, tuple[str, ...]]
    danger: dict[str, tuple[str, ...]]
    violence: tuple[str, ...]
    outcomes: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    requests: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Law:
    """All the law there is, as read; the engine picks what holds on the day."""

    regions: dict[str, Region]
    eras: tuple[Era, ...]
    exempt: tuple[Clause, ...]
    rank_open: tuple[Clause, ...]
    limits: dict[str, tuple[Limit, ...]]
    doors: Doors
    articles: dict[str, Article]
    # What the engine compiles from it, thrown away with it.
    made: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def era(self, day: dt.date) -> Era | None:
        return next((era for era in self.eras if era.holds_on(day)), None)

    def entries(self, region: Region, matter: str) -> tuple[NegativeEntry, ...]:
        """The entries of a negative list, in its order, that can fit the matter."""
        key = ("entries", region.code, matter)
        if key not in self.made:
            self.made[key] = tuple(e for e in region.negative_list if e.may_concern(matter))
        found: tuple[NegativeEntry, ...] = self.made[key]
        return found


def load_law(folder: Path = LAW_FOLDER, extra: Path | None = None) -> Law:
    """Read and check `folder`; a region in `extra` takes the place of one of the same code."""
    national = _model(_National, folder / "national.yml")
    regions = _regions(folder / "regions")
    if extra is not None:
        regions |= _regions(extra)
    return Law(
        regions=regions,
        eras=national.eras,
        exempt=national.exempt,
        rank_open=national.rank_open,
        limits={
            matter: tuple(_check(Limit, row, folder / "limits.yml", matter) for row in rows)
            for matter, rows in _mapping(folder / "limits.yml").items()
        },
        doors=_model(Doors, folder / "doors.yml"),
        articles={
            cite: _check(Article, row, folder / "articles.yml", cite)
            for cite, row in _mapping(folder / "articles.yml").items()
        },
    )


def _regions(folder: Path) -> dict[str, Region]:
    if not folder.is_dir():
        raise LawError(f"{folder}：没有这个地区文件夹。")
    regions: dict[str, Region] = {}
    for path in sorted(folder.glob("*.yml")):
        region = _model(Region, path)
        if region.code != path.stem:
            raise LawError(f"{path}:code 是“{region.code}”，应当与文件名“{path.stem}”相同。")
        regions[region.code] = region
    if not regions:
        raise LawError(f"{folder}：里面没有地区文件(*.yml)。")
    return regions


def _mapping(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=_UniqueKeys)  # noqa: S506  (a SafeLoader)
    except (OSError, UnicodeDecodeError) as trouble:
        raise LawError(f"{path}：读不出来({trouble.__class__.__name__})。") from trouble
    except yaml.YAMLError as trouble:
        mark = getattr(trouble, "problem_mark", None)
        line = f" 第{mark.line + 1}行" if mark else ""
        raise LawError(f"{path}{line}：{getattr(trouble, 'problem', None) or trouble}") from trouble
    if not isinstance(raw, dict):
        raise LawError(f"{path}：最外层应当是“键: 值”。")
    return raw


def _model(model: type[M], path: Path) -> M:
    return _check(model, _mapping(path), path)


def _check(model: type[M], raw: Any, path: Path, *above: str) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as trouble:
        first = trouble.errors(include_url=False)[0]
        key = ".".join([*above, *(str(part) for part in first["loc"])]) or "(整个文件)"
        key = _PYTHON_DATE.sub(lambda day: str(dt.date(*map(int, day.groups()))), key)
        raise LawError(f"{path}：{key}：{first['msg']}") from trouble


def _only(names: Iterable[str], allowed: Iterable[str], what: str) -> None:
    wrong = sorted(set(names) - set(allowed))
    if wrong:
        raise ValueError(f"没有这个 {what}：{'、'.join(wrong)}")


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key given twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, (dict, list)):
                raise yaml.constructor.ConstructorError(
                    None, None, "键应当是一个词", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"键“{key}”写了两次", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
