"""Which rows there are and what they cite, however many keys a region file has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from router.eligibility.law import Clause, Era, Law, NegativeEntry, Region
from router.eligibility.lawfile import LawFiles, Source

Row = Clause | NegativeEntry
Key = tuple[str | int, ...]


def row_lists(owner: Region | Law) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """The lists of rows of a region, or of the whole country, by their key."""
    names = type(owner).model_fields if isinstance(owner, Region) else owner.__slots__
    for name in names:
        value = getattr(owner, name)
        if isinstance(value, tuple) and value and isinstance(value[0], Clause | NegativeEntry):
            yield name, value


def cited_in(model: BaseModel, key: Key) -> Iterator[tuple[Key, str]]:
    """Every citation in a model; in a region a plain list of words is one of citations too."""
    for name, value in model:
        here: Key = (*key, name)
        words = name in ("cites", "see", "cite") or isinstance(model, Region)
        if isinstance(value, BaseModel):
            yield from cited_in(value, here)
        elif isinstance(value, str) and name in ("cites", "cite"):
            yield here, value
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                if isinstance(one, BaseModel):
                    yield from cited_in(one, (*here, number))
                elif isinstance(one, str) and words:
                    yield (*here, number), one
        elif isinstance(value, dict):
            for inner, one in value.items():
                if isinstance(one, BaseModel):
                    yield from cited_in(one, (*here, str(inner)))
                elif isinstance(model, Era) and isinstance(one, str):
                    yield (*here, str(inner)), one


def citations(files: LawFiles, law: Law) -> None:
    """Citations that open to nothing, and articles that nobody cites."""
    source = files.sources.get(files.path("articles.yml"))
    if source is None or files.faulty(source.path):
        return  # else every citation would be reported
    used: set[str] = set()
    for where, key, cite in _cited(files, law):
        used.add(cite)
        if cite not in law.articles:
            told = f"引用的“{cite}”在 articles.yml 里没有，群众点不开条文。"
            files.remark(where.path, where.line(*key), told)
    code = code_text()
    seen: dict[tuple[str, str], str] = {}
    for cite, article in law.articles.items():
        if cite not in used and not re.search(rf"{re.escape(cite)}(?![\d(])", code):
            told = f"“{cite}”没有任何地方引用。"
            files.remark(source.path, source.line(cite), told, fault=False)
        first = seen.setdefault((article.title, article.text), cite)
        if first != cite:
            told = f"“{cite}”与“{first}”内容完全相同。"
            files.remark(source.path, source.line(cite), told, fault=False)


@cache
def code_text() -> str:
    """The clause functions: they cite articles and look names up, too."""
    return "".join(path.read_text("utf-8") for path in Path(__file__).parent.rglob("*.py"))


def _cited(files: LawFiles, law: Law) -> Iterator[tuple[Source, Key, str]]:
    if source := files.sources.get(files.path("national.yml")):
        for number, era in enumerate(law.eras):
            for key, cite in cited_in(era, ("eras", number)):
                yield source, key, cite
        for name, rows in row_lists(law):
            for number, row in enumerate(rows):
                for key, cite in cited_in(row, (name, number)):
                    yield source, key, cite
    if source := files.sources.get(files.path("limits.yml")):
        for matter, limits in law.limits.items():
            for number, limit in enumerate(limits):
                yield source, (matter, number, "cite"), limit.cite
    paths = files.regions()
    for region in law.regions.values():
        for key, cite in cited_in(region, ()):
            yield files.sources[paths[region.code]], key, cite
