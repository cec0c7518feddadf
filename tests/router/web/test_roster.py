"""The supervisor's roster: who sees it, what a week shows, changes, tables in and out."""

import io
from datetime import datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from router.audit import AuditEntry
from router.clock import CHINA
from router.lawyers.models import Lawyer, Shift
from router.lawyers.roster import Gap
from router.lawyers.service import hash_password
from router.web import roster, rosterview
from tests import factories

PAGE = {"Accept": "text/html"}
OURS = {"Origin": "http://test", **PAGE}
PEOPLE = "律所,姓名,登录名\n示例所,王清和,wang\n示例所,李知远,li\n"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)  # now is Monday the 2nd, 09:00


@pytest.fixture
async def boss(client, parts, clock):
    return await sign_in(client, parts, clock, "supervisor")


async def sign_in(client, parts, clock, role):
    person = await factories.lawyer(
        parts.db, clock, "周主管", login="boss", role=role, password_hash=hash_password("geheim")
    )
    form = {"login": "boss", "password": "geheim"}
    assert (await client.post("/desk/login", data=form, headers=OURS)).status_code == 303
    return person


@pytest.fixture
async def wang(parts, clock):
    return await factories.lawyer(parts.db, clock, "王律师", login="wang")


async def week(client, day="2026-03-02") -> str:
    page = await client.get(f"/board/roster?week={day}", headers=PAGE)
    assert page.status_code == 200
    return page.text


async def change(client, shift, what, other=""):
    form = {"what": what, "other": other}
    return await client.post(f"/board/roster/shifts/{shift.id}", data=form, headers=OURS)


async def upload(client, *files: tuple[str, bytes]):
    packed = [("files", (name, data)) for name, data in files]
    return await client.post("/board/roster/import", files=packed, headers=OURS)


async def audited(parts) -> list[tuple[str, str]]:
    async with parts.db.read() as s:
        return [(row.action, row.about) for row in await s.scalars(select(AuditEntry))]


@pytest.mark.parametrize(
    "path", ["", "/export", "/shifts/x", "?week=2026-03-02", "/export?table=clients"]
)
async def test_a_lawyer_sees_no_roster_and_exports_nothing(client, parts, clock, path):
    await sign_in(client, parts, clock, "lawyer")
    assert (await client.get(f"/board/roster{path}")).status_code == 403


@pytest.mark.parametrize("path", ["/import", "/passwords", "/shifts/x"])
async def test_a_lawyer_changes_nothing_and_neither_does_another_site(client, parts, clock, path):
    await sign_in(client, parts, clock, "lawyer")
    for headers in (OURS, {"Origin": "http://evil.example", **PAGE}):
        assert (await client.post(f"/board/roster{path}", headers=headers)).status_code == 403


async def test_a_week_shows_who_is_on_when_and_which_hours_nobody_covers(client, parts, boss, wang):
    await factories.shift(parts.db, wang.id, at(2, 9), at(2, 12))
    await factories.shift(parts.db, wang.id, at(2, 22), at(3, 9), seat="cloud")
    page = await week(client)
    assert "王律师" in page and "网上 · 09:00 到 12:00 · 固定坐席" in page
    assert page.count("网上 · 2日 22:00 到 3日 09:00 · 云坐席") == 2  # on both days
    assert "网上 3月2日 周一 12:00 到 22:00" in page  # the gap
    assert "网上 3月2日 周一 09:00" not in page


async def test_a_week_begins_on_monday_whichever_day_of_it_is_asked_for(client, boss):
    for day in ("2026-03-02", "2026-03-08"):
        page = await week(client, day)
        assert "3月2日 周一" in page and "3月8日 周日" in page and "3月9日" not in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
async def test_a_week_of_no_calendar_is_told_and_this_week_shown(client, boss, day):
    page = await client.get(f"/board/roster?week={day}", headers=PAGE)
    assert page.status_code == 422
    assert "不是真实的日期" in page.text and "3月2日 周一" in page.text


async def test_holidays_and_worked_weekends_have_their_names(client, boss):
    page = await week(client, "2026-02-14")
    assert '2月14日 周六 <span class="badge">调休上班</span>' in page
    assert '2月15日 周日 <span class="badge">春节</span>' in page


async def test_a_year_whose_holidays_are_unknown_says_so(client, boss):
    assert "2031 年的节假日安排还没有数据" in await week(client, "2031-10-01")
    assert "还没有数据" not in await week(client)


@pytest.mark.parametrize("day", ["2026-02-30", "monday", "20260302"])
async def test_a_day_that_is_none_is_told(client, boss, day):
    page = await client.get(f"/board/roster?week={day}", headers=PAGE)
    assert page.status_code == 422 and "不是真实的日期" in page.text


async def test_many_on_the_same_hours_are_counted_and_not_all_named(
    client, parts, clock, boss, monkeypatch
):
    monkeypatch.setattr(rosterview, "NAMES", 2)
    for name in ("甲律师", "乙律师", "丙律师"):
        one = await factories.lawyer(parts.db, clock, name)
        await factories.shift(parts.db, one.id, at(2, 9), at(2, 12))
    page = await week(client)
    assert page.count("律师</a>") == 2 and "还有 1 位" in page


