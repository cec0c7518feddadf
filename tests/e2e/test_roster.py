"""The supervisor's roster in a real browser: a week, a swap, leave and its gap, tables."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from playwright.async_api import expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from router.clock import china_date

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def week(stack) -> date:
    """A Monday ahead of us that the demonstration county has planned whole."""
    today = china_date(datetime.now(UTC))
    return today + timedelta(days=14 - today.weekday())


def morning(page, day: date):
    """The day's first block that begins at nine."""
    return (
        page.locator(f"section:has(#d-{day})")
        .get_by_role("listitem")
        .filter(has_text="09:00 到")
        .first.get_by_role("link")
        .first
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_a_week_is_accessible_wide_and_narrow_by_day_and_by_night(
    supervisor, week, width, scheme
):
    await supervisor.page.set_viewport_size({"width": width, "height": 800})
    await supervisor.page.emulate_media(color_scheme=scheme)
    await supervisor.open(f"/board/roster?week={week}")
    await expect(supervisor.page.get_by_role("main")).to_contain_text("该有人的时间都有人")
    await supervisor.accessible()
    await morning(supervisor.page, week).click()
    await expect(supervisor.page.get_by_role("heading", name="换班")).to_be_visible()
    await supervisor.accessible()


async def test_leave_leaves_a_gap_that_leads_to_its_day_and_can_be_taken_back(supervisor, week):
    page = supervisor.page
    sunday = week + timedelta(days=6)
    await supervisor.open(f"/board/roster?week={week}")
    await morning(page, sunday).click()
    await page.get_by_role("button", name="请假").click()
    gaps = page.get_by_role("region", name="段时间没有人")
    await expect(gaps).to_contain_text("网上")
    await supervisor.accessible()
    await gaps.get_by_role("link").first.press("Enter")
    assert page.url.endswith(f"#d-{sunday}")
    await page.locator(".roster .off").get_by_role("link").click()
    await page.get_by_role("button", name="取消请假").click()
    await expect(page.get_by_role("main")).to_contain_text("该有人的时间都有人")


async def test_a_shift_goes_to_a_colleague_by_keyboard_alone(supervisor, week):
    page = supervisor.page
    await supervisor.open(f"/board/roster?week={week}")
    await morning(page, week).press("Enter")
    await page.get_by_label("同事的姓名或登录名").press_sequentially("孙子")
    await page.keyboard.press("Enter")
    give = page.get_by_role("button", name="这个班给孙子衿")
    await expect(give).to_be_visible()
    await supervisor.accessible()
    await give.press("Enter")
    await expect(page.locator(f"section:has(#d-{week})")).to_contain_text("孙子衿")


async def test_a_table_with_a_bad_row_says_which_and_a_good_one_comes_in(supervisor, stack):
    page = supervisor.page
    await supervisor.open("/board/roster")
    good = "律所,姓名,登录名\n示例新所,新律师,xin01\n"
    await upload(page, (good + "示例新所,,xin02\n").encode("gbk"))
    await expect(page.get_by_role("alert")).to_contain_text(
        "名单.csv 第 3 行，“姓名”列：不能空着。"
    )
    await supervisor.accessible()
    await upload(page, good.encode("utf-8-sig"))
    await expect(page.get_by_role("status")).to_contain_text("律师：新增 1，更改 0，没有变化 0")
    await supervisor.accessible()
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="生成初始密码").click()
    sheet = load_workbook(io.BytesIO(await saved(await waiting.value)))["初始密码"]
    [(*_, login, secret)] = list(sheet.iter_rows(min_row=2, values_only=True))
    stack.logins[login] = secret
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="全部(.xlsx)").click()
    book = load_workbook(io.BytesIO(await saved(await waiting.value)))
    assert book.sheetnames == ["律师", "班次", "委托人"]
    await supervisor.sign_in(login, secret)
    await expect(page.get_by_role("button", name="开始值班")).to_be_visible()
    await forget(stack, login)


async def upload(page, data: bytes) -> None:
    files = {"name": "名单.csv", "mimeType": "text/csv", "buffer": data}
    await page.get_by_label("选择表格，可以多选").set_input_files(files)
    await page.get_by_role("button", name="导入").click()


async def saved(download) -> bytes:
    path = await download.path()
    return path.read_bytes()


async def forget(stack, login: str) -> None:
    engine = create_async_engine(stack.database, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        theirs = "(SELECT id FROM lawyers WHERE login = :login)"
        for table, column in (("staff_sessions", "lawyer_id"), ("lawyers", "id")):
            statement = f"DELETE FROM {table} WHERE {column} IN {theirs}"
            await connection.execute(text(statement), {"login": login})
    await engine.dispose()
