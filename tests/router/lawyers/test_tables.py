"""Lawyers, shifts and clients come from an office's tables and go back into them."""

import io
from datetime import datetime, time

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from router.clock import CHINA
from router.destinations.labels import LABELS
from router.lawyers import entries, exporting, importing, sheets
from router.lawyers.models import Client, Firm, Lawyer, Shift
from router.lawyers.roster import shift_now
from tests import factories

HOME = "990101"
LAWYERS = "律所,姓名,登录名,地区,专长,方言,岗位,梯队,同时接待\n"
SHIFTS = "登录名,日期,开始,结束,岗位,坐席,状态\n"
CLIENTS = "律所,登录名,委托人\n"
WANG = "示例所,王清和,wang,990101,劳动报酬、工伤、干活受伤,粤语 客家话,网上；热线,值班,2\n"
LI = "示例所,李知远,li,,,,,后备,\n"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


async def put(db, *files, name="表.csv"):
    """Texts or bytes; the counts as (added, changed, same) by kind."""
    packed = [(name, f.encode() if isinstance(f, str) else f) for f in files]
    async with db.write() as s:
        counts = await importing.put(s, entries.read(packed, LABELS, HOME), at(1, 9))
    return {count.kind: (count.added, count.changed, count.same) for count in counts}


async def refused(db, *files, name="表.csv") -> list[str]:
    with pytest.raises(importing.BadRows) as bad:
        await put(db, *files, name=name)
    return [str(trouble) for trouble in bad.value.troubles]


async def lawyer(db, login) -> Lawyer:
    async with db.read() as s:
        return await s.scalar(select(Lawyer).where(Lawyer.login == login))


async def count(db, model) -> int:
    async with db.read() as s:
        return await s.scalar(select(func.count()).select_from(model))


async def exported(db, form="xlsx", *kinds) -> bytes:
    async with db.read() as s:
        found = await exporting.sheets(
            s, LABELS, at(1, 0), at(31, 0), kinds or tuple(entries.TITLES)
        )
    return exporting.packed(found, form)


async def test_a_lawyer_comes_with_firm_fields_dialects_posts_and_tier(db):
    assert await put(db, LAWYERS + WANG + LI) == {"lawyers": (2, 0, 0)}
    wang, li = await lawyer(db, "wang"), await lawyer(db, "li")
    assert (wang.name, wang.region, wang.capacity) == ("王清和", "990101", 2)
    assert wang.fields == ["labour_pay", "work_injury"]
    assert wang.languages == ["粤语", "客家话"]
    assert wang.posts == ["web", "hotline"]
    assert (wang.tier, li.tier) == ("duty", "reserve")
    assert (li.fields, li.posts, li.region, li.capacity) == ([], [], HOME, 3)
    assert li.firm_id == wang.firm_id and await count(db, Firm) == 1
    assert wang.password_hash == ""  # cannot sign in before a password was made


async def test_the_same_table_twice_changes_nothing_and_a_corrected_one_what_it_corrects(db):
    await put(db, LAWYERS + WANG + LI)
    assert await put(db, LAWYERS + WANG + LI) == {"lawyers": (0, 0, 2)}
    assert await put(db, LAWYERS + WANG.replace("示例所", "新所") + LI) == {"lawyers": (0, 1, 1)}
    assert (await lawyer(db, "wang")).firm_id != (await lawyer(db, "li")).firm_id


async def test_a_column_that_is_not_there_leaves_what_is_stored_and_an_empty_cell_clears_it(db):
    await put(db, LAWYERS + WANG)
    assert await put(db, "姓名,登录名\n王清和,wang\n") == {"lawyers": (0, 0, 1)}
    assert (await lawyer(db, "wang")).languages == ["粤语", "客家话"]
    assert await put(db, "姓名,登录名,方言\n王清和,wang,\n") == {"lawyers": (0, 1, 0)}
    assert (await lawyer(db, "wang")).languages == []


async def test_load_duty_and_password_of_a_lawyer_survive_an_import(db, clock):
    await factories.lawyer(db, clock, login="wang", load=2, password_hash="kept")
    await put(db, LAWYERS + WANG)
    wang = await lawyer(db, "wang")
    assert (wang.load, wang.on_duty, wang.password_hash) == (2, True, "kept")