async def test_leave_shows_as_a_gap_here_and_on_the_board_and_can_be_taken_back(
    client, parts, clock, boss, wang
):
    li = await factories.lawyer(parts.db, clock, "李律师")
    await factories.shift(parts.db, li.id, at(2, 9), at(3, 9), post="window")
    shift = await factories.shift(parts.db, wang.id, at(2, 9), at(3, 9))
    assert "没有排班：" not in (await client.get("/board", headers=PAGE)).text
    moved = await change(client, shift, "leave")
    assert moved.headers["Location"] == "/board/roster?week=2026-03-02#d-2026-03-02"
    page = await week(client)
    assert "（请假）" in page and "<strong>没有人</strong>" in page
    board = (await client.get("/board", headers=PAGE)).text
    assert "没有排班：网上 3月2日 周一 09:00 到 3月3日 周二 09:00" in board
    await change(client, shift, "back")
    assert "没有排班：" not in (await client.get("/board", headers=PAGE)).text
    assert [action for action, _ in await audited(parts)] == ["shift_leave", "shift_back"]


async def test_a_colleague_is_found_by_name_or_login_and_gets_the_shift(
    client, parts, clock, boss, wang
):
    li = await factories.lawyer(parts.db, clock, "李律师", login="li")
    shift = await factories.shift(parts.db, wang.id, at(3, 9), at(3, 12))
    theirs = await factories.shift(parts.db, li.id, at(4, 9), at(4, 12))
    for who in ("李", "li"):
        page = (await client.get(f"/board/roster/shifts/{shift.id}?who={who}")).text
        assert "这个班给李律师" in page and "3月4日 周三 09:00 到 12:00" in page
    assert "没有找到" in (await client.get(f"/board/roster/shifts/{shift.id}?who=%25")).text
    assert (await change(client, shift, "exchange", theirs.id)).status_code == 303
    async with parts.db.read() as s:
        planned = await s.execute(
            select(Lawyer.name, Shift.starts_at)
            .join(Lawyer, Lawyer.id == Shift.lawyer_id)
            .where(Shift.state == "planned")
            .order_by(Shift.starts_at)
        )
        assert list(planned) == [("李律师", at(3, 9)), ("王律师", at(4, 9))]


async def test_a_change_that_cannot_be_made_says_why(client, parts, boss, wang):
    past = await factories.shift(parts.db, wang.id, at(1, 9), at(2, 9))
    refused = await change(client, past, "leave")
    assert refused.status_code == 409 and "已经结束" in refused.text
    assert "已经结束，不能再改" in (await client.get(f"/board/roster/shifts/{past.id}")).text
    assert (await change(client, past, "sell")).status_code == 422
    assert (await client.get("/board/roster/shifts/nothing")).status_code == 404


async def test_a_table_comes_in_and_first_passwords_are_made_once(client, parts, boss):
    page = await upload(client, ("名单.csv", PEOPLE.encode("gbk")))
    assert page.status_code == 200 and "律师：新增 2，更改 0，没有变化 0" in page.text
    assert "2 位律师还没有密码" in page.text
    made = await client.post("/board/roster/passwords", headers=OURS)
    assert made.headers["Cache-Control"] == "no-store"
    rows = list(load_workbook(io.BytesIO(made.content)).active.iter_rows(values_only=True))
    assert rows[0] == ("律所", "姓名", "登录名", "初始密码")
    secrets = {login: secret for _, _, login, secret in rows[1:]}
    assert set(secrets) == {"wang", "li"} and len(set(secrets.values())) == 2
    form = {"login": "wang", "password": secrets["wang"]}
    again = await client.post("/board/roster/passwords", headers=OURS)
    assert again.status_code == 303
    assert (await client.post("/desk/login", data=form, headers=OURS)).status_code == 303
    assert [action for action, _ in await audited(parts)] == ["import_roster", "first_passwords"]


async def test_bad_rows_are_all_told_and_what_they_say_is_shown_as_text(client, parts, boss):
    page = await upload(
        client, ("<b>.csv", PEOPLE.encode()), ("坏.csv", "姓名,登录名\n<i>,a b\n,c\n".encode())
    )
    assert page.status_code == 422 and "什么都没有导入" in page.text
    assert "坏.csv 第 2 行，“登录名”列" in page.text and "坏.csv 第 3 行，“姓名”列" in page.text
    assert "<i>" not in page.text
    async with parts.db.read() as s:
        assert await s.scalar(select(func.count()).select_from(Lawyer)) == 1


