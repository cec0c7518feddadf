"""Loads the law: dated, cited rows from YAML. A region is a file; a fault names file and key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from router.eligibility.facts import FACTS, GROUPS, MATTERS
from router.eligibility.lawfile import LawError, LawFiles, M, Source

LAW_FOLDER: Final = Path(__file__).resolve().parents[2] / "data" / "law"
Compare = Literal["lte", "lt", "unspecified"]
Mark = Literal["V", "V2", "R-high", "CFG"]

__all__ = ["LAW_FOLDER", "Law", "LawError", "load_law"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Dated(_Strict):
    """A row that holds from `since` to `until`, both days included."""

    since: dt.date | None = None
    until: dt.date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"until({self.until})早于 since({self.since})，永远不会适用")
        return self

    def holds_on(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """Its first and its last day."""
        return self.since or dt.date.min, self.until or dt.date.max

    def meets(self, other: Dated) -> bool:
        """Whether both hold on some day."""
        return self.span[0] <= other.span[1] and other.span[0] <= self.span[1]


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
    illness: bool | None = None  # 重大疾病
    amount_below: float | None = None
    civil: bool | None = None
    role: frozenset[str] = frozenset()
    age_from: int | None = Field(default=None, ge=0)
    protected: bool | None = None  # 未成年人、老年人、残疾人
    codefendant_has_lawyer: bool | None = None
    protest: bool | None = None

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

    @field_validator("party", "role")
    @classmethod
    def _known_words(cls, names: frozenset[str], info: Any) -> frozenset[str]:
        _only(names, FACTS[info.field_name].values, info.field_name)
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


class Scope(Dated):
    """The regime of a place; outside its own dates the national list stands alone."""

    kind: Literal["national_list", "own_rights", "negative_list"]
    cites: tuple[str, ...] = ()
    see: tuple[str, ...] = ()


class Line(_Strict):
    """Either `limit`, or `base` (e.g. last year's 低保) and `times`, as the local text counts."""

    limit: float | dict[Literal["urban", "rural"], float]
    base: float | dict[Literal["urban", "rural"], float] | None = None
    times: float = Field(default=1, gt=0)
    cmp: Compare
    cites: tuple[str, ...] = ()
    href: str | None = None

    @field_validator("limit")
    @classmethod
    def _an_amount(cls, limit: float | dict[Any, float]) -> float | dict[Any, float]:
        if isinstance(limit, dict) and set(limit) != {"urban", "rural"}:
            raise ValueError("分城乡的，urban(城镇)和 rural(农村)都要写")
        if min(limit.values() if isinstance(limit, dict) else [limit]) <= 0:
            raise ValueError("应当大于 0")
        return limit

    @model_validator(mode="before")
    @classmethod
    def _multiplied(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or "base" not in raw:
            return raw
        if "limit" in raw:
            raise ValueError("limit 和 base 只能写一个")
        base, times = raw["base"], raw.get("times", 1)
        each = base if isinstance(base, dict) else {"": base}
        if not all(isinstance(n, (int, float)) for n in (*each.values(), times)):
            raise ValueError("base、times 应当是数字")
        limit = {place: figure * times for place, figure in each.items()}
        return {**raw, "limit": limit if isinstance(base, dict) else limit[""]}


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


class Review(_Strict):
    """How fast the local text wants a decision; 法律援助法 43 is the outer limit."""

    workdays: int = Field(ge=1)
    cites: tuple[str, ...] = Field(min_length=1)


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
    forwards: tuple[Clause, ...] = ()  # 通办: the agency asked takes it and passes it on
    urgent: tuple[str, ...] = ()  # a local text on 先行提供
    review: Review | None = None
    foreigners: tuple[str, ...] = ()  # a local text that is open to foreigners

    def scope_on(self, day: dt.date) -> Scope:
        return self.scope if self.scope.holds_on(day) else Scope(kind="national_list")


class Era(Dated):
    """The national list of one time."""

    id: str
    label: str
    cites: str  # the article as a whole, for what it does not name
    matters: dict[str, str]  # matter → the item that names it
    also: dict[str, str] = {}  # a second item that names it too

    @field_validator("matters", "also")
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


class _Limits(RootModel[tuple[Limit, ...]]):
    """The limits of one matter."""


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
    version: str = ""  # fingerprint of the files
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
    """The law of `folder`; a file in `extra` takes the place of one of the same name.

    Raises LawError with every fault, each with file and line.
    """
    files = LawFiles(folder, extra)
    law = read_law(files)
    if files.remarks:
        raise LawError(*files.remarks)
    return law


def load_proposal(folder: Path) -> Law:
    """A whole law of its own, or only the files that would change."""
    common = [path.name for path in LAW_FOLDER.glob("*.yml")]
    whole = (folder / "regions").is_dir() and all((folder / name).is_file() for name in common)
    return load_law(folder) if whole else load_law(extra=folder)


def read_law(files: LawFiles) -> Law:
    """What can be read; each fault is noted in `files`, and what it spoils is left out."""
    no_doors: dict[str, Any] = {name: {} for name in Doors.model_fields}
    national = _model(files, _National, "national.yml")
    doors = _model(files, Doors, "doors.yml")
    limits = _table(files, _Limits, "limits.yml")
    articles = _table(files, Article, "articles.yml")
    return Law(
        regions=_regions(files),
        eras=national.eras if national else (),
        exempt=national.exempt if national else (),
        rank_open=national.rank_open if national else (),
        limits={matter: rows.root for matter, rows in limits.items()},
        doors=doors or Doors.model_construct(None, **no_doors),
        articles=articles,
        version=files.version,
    )


def _regions(files: LawFiles) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    for code, path in files.regions().items():
        source = files.read(path, f"regions/{path.name}")
        region = files.check(Region, source, source.data) if source else None
        if source and region and region.code != code:
            told = f"code 是“{region.code}”，应当与文件名“{code}”相同。"
            files.remark(path, source.line("code"), told)
        elif source and region and _fits_together(files, source, region):
            regions[code] = region
    return regions


def _fits_together(files: LawFiles, source: Source, region: Region) -> bool:
    """What no row can say of itself; a row may come again under its id with other dates."""
    if region.negative_list and region.scope.kind != "negative_list":
        told = "negative_list：只有 scope.kind 为 negative_list 的地区才能有负面清单。"
        files.remark(source.path, source.line("negative_list"), told)
    seen: dict[str, list[tuple[str, Clause | NegativeEntry]]] = {}
    for name, rows in region:
        for number, row in enumerate(rows if isinstance(rows, tuple) else ()):
            if not isinstance(row, Clause | NegativeEntry):
                continue
            if any(name != other or row.meets(one) for other, one in seen.get(row.id, ())):
                told = f"条目编号“{row.id}”重复：同一编号只能在同一处、日期不重叠时再写。"
                files.remark(source.path, source.line(name, number), told)
            seen.setdefault(row.id, []).append((name, row))
    return not files.faulty(source.path)


def _model(files: LawFiles, model: type[M], name: str) -> M | None:
    source = files.read(files.path(name), name)
    return files.check(model, source, source.data) if source else None


def _table(files: LawFiles, model: type[M], name: str) -> dict[str, M]:
    """A file whose keys are names, each with one row of the same kind."""
    source = files.read(files.path(name), name)
    rows = source.data.items() if source else ()
    read = {str(key): files.check(model, source, row, str(key)) for key, row in rows if source}
    return {key: row for key, row in read.items() if row is not None}


def _only(names: Iterable[str], allowed: Iterable[str], what: str) -> None:
    wrong = sorted(set(names) - set(allowed))
    if wrong:
        raise ValueError(f"没有这个 {what}：{'、'.join(wrong)}")