async def test_shifts_of_a_day_and_of_a_night(db):
    table = (
        SHIFTS + "wang,2026-03-02,09:00,12:00,窗口,固定,\nwang,2026/3/2,22:00,06:00,网上,云,排班\n"
    )
    assert await put(db, LAWYERS + WANG, table) == {"lawyers": (1, 0, 0), "shifts": (2, 0, 0)}
    wang = await lawyer(db, "wang")
    async with db.read() as s:
        morning, night = (
            await shift_now(s, wang.id, at(2, 9)),
            await shift_now(s, wang.id, at(3, 5)),
        )
    assert (morning.post, morning.seat, morning.ends_at) == ("window", "fixed", at(2, 12))
    assert (night.post, night.seat, night.ends_at) == ("web", "cloud", at(3, 6))
    assert await put(db, table) == {"shifts": (0, 0, 2)}
    assert await put(db, table.replace("12:00", "11:30")) == {"shifts": (0, 1, 1)}


@pytest.mark.parametrize(
    ("written", "ends_at"),
    [("24:00", at(3, 0)), ("00:00", at(3, 0)), ("次日06:00", at(3, 6)), ("23:30", at(2, 23, 30))],
)
async def test_the_end_of_a_shift_as_people_write_it(db, written, ends_at):
    await put(db, LAWYERS + WANG, SHIFTS + f"wang,2026年3月2日,22：00,{written},,,\n")
    async with db.read() as s:
        assert (await s.scalar(select(Shift))).ends_at == ends_at


async def test_clients_are_stored_encrypted_and_once(db):
    table = CLIENTS + "示例所,wang,示例建材有限公司\n示例所,,示例建材 有限责任公司\n示例所,,张三\n"
    assert await put(db, LAWYERS + WANG, table) == {
        "lawyers": (1, 0, 0), "clients": (2, 0, 1),
    }  # fmt: skip
    assert await put(db, table) == {"clients": (0, 0, 3)}
    async with db.read() as s:
        rows = list(await s.scalars(select(Client)))
    assert {row.name for row in rows} == {"示例建材有限公司", "张三"}
    assert not any("张三".encode() in row.name_sealed for row in rows)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (LAWYERS + ",,,,,,,,\n示例所,,wang,,,,,,\n", "表.csv 第 3 行，“姓名”列：不能空着。"),
        (LAWYERS + "所,王,wang li,,,,,,\n", "第 2 行，“登录名”列：登录名只能用"),
        (LAWYERS + "所,王,wang,9901,,,,,\n", "第 2 行，“地区”列：地区要写 6 位"),
        (LAWYERS + "所,王,wang,,炒股,,,,\n", "第 2 行，“专长”列：没有“炒股”这一种"),
        (LAWYERS + "所,王,wang,,,,大厅,,\n", "第 2 行，“岗位”列：没有“大厅”这一种；可以写：网上、"),
        (LAWYERS + "所,王,wang,,,,,主力,\n", "第 2 行，“梯队”列：没有“主力”这一种"),
        (LAWYERS + "所,王,wang,,,,,,0\n", "第 2 行，“同时接待”列：同时接待数要写 1 到 50"),
        (LAWYERS + "所,王,wang,,,,,,51\n", "第 2 行，“同时接待”列：同时接待数要写 1 到 50"),
        (LAWYERS + "所,王,a,,,,,,\n所,李,a,,,,,,\n", "第 3 行，“登录名”列：和第 2 行的相同。"),
        (LAWYERS + "所,王,boss,,,,,,\n", "第 2 行，“登录名”列：“boss”是主管的登录名。"),
        (LAWYERS + '所,"王\n某",wang,,,,,,\n', "第 2 行，“姓名”列：里面有换行"),
        (LAWYERS + f"所,{'王' * 101},wang,,,,,,\n", "第 2 行，“姓名”列：超过 100 个字。"),
        (SHIFTS + "nobody,2026-03-02,09:00,12:00,,,\n", "第 2 行，“登录名”列：没有登录名“nobody”"),
        (SHIFTS + "old,2026-02-30,09:00,12:00,,,\n", "第 2 行，“日期”列：没有“2026-02-30”这一天"),
        (SHIFTS + "old,星期一,09:00,12:00,,,\n", "第 2 行，“日期”列：“星期一”不是日期"),
        (SHIFTS + "old,2026-03-02,9点,12:00,,,\n", "第 2 行，“开始”列：“9点”不是时间"),
        (SHIFTS + "old,2026-03-02,09:60,12:00,,,\n", "第 2 行，“开始”列：没有“09:60”这个钟点"),
        (SHIFTS + "old,2026-03-02,24:00,06:00,,,\n", "第 2 行，“开始”列：24:00 请写成第二天的"),
        (SHIFTS + "old,2026-03-02,09:00,09:00,,,\n", "第 2 行，“结束”列：和开始相同。"),
        (
            SHIFTS + "old,2026-03-02,09:00,12:00,,,\nold,2026-03-02,11:59,13:00,,,\n",
            "第 3 行，“开始”列：和第 2 行的时间重叠。",
        ),
        (
            SHIFTS + "old,2026-03-02,09:00,12:00,,,\nold,2026-03-02,09:00,13:00,,,\n",
            "第 3 行，“开始”列：和第 2 行是同一个人的同一个开始时间。",
        ),
        (
            SHIFTS + "old,2026-03-05,16:00,18:00,,,\n",
            "第 2 行，“开始”列：和已经排好的班重叠（3月5日 09:00 开始的）。",
        ),
        (CLIENTS + "没有的所,,张三\n", "第 2 行，“律所”列：没有律所“没有的所”"),
        (CLIENTS + "老所,nobody,张三\n", "第 2 行，“登录名”列：没有登录名“nobody”"),
        (CLIENTS + "老所,,……\n", "第 2 行，“委托人”列：里面没有文字。"),
        ("姓名,手机\n王,1\n", "表.csv 第 1 行：看不懂表头。律师表要有"),
        ("姓名,登录名,手机\n王,wang,1\n", "第 1 行，“手机”列：没有这一列；律师表可以有："),
        ("姓名,登录名,姓名\n王,wang,王\n", "第 1 行，“姓名”列：这一列出现了两次。"),
        ("", "表.csv：里面没有内容。"),
    ],
)  # fmt: skip
async def test_a_bad_row_is_named_and_nothing_is_put_in(db, clock, table, said):
    await factories.lawyer(db, clock, "主管", login="boss", role="supervisor")
    old = await factories.lawyer(db, clock, "老律师", login="old")
    await factories.shift(db, old.id, at(5, 9), at(5, 17))
    async with db.write() as s:
        s.add(Firm(name="老所"))
    before = [await count(db, model) for model in (Firm, Lawyer, Shift, Client)]
    good = LAWYERS + "好所,好律师,good,,,,,,\n"
    told = await refused(db, good, table)
    assert len(told) == 1 and said in told[0]
    assert [await count(db, model) for model in (Firm, Lawyer, Shift, Client)] == before