async def test_a_table_may_be_larger_than_a_message_but_not_without_end(client, boss, parts):
    long = PEOPLE.encode() + b",,\n" * (parts.settings.BODY_MAX_BYTES // 2)
    assert (await upload(client, ("名单.csv", long))).status_code == 200
    endless = b"," * (roster.UPLOAD_MAX_BYTES + 1)
    assert (await upload(client, ("名单.csv", endless))).status_code == 413
    elsewhere = await client.post("/desk/login", content=long, headers=OURS)
    assert elsewhere.status_code == 413


async def test_exports_are_downloads_that_leave_a_trace(client, parts, boss, wang):
    await factories.shift(parts.db, wang.id, at(2, 9), at(2, 12))
    whole = await client.get("/board/roster/export?week=2026-03-02")
    assert whole.headers["Content-Disposition"] == (
        'attachment; filename="roster-all-2026-03-02.xlsx"'
    )
    assert load_workbook(io.BytesIO(whole.content)).sheetnames == ["律师", "班次", "委托人"]
    one = await client.get("/board/roster/export?table=shifts&week=2026-03-02")
    assert "wang,王律师,2026-03-02,09:00,12:00,网上,固定,排班" in one.content.decode("utf-8-sig")
    assert (await client.get("/board/roster/export?table=tickets")).status_code == 404
    assert (await client.get("/board/roster/export?week=soon")).status_code == 422
    assert [about for _, about in await audited(parts)] == ["all", "shifts"]


async def test_the_metrics_count_uncovered_seconds_of_the_next_day(client, parts, wang):
    def told(metrics: str) -> str:
        return next(
            x for x in metrics.splitlines() if x.startswith("jieyuan_uncovered") and "web" in x
        )

    assert told((await client.get("/metrics")).text).endswith(" 86400.0")
    await factories.shift(parts.db, wang.id, at(2, 9), at(3, 8))
    assert told((await client.get("/metrics")).text).endswith(" 3600.0")


def test_a_gap_in_words_says_the_day_it_ends_only_if_it_is_another():
    assert (
        rosterview.gap_words(Gap("web", at(2, 9), at(2, 12))) == "网上 3月2日 周一 09:00 到 12:00"
    )
    assert (
        rosterview.gap_words(Gap("web", at(2, 22), at(3, 0))) == "网上 3月2日 周一 22:00 到 24:00"
    )
    assert rosterview.gap_words(Gap("web", at(2, 22), at(3, 6))) == (
        "网上 3月2日 周一 22:00 到 3月3日 周二 06:00"
    )


async def add(client, lawyer, day="2026-03-03", begin="14:00", end="18:00", post="kiosk"):
    form = {"lawyer": lawyer.id, "who": "wang", "day": day, "post": post, "seat": "fixed"}
    form |= {"begin": begin, "end": end}
    return await client.post("/board/roster/add", data=form, headers=OURS)


async def test_one_more_shift_is_put_in_without_a_table(client, parts, boss, wang):
    assert "/board/roster/add?day=2026-03-03" in await week(client)
    assert "/board/roster/add?day=2026-03-02" not in await week(client, "2026-03-09")
    found = await client.get("/board/roster/add?day=2026-03-03&who=wang", headers=PAGE)
    assert wang.id in found.text and 'value="2026-03-03"' in found.text
    assert (await add(client, wang)).headers[
        "location"
    ] == "/board/roster?week=2026-03-03#d-2026-03-03"
    assert "自助机 · 14:00 到 18:00" in await week(client)
    assert [action for action, _ in await audited(parts)].count("shift_add") == 1


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"begin": "12:00", "end": "14:00"}, 303, ""),
        ({"begin": "12:00", "end": "14:01"}, 409, "已经有班"),
        ({"begin": "18:00", "end": "09:00"}, 303, ""),
        ({"day": "2026-03-02", "begin": "08:00", "end": "09:00"}, 409, "已经结束"),
        ({"day": "2026-03-02", "begin": "08:00", "end": "09:01"}, 303, ""),
        ({"begin": "14:00", "end": "14:00"}, 422, "开始和结束相同"),
        ({"day": "2026-02-30"}, 422, "不是真实的日期"),
        ({"day": "9999-12-31"}, 422, "不是真实的日期"),
        ({"post": "roof"}, 422, ""),
    ],
)
async def test_a_shift_fits_beside_the_others_and_lies_ahead(
    client, parts, boss, wang, given, status, said
):
    await factories.shift(parts.db, wang.id, at(3, 14), at(3, 18))
    answer = await add(client, wang, **{"begin": "09:00", "end": "12:00", **given})
    assert answer.status_code == status and said in answer.text
    assert "pydantic" not in answer.text, "no sentence for people"


async def test_a_shift_that_has_begun_may_still_be_added_but_only_for_a_duty_lawyer(
    client, parts, boss, wang
):
    assert (await add(client, boss)).status_code == 404, "no duty lawyer"
    assert (
        await add(client, wang, day="2026-03-02", begin="08:30", end="12:00")
    ).status_code == 303
    async with parts.db.read() as s:
        shift = await s.scalar(select(Shift))
    assert (shift.post, shift.starts_at) == ("kiosk", at(2, 8, 30))
