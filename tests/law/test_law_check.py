"""`./jieyuan law check`: what a jurist wrote and cannot have meant is named with file and line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from router.cli import law as command
from router.eligibility.law import LAW_FOLDER
from router.eligibility.lawcheck import check_law
from router.eligibility.lawfile import Remark

ROOT = LAW_FOLDER.parents[1]
REGION = """\
code: X1
name: 测试地区
note: 合成测试数据
since: 2022-01-01
until: 2029-12-31
scope: {kind: SCOPE, cites: [LAL 31(9)]}
standard:
  label: 家庭人均月收入上限
  unit: CNY/person/month
  values:
    2022-01-01: {limit: 1400, cmp: lte, cites: [LAL 34]}
    2024-07-01: {limit: 1500, cmp: lte, cites: [LAL 34]}
"""
LINE = REGION.count("\n") + 2  # of the first row after a list's key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(LAW_FOLDER, tmp_path / "law")
    return tmp_path / "law"


def remarks_on(folder: Path, text: str, scope: str = "national_list") -> list[Remark]:
    path = folder / "regions" / "X1.yml"
    path.write_text(text.replace("SCOPE", scope), "utf-8")
    return [remark for remark in check_law(folder) if remark.path == path]


def faults(folder: Path) -> list[Remark]:
    return [remark for remark in check_law(folder) if remark.fault]


def rows(name: str, *entries: str) -> str:
    return REGION + f"{name}:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def test_the_shipped_law_has_no_fault() -> None:
    assert [str(remark) for remark in check_law(LAW_FOLDER) if remark.fault] == []


def test_a_good_region_has_no_remark(folder: Path) -> None:
    assert remarks_on(folder, REGION) == []


# Standards and dates


def test_a_region_without_figures_is_a_notice_and_no_fault(folder: Path) -> None:
    [remark] = remarks_on(folder, REGION.split("  values:")[0])
    assert (remark.fault, remark.line) == (False, 7) and "法律援助机构决定" in remark.sentence


def test_a_standard_that_begins_after_the_region_is_a_notice_of_the_days_without(
    folder: Path,
) -> None:
    [remark] = remarks_on(folder, REGION.replace("    2022-01-01", "    2022-01-02"))
    assert not remark.fault and "2022-01-01 到 2022-01-01 没有标准" in remark.sentence


@pytest.mark.parametrize(("day", "reached"), [("2029-12-31", True), ("2030-01-01", False)])
def test_a_standard_after_the_last_day_of_the_region_never_applies(
    folder: Path, day: str, reached: bool
) -> None:
    remarks = remarks_on(folder, REGION.replace("2024-07-01", day))
    assert [(remark.line, remark.fault) for remark in remarks] == ([] if reached else [(12, True)])


@pytest.mark.parametrize(("since", "reached"), [("2024-06-30", True), ("2024-07-01", False)])
def test_a_standard_replaced_before_the_region_began_never_applies(
    folder: Path, since: str, reached: bool
) -> None:
    remarks = remarks_on(folder, REGION.replace("since: 2022-01-01", f"since: {since}"))
    assert [(remark.line, remark.fault) for remark in remarks] == ([] if reached else [(11, True)])


def test_a_figure_without_a_source_is_a_fault_except_in_a_fictional_place(folder: Path) -> None:
    bare = REGION.replace("limit: 1500, cmp: lte, cites: [LAL 34]", "limit: 1500, cmp: lte")
    [remark] = remarks_on(folder, bare)
    assert remark.fault and remark.line == 12 and "来源" in remark.sentence
    [remark] = remarks_on(folder, bare.replace("note:", "fictional: true\nnote:"))
    assert not remark.fault


@pytest.mark.parametrize(("limit", "words"), [("1400", "相同"), ("1399.99", "低"), ("1401", "")])
def test_a_new_standard_that_is_the_same_or_lower_is_worth_a_second_look(
    folder: Path, limit: str, words: str
) -> None:
    remarks = remarks_on(folder, REGION.replace("limit: 1500", f"limit: {limit}"))
    assert [remark.fault for remark in remarks] == ([False] if words else [])
    assert all(words in remark.sentence for remark in remarks)


@pytest.mark.parametrize(
    ("since", "word"),
    [("2024-01-01", None), ("2023-12-31", "重复"), ("2024-01-02", "之间没有规定")],
)
def test_two_dated_versions_of_a_row_leave_no_day_out_and_share_none(
    folder: Path, since: str, word: str | None
) -> None:
    row = "id: b, words: w, cites: [LAL 34], when: {repeat: same_facts_concluded}"
    text = rows("bars", f"{row}, until: 2023-12-31", f"{row}, since: {since}")
    remarks = remarks_on(folder, text)
    assert bool(remarks) is bool(word)
    assert all(r.fault and r.line == LINE + 1 and word in r.sentence for r in remarks if word)


def test_a_row_outside_the_days_of_its_region_never_applies(folder: Path) -> None:
    row = "words: w, cites: [LAL 34], when: {repeat: same_facts_concluded}"
    text = rows("bars", f"id: a, until: 2021-12-31, {row}", f"id: b, since: 2030-01-01, {row}")
    remarks = remarks_on(folder, text)
    assert [remark.line for remark in remarks if remark.fault] == [LINE, LINE + 1]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("until: 2021-12-31", "until: 2021-12-30"), "2021-12-31 到 2021-12-31 之间没有规定"),
        (("until: 2021-12-31", "until: 2022-01-01"), "重叠"),
        (("since: 2022-01-01\n    cites", "since: 2022-01-01\n    until: 2030-12-31\n    cites"),
         "以后没有清单"),
    ],
)  # fmt: skip
def test_the_national_list_holds_on_every_day_once(
    folder: Path, change: tuple[str, str], word: str
) -> None:
    path = folder / "national.yml"
    path.write_text(path.read_text("utf-8").replace(*change, 1), "utf-8")
    [remark] = faults(folder)
    assert remark.path == path and remark.line > 1 and word in remark.sentence


# Rows that can never apply


@pytest.mark.parametrize(
    ("refuse", "fault"),
    [
        ("matters: [wages]", True),
        ("matters: [wages, good_samaritan], violence: none", True),
        ("matters: [wages, private_loan]", False),
        ("matters: [private_loan]", None),
    ],
)
def test_a_negative_list_cannot_take_away_what_the_law_gives(
    folder: Path, refuse: str, fault: bool | None
) -> None:
    entry = f"id: N1, words: w, cites: [LAL 34], refuse: {{{refuse}}}"
    remarks = remarks_on(folder, rows("negative_list", entry), "negative_list")
    assert [(r.line, r.fault) for r in remarks] == ([] if fault is None else [(LINE, fault)])
    assert all("劳动报酬" in remark.sentence for remark in remarks)


@pytest.mark.parametrize("name", ["negative_list", "bars"])
def test_a_refusal_without_a_condition_would_refuse_everybody(folder: Path, name: str) -> None:
    key, scope = ("refuse", "negative_list") if name == "negative_list" else ("when", "own_rights")
    text = rows(name, f"id: a, words: w, cites: [LAL 34], {key}: {{}}")
    [remark] = remarks_on(folder, text, scope)
    assert remark.fault and remark.line == LINE and "任何人" in remark.sentence


@pytest.mark.parametrize(
    ("first", "second", "reached"),
    [
        ("matters: [wages, work_injury]", "matters: [wages]", False),
        ("matters: [wages]", "matters: [wages, work_injury]", True),
        ("matters: [wages]", "matters: [wages], groups: [dibao]", False),
        ("matters: [wages], groups: [dibao]", "matters: [wages]", True),
        ("matters: [will], amount_below: 1000", "matters: [will], amount_below: 999", False),
        ("matters: [will], amount_below: 1000", "matters: [will], amount_below: 1001", True),
        ("except_matters: [wages]", "matters: [contract]", False),
        ("except_matters: [wages]", "matters: [wages, contract]", True),
    ],
)  # fmt: skip
def test_a_row_behind_a_wider_one_is_never_reached(
    folder: Path, first: str, second: str, reached: bool
) -> None:
    row = "words: w, cites: [LAL 34]"
    text = rows(
        "waived", f"id: a, {row}, when: {{{first}}}", f"id: b, {row}, when: {{{second}}}"
    )  # fmt: skip
    faults = [remark for remark in remarks_on(folder, text) if remark.fault]
    assert [remark.line for remark in faults] == ([] if reached else [LINE + 1])


def test_a_wider_row_that_wants_proof_or_ends_earlier_leaves_room_for_the_next(
    folder: Path,
) -> None:
    row = "words: w, cites: [LAL 34], when: {groups: [dibao]}"
    proved = rows("exempt", f"id: a, proof: true, {row}", f"id: b, {row}")
    ended = rows("exempt", f"id: a, until: 2023-12-31, {row}", f"id: b, {row}")
    assert remarks_on(folder, proved) == [] == remarks_on(folder, ended)


def test_a_row_whose_matters_are_all_excepted_never_applies(folder: Path) -> None:
    when = "{matters: [wages], except_matters: [wages, contract]}"
    text = rows("waived", f"id: a, words: w, cites: [LAL 34], when: {when}")
    [remark] = remarks_on(folder, text)
    assert remark.fault and "永远不会适用" in remark.sentence


# Names and citations


@pytest.mark.parametrize(
    ("file", "change", "line"),
    [
        ("national.yml", ("cites: LAL 31\n", "cites: LAL 999\n"), "LAL 999"),
        ("national.yml", ("wages: LAL 31(5)", "wages: LAL 31(99)"), "LAL 31(99)"),
        ("limits.yml", ("cite: ALL 46", "cite: ALL 460"), "ALL 460"),
        ("regions/SD.yml", ("transfer: [SD 11", "transfer: [SD 110"), "SD 110"),
        ("regions/990101.yml", ("〔2024〕3号(虚构)]", "〔2024〕33号]"), "33号"),
        ("limits.yml", ("traffic_property_damage:", "trafic_property_damage:"), "trafic"),
        ("doors.yml", ("  wages:", "  wagez:"), "wagez"),
        ("doors.yml", ("  NEED_AGENCY:", "  NEED_AGENTS:"), "NEED_AGENTS"),
    ],
)
def test_a_citation_or_a_name_that_does_not_exist_is_found_where_it_stands(
    folder: Path, file: str, change: tuple[str, str], line: str
) -> None:
    path = folder / file
    text = path.read_text("utf-8").replace(*change, 1)
    path.write_text(text, "utf-8")
    [remark] = faults(folder)
    assert remark.path == path and line in remark.sentence
    assert line in text.splitlines()[remark.line - 1]


def test_an_article_that_nobody_cites_is_a_notice(folder: Path) -> None:
    path = folder / "articles.yml"
    path.write_text(
        path.read_text("utf-8") + "XX 1:\n  title: 《某法》\n  text: 某条某款\n", "utf-8"
    )
    [remark] = [remark for remark in check_law(folder) if "XX 1" in remark.sentence]
    assert not remark.fault and remark.line == path.read_text("utf-8").count("\n") - 2


def test_a_file_that_the_program_does_not_read_is_a_fault(folder: Path) -> None:
    for name in ("regions/X9.yaml", "regional.yml"):
        (folder / name).write_text(REGION, "utf-8")
    assert len(faults(folder)) == 2


# The command


def test_every_finding_is_printed_and_a_fault_makes_the_command_fail(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["check", str(folder)]) == 0
    assert "0 处错误" in capsys.readouterr().out
    (folder / "regions" / "BJ.yml").write_text("code: BJ\nname: [\n", "utf-8")
    (folder / "regions" / "X1.yml").write_text(REGION.replace("1500", "多"), "utf-8")
    (folder / "doors.yml").unlink()
    assert command.main(["check", str(folder)]) == 1
    said = capsys.readouterr().out
    for place in ("BJ.yml:3：", "X1.yml:6：", "X1.yml:12：", "doors.yml："):
        assert place in said
    assert "4 处错误" in said


def test_a_folder_of_changed_regions_is_checked_with_the_law_that_it_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "X1.yml").write_text(REGION.replace("SCOPE", "national_list"), "utf-8")
    assert command.main(["check", str(tmp_path)]) == 0
    (tmp_path / "X1.yml").write_text(REGION.replace("[LAL 34]", "[LAL 340]"), "utf-8")
    assert command.main(["check", str(tmp_path)]) == 1
    assert command.main(["check", str(tmp_path / "nowhere")]) == 2


def test_the_check_is_a_command_of_jieyuan() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "router.cli", "law", "check"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and "0 处错误" in done.stdout and not done.stderr