async def test_every_bad_row_of_every_table_is_named_at_once(db):
    told = await refused(
        db,
        LAWYERS + WANG + "所,,x y,,,,,,\n",
        SHIFTS + "wang,2026-03-02,9,12,,,\nnobody,2026-03-02,09:00,12:00,,,\n",
    )
    assert len(told) == 5
    assert [line.split("：")[0] for line in told] == [
        "表.csv 第 2 行，“开始”列", "表.csv 第 2 行，“结束”列", "表.csv 第 3 行，“姓名”列",
        "表.csv 第 3 行，“登录名”列", "表.csv 第 3 行，“登录名”列",
    ]  # fmt: skip


async def test_a_long_shift_overlaps_each_short_one_within_it(db):
    table = SHIFTS + "".join(
        f"wang,2026-03-02,{begin},{end},,,\n"
        for begin, end in (("08:00", "20:00"), ("09:00", "10:00"), ("11:00", "12:00"))
    )
    told = await refused(db, LAWYERS + WANG, table)
    assert ["第 3 行" in told[0], "第 4 行" in told[1]] == [True, True] and len(told) == 2


async def test_blocks_that_touch_do_not_overlap_and_leave_makes_room(db):
    table = SHIFTS + (
        "wang,2026-03-02,09:00,12:00,,,\nwang,2026-03-02,12:00,14:00,,,请假\n"
        "wang,2026-03-02,12:30,14:00,,,\n"
    )
    assert await put(db, LAWYERS + WANG, table) == {"lawyers": (1, 0, 0), "shifts": (3, 0, 0)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
async def test_a_csv_of_any_office_is_read(db, encoding):
    await put(db, (LAWYERS + WANG).encode(encoding))
    assert (await lawyer(db, "wang")).name == "王清和"


async def test_a_workbook_holds_all_three_tables_with_excels_own_dates_and_times(db):
    book = Workbook()
    people = book.active
    people.title = "律师"
    people.append([])  # an empty row on top: the numbers are those of the spreadsheet
    people.append(["律所", "姓名", "登录名", "同时接待"])
    people.append(["示例所", "王清和", 1001, 2])
    days = book.create_sheet("班次")
    days.append(["登录名", "日期", "开始", "结束"])
    days.append([1001.0, datetime(2026, 3, 2), time(9), time(12)])
    days.append([1001, "2026-03-02", "13:30", "17:00"])
    book.create_sheet("空的")
    assert await put(db, saved(book), name="表.xlsx") == {
        "lawyers": (1, 0, 0), "shifts": (2, 0, 0),
    }  # fmt: skip
    people.append(["示例所", "", 1002])
    assert await refused(db, saved(book), name="表.xlsx") == [
        "表.xlsx（律师） 第 4 行，“姓名”列：不能空着。"
    ]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 broken", "打不开"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧的 .xls 格式"),
        ("姓名,登录名".encode("utf-16"), "Unicode 文本"),
        (b"\xff\x00\xff\x00", "文字编码认不出"),
        (b"a,b\0c\n", "不是表格"),
        (b'a,"' + b"b" * 200_000, "一格太长"),
    ],
)
async def test_a_file_that_is_no_table_says_what_to_do(db, data, said):
    (told,) = await refused(db, data, name="坏.xlsx")
    assert told.startswith("坏.xlsx") and said in told


