"""A fault in a law file is found when it is read, by file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from router.eligibility import Law, LawError, load_law
from router.eligibility.law import LAW_FOLDER

REGION = """\
code: X1
name: 测试地区
note: 合成测试数据
fictional: true
scope: {kind: national_list}
standard:
  label: 家庭人均月收入上限
  unit: CNY/person/month
  values:
    2022-01-01: {limit: 1400, cmp: lte}
"""


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("national_list", "everything"), "scope.kind"),
        (("cmp: lte", "cmp: below"), "standard.values.2022-01-01.cmp"),
        (("limit: 1400", "limit: vierzehn"), "limit"),
        (("2022-01-01", "gestern"), "standard.values"),
        (("code: X1", "code: X2"), "X2"),
        (("note: 合成测试数据", "nota: 合成测试数据"), "note"),
        (("fictional: true", "code: X1"), "X1.yml:4："),
        (("scope: {", "scope: {{"), "X1.yml"),
        (("fictional: true", "{a: b}: c"), "X1.yml:4："),
        (("scope:", "bars: [{id: b, words: w, cites: [c], when: {matters: [alimony]}}]\nscope:"),
         "bars.0.when.matters"),
        (("scope:", "negative_list: [{id: n, words: w, cites: [c], refuse: {}}]\nscope:"),
         "negative_list"),
        (("scope:", "waived: [{id: a, words: w, cites: [c]}, {id: a, words: w, cites: [c]}]\n"
          "scope:"), "a"),
    ],
)  # fmt: skip
def test_a_fault_names_file_and_key(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    (tmp_path / "X1.yml").write_text(REGION.replace(*change, 1), "utf-8")
    with pytest.raises(LawError) as fault:
        load_law(extra=tmp_path)
    assert "X1.yml" in str(fault.value) and named in str(fault.value)


def test_every_fault_of_every_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "X1.yml").write_text(
        REGION.replace("unit: CNY/person/month", "unit: euro").replace("limit: 1400", "limit: {}"),
        "utf-8",
    )
    (tmp_path / "X2.yml").write_text("code: X2\nname: 1\n", "utf-8")
    with pytest.raises(LawError) as fault:
        load_law(extra=tmp_path)
    said = str(fault.value).splitlines()
    assert [f"{one.path.name}:{one.line}" for one in fault.value.remarks] == [
        "X1.yml:8", "X1.yml:10", "X2.yml:2", "X2.yml:1", "X2.yml:1",
    ]  # fmt: skip
    assert all(line.endswith("。") for line in said)
    assert "只能写" in said[0] and "limit：分城乡的" in said[1] and "加引号" in said[2]
    assert said[0].startswith(f"{tmp_path / 'X1.yml'}:8：")


@pytest.mark.parametrize(
    ("amount", "accepted"),
    [("1", True), ("0.01", True), ("0", False), ("-1", False), (".nan", False), (".inf", False),
     ("{urban: 1, rural: 1}", True), ("{urban: 1}", False), ("{urban: 1, rural: 0}", False)],
)  # fmt: skip
def test_a_hardship_line_is_an_amount_above_nothing(
    tmp_path: Path, amount: str, accepted: bool
) -> None:
    (tmp_path / "X1.yml").write_text(REGION.replace("1400", amount), "utf-8")
    if accepted:
        assert load_law(extra=tmp_path).regions["X1"].standard
        return
    with pytest.raises(LawError, match="limit"):
        load_law(extra=tmp_path)


@pytest.mark.parametrize(("until", "accepted"), [("2022-01-01", True), ("2021-12-31", False)])
def test_what_ends_before_it_begins_is_refused(tmp_path: Path, until: str, accepted: bool) -> None:
    dated = REGION.replace("scope:", f"since: 2022-01-01\nuntil: {until}\nscope:")
    (tmp_path / "X1.yml").write_text(dated, "utf-8")
    if accepted:
        assert load_law(extra=tmp_path).regions["X1"]
        return
    with pytest.raises(LawError, match="早于"):
        load_law(extra=tmp_path)


def test_a_folder_of_changes_may_hold_any_file_of_the_law(tmp_path: Path) -> None:
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "X1.yml").write_text(REGION, "utf-8")
    limits = "wages: [{words: 提案, cite: CC 188}]\n"
    (tmp_path / "limits.yml").write_text(limits, "utf-8")
    law, shipped = load_law(extra=tmp_path), load_law()
    assert set(law.regions) == {*shipped.regions, "X1"} and set(law.limits) == {"wages"}
    assert law.articles == shipped.articles


def test_the_version_follows_every_byte_of_the_law(tmp_path: Path) -> None:
    copied = tmp_path / "law"
    shutil.copytree(LAW_FOLDER, copied)
    assert load_law(copied).version == load_law().version
    with (copied / "regions" / "990101.yml").open("a") as file:
        file.write("# 注\n")
    assert load_law(copied).version != load_law().version


def test_a_good_region_file_is_all_a_region_needs(tmp_path: Path) -> None:
    (tmp_path / "X1.yml").write_text(REGION, "utf-8")
    assert load_law(extra=tmp_path).regions["X1"].name == "测试地区"


def test_a_missing_folder_and_a_missing_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(LawError):
        load_law(extra=tmp_path / "nowhere")
    shutil.copytree(LAW_FOLDER, tmp_path / "law")
    (tmp_path / "law" / "doors.yml").unlink()
    with pytest.raises(LawError, match=r"doors\.yml"):
        load_law(tmp_path / "law")


def test_an_extra_region_takes_the_place_of_the_shipped_one(law: Law) -> None:
    shipped = load_law()
    assert shipped.regions["SD"].standard != law.regions["SD"].standard
    assert "T1" not in shipped.regions


def test_the_demonstration_county_says_that_it_is_fictional() -> None:
    county = load_law().regions["990101"]
    assert county.fictional and "虚构" in county.note
    for region in load_law().regions.values():
        figures = bool(region.standard and region.standard.values)
        assert region.fictional or not figures


def test_every_cited_article_of_the_data_opens_to_a_short_text(law: Law) -> None:
    cites = {cite for row in (*law.exempt, *law.rank_open) for cite in row.cites}
    cites |= {item for era in law.eras for item in (era.cites, *era.matters.values())}
    for region in load_law().regions.values():
        rows = (*region.matters, *region.waived, *region.exempt, *region.bars)
        cites |= {cite for row in rows for cite in row.cites}
    assert not sorted(cite for cite in cites if cite not in law.articles)
    for cite, article in law.articles.items():
        assert article.title.startswith(("《", "国办发", "法〔")), cite
        assert 4 <= len(article.text) <= 130, cite