async def test_a_file_that_unpacks_to_too_much_is_not_unpacked(db, monkeypatch):
    book = Workbook()
    book.active.append(["姓名" * 50_000])
    monkeypatch.setattr(sheets, "MOST_BYTES", 50_000)
    (told,) = await refused(db, saved(book), name="大.xlsx")
    assert "解压后超过" in told


async def test_more_rows_than_allowed_are_refused_and_as_many_as_allowed_are_not(db, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    assert await put(db, LAWYERS + WANG + LI) == {"lawyers": (2, 0, 0)}
    (told,) = await refused(db, LAWYERS + WANG + LI + "所,张,zhang,,,,,,\n")
    assert "第 4 行：超过 2 行" in told


async def test_what_is_exported_can_be_imported_and_changes_nothing(db, clock):
    await factories.lawyer(db, clock, "没有律所", login="alone", firm_id=None, fields=["other"])
    await put(
        db,
        LAWYERS + WANG + LI,
        SHIFTS + "wang,2026-03-02,22:00,24:00,热线,云,\nli,2026-03-03,20:00,06:00,,,请假\n",
        CLIENTS + "示例所,wang,张三\n",
    )
    unchanged = {"lawyers": (0, 0, 3), "shifts": (0, 0, 2), "clients": (0, 0, 1)}
    assert await put(db, await exported(db), name="导出.xlsx") == unchanged
    for kind, counts in unchanged.items():
        assert await put(db, await exported(db, "csv", kind)) == {kind: counts}


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", "=cmd|' /C calc'!A1"])
async def test_a_name_that_looks_like_a_formula_is_text_in_every_export(db, name):
    await put(db, LAWYERS + f'"{name}",王,wang,,,,,,\n')
    csv = (await exported(db, "csv", "lawyers")).decode("utf-8-sig")
    assert csv.splitlines()[1].lstrip('"').startswith(f"'{name[0]}")
    book = load_workbook(io.BytesIO(await exported(db)))
    cell = book["律师"]["A2"]
    assert (cell.data_type, cell.value) == ("s", f"'{name}")
    assert await put(db, await exported(db), name="导出.xlsx") == {"lawyers": (0, 0, 1)}


async def test_741_lawyers_of_75_firms_with_a_month_of_shifts(db):
    people = "".join(f"示例{n % 75}所,律师{n},l{n},,,,,,\n" for n in range(741))
    days = "".join(
        f"l{n},2026-03-{day:02},{hours},,,\n"
        for n in range(741)
        for day in range(1 + n % 5, 29, 5)
        for hours in ("09:00,12:00", "13:30,17:00")
    )
    counts = await put(db, LAWYERS + people, SHIFTS + days)
    assert counts["lawyers"] == (741, 0, 0) and await count(db, Firm) == 75
    assert counts["shifts"][0] == days.count("\n")
