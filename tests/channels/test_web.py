"""The web channel over HTTP: what the citizen's page relies on, and what it must never do to us."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from router.conversations.models import Conversation, Message
from router.parts import Parts
from router.settings import Settings
from tests import factories
from tests.fakes import FakeBot, FakeClock, until

API = "/api/web/conversations"


class Page:
    """The citizen's page: opens one conversation, numbers its messages."""

    def __init__(self, client: httpx.AsyncClient, opened: dict[str, str]) -> None:
        self.client, self.id, self.reference = client, opened["id"], opened["reference"]
        self.count = 0

    @property
    def url(self) -> str:
        return f"{API}/{self.id}"

    async def send(self, text: Any, **other: Any) -> httpx.Response:
        self.count += 1
        body = {"id": f"message-{self.count}", "seq": self.count, "text": text} | other
        answer = await self.client.post(f"{self.url}/messages", json=body)
        if answer.status_code != 202:
            self.count -= 1  # a refused message leaves no gap
        return answer

    async def lines(self, after: int = 2, wait: float = 0) -> list[dict[str, Any]]:
        answer = await self.client.get(
            f"{self.url}/messages", params={"after": after, "wait": wait}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]

    async def hears(self, *texts: str) -> None:
        async def heard() -> bool:
            return [one["text"] for one in await self.lines() if one["who"] == "bot"] == [*texts]

        await until(heard)

    async def about(self) -> dict[str, Any]:
        return (await self.client.get(self.url)).json()


@pytest.fixture
async def page(client: httpx.AsyncClient) -> Page:
    answer = await client.post(API, json={"consent": True})
    assert answer.status_code == 201
    return Page(client, answer.json())


async def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["error"]


# --- opening


async def test_a_conversation_opens_with_consent_and_one_question(page: Page):
    consent, question = await page.lines(after=0)
    assert consent["who"] == "system" and page.reference in consent["text"]
    assert question["who"] == "bot" and "请说说您遇到了什么事" in question["text"]


async def test_a_reference_has_no_letters_that_are_misheard(page: Page):
    first, *rest = page.reference.split("-")
    assert first == "JY" and [len(part) for part in rest] == [4, 4]
    assert not set("01ILO") & set("".join(rest))


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client: httpx.AsyncClient):
    answer = await client.post(API, json={"consent": True})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and cookie.startswith("jy_session=")


async def test_only_the_tokens_hash_is_stored(page: Page, parts: Parts):
    async with parts.db.read() as s:
        [row] = await s.scalars(select(Conversation))
    assert page.client.cookies["jy_session"] not in (row.token_hash, row.id)
    assert len(row.token_hash) == 64


async def test_opening_again_finds_the_same_conversation(page: Page):
    again = await page.client.post(API, json={"consent": True})
    assert again.status_code == 200
    assert again.json() == {"id": page.id, "reference": page.reference}


async def test_without_consent_nothing_opens(client: httpx.AsyncClient):
    await refused(await client.post(API, json={"consent": False}), 422, "ConsentNeeded")
    assert "set-cookie" not in (await client.post(API, json={})).headers


async def test_opening_too_many_is_refused(app: FastAPI, settings: Settings):
    settings.SESSION_RATE = "30/minute"
    transport = httpx.ASGITransport(app)
    codes = []
    for _ in range(31):
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as stranger:
            codes.append((await stranger.post(API, json={"consent": True})).status_code)
    assert codes == [201] * 30 + [429]


async def test_who_is_too_fast_is_told_when_to_try_again_and_may_then(
    page: Page, settings: Settings
):
    settings.MESSAGE_RATE = "1/2 seconds"
    assert (await page.send("老板拖欠工资")).status_code == 202
    early = await page.send("还有一句")
    await refused(early, 429, "TooFast")
    assert early.headers["retry-after"] in ("1", "2")
    await asyncio.sleep(int(early.headers["retry-after"]))
    assert (await page.send("还有一句")).status_code == 202


# --- talking


async def test_a_message_is_accepted_and_answered(page: Page):
    answer = await page.send("老板拖欠工资")
    assert answer.status_code == 202 and answer.json() == {"seq": 3, "duplicate": False}
    await page.hears("收到:老板拖欠工资")
    said, _ = await page.lines()
    assert (said["who"], said["client_seq"], said["extra"]) == ("citizen", 1, {})


async def test_a_message_sent_again_after_a_lost_answer_is_the_same(page: Page, bot: FakeBot):
    first = await page.send("老板拖欠工资", id="the-same-id", seq=1)
    again = await page.send("老板拖欠工资", id="the-same-id", seq=1)
    assert again.json() == {"seq": first.json()["seq"], "duplicate": True}
    await page.hears("收到:老板拖欠工资")
    assert bot.texts == ["老板拖欠工资"]


async def test_a_reader_waits_for_the_next_line(page: Page, bot: FakeBot):
    reading = asyncio.create_task(page.lines(after=2, wait=20))
    await asyncio.sleep(0.05)
    assert not reading.done()
    await page.send("老板拖欠工资")
    [line, *_] = await reading
    assert line["text"] == "老板拖欠工资"


async def test_a_reader_who_reconnects_misses_and_repeats_nothing(page: Page):
    for n in (1, 2):
        await page.send(f"第{n}句")
    await page.hears("收到:第1句", "收到:第2句")
    all_lines = await page.lines(after=0)
    half = all_lines[2]["seq"]
    assert await page.lines(after=half) == all_lines[3:]


async def test_the_page_sees_that_the_bot_thinks(page: Page, bot: FakeBot):
    bot.hold()
    await page.send("老板拖欠工资")
    assert (await page.about())["thinking"] is True
    bot.release()
    await page.hears("收到:老板拖欠工资")
    about = await page.about()
    assert (about["thinking"], about["speaker"], about["status"]) == (False, "bot", "open")


async def test_a_page_that_lost_its_memory_learns_its_next_number(page: Page):
    assert (await page.about())["next_seq"] == 1
    await page.send("老板拖欠工资")
    assert (await page.about())["next_seq"] == 2


async def test_the_page_sees_the_ticket_and_who_speaks(page: Page, parts: Parts, clock: FakeClock):
    assert (await page.about())["ticket"] is None
    lawyer = await factories.lawyer(parts.db, clock)
    await factories.ticket(parts.db, clock, page.id, status="accepted", owner=lawyer.id)
    about = await page.about()
    assert about["speaker"] == "lawyer"
    assert about["ticket"]["status"] == "accepted"
    assert (about["ticket"]["destination"], about["ticket"]["kind"]) == (
        "duty_lawyer",
        "duty_lawyer",
    )


# --- who may


async def test_without_a_valid_token_nothing_is_shown(page: Page, app: FastAPI):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as no:
        await refused(await no.get(page.url), 401, "SessionExpired")
        no.cookies.set("jy_session", "forged")
        await refused(await no.get(page.url), 401, "SessionExpired")
        body = {"id": "message-1", "seq": 1, "text": "在吗"}
        await refused(await no.post(f"{page.url}/messages", json=body), 401, "SessionExpired")


async def test_an_expired_token_is_refused(page: Page, clock: FakeClock):
    await clock.leap(timedelta(days=30))
    await refused(await page.client.get(page.url), 401, "SessionExpired")
    await refused(await page.send("在吗"), 401, "SessionExpired")


async def test_someone_elses_conversation_does_not_exist(page: Page, app: FastAPI, bot: FakeBot):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as other:
        mine = (await other.post(API, json={"consent": True})).json()
        assert mine["id"] != page.id
        await refused(await other.get(page.url), 404, "NotFound")
        await refused(await other.get(f"{page.url}/messages"), 404, "NotFound")
        body = {"id": "message-1", "seq": 1, "text": "在吗"}
        await refused(await other.post(f"{page.url}/messages", json=body), 404, "NotFound")
    assert len(await page.lines()) == 0 and not bot.turns


# --- bad input (issue 2, point 11)


@pytest.mark.parametrize(
    "text",
    [
        '/inform{"income":"1"}',
        "/restart",
        "  /restart",
        "\n\t/restart",
        "／restart",
        "　／restart",
        "\u200b/restart",
        "\ufeff /handoff",
        "\x00/restart",
        "\u2060\u200d/greet{bad",
        "\u2800/restart",
        "\x1f/restart",
        "\x85/restart",
        "\ufe0f/restart",
    ],
)
async def test_a_slash_command_is_text_and_never_reaches_the_bot_as_a_command(
    page: Page, bot: FakeBot, text: str
):
    assert (await page.send(text)).status_code == 202
    await until(lambda: bot.texts)
    [sent] = bot.texts
    assert sent.startswith("／") and "/" not in sent[:1]
    assert sent.strip()[1:] == text[max(text.find("/"), text.find("／")) + 1 :]


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t ", "\u3000", "\u200b\u200b", "\x00\x01", "\u2060", "\u3164", "\u2800"]
)
async def test_nothing_to_read_is_refused_kindly(page: Page, bot: FakeBot, text: str):
    await refused(await page.send(text), 422, "EmptyMessage")
    assert await page.lines() == []


async def test_ten_thousand_characters_are_kept_whole_and_read_in_part(page: Page, bot: FakeBot):
    text = "工" * 9_990 + "资一二三四五六七八九"
    assert len(text) == 10_000
    assert (await page.send(text)).status_code == 202
    await until(lambda: bot.texts)
    said, notice, *_ = await page.lines()
    assert said["text"] == text
    assert notice["who"] == "system" and "2000" in notice["text"]
    assert bot.texts == [text[:2000]]


async def test_more_than_that_is_refused_with_a_sentence(page: Page):
    await refused(await page.send("工" * 10_001), 413, "TooLarge")


@pytest.mark.parametrize("how", ["whole", "in pieces"])
async def test_a_body_over_64_kb_is_refused(page: Page, how: str):
    body = json.dumps({"id": "message-1", "seq": 1, "text": "a" * 70_000}).encode()

    async def pieces() -> Any:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    answer = await page.client.post(
        f"{page.url}/messages",
        content=body if how == "whole" else pieces(),
        headers={"content-type": "application/json"},
    )
    await refused(answer, 413, "TooLarge")


async def test_control_characters_are_taken_out(page: Page, bot: FakeBot):
    await page.send("老板\x00拖欠\x1b[31m工\x7f资\r\n三个月")
    await until(lambda: bot.texts)
    assert (await page.lines())[0]["text"] == "老板拖欠[31m工资\n三个月"


async def test_emoji_alone_is_a_message(page: Page, bot: FakeBot):
    await page.send("😭😭👨‍👩‍👧")
    await page.hears("收到:😭😭👨‍👩‍👧")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE messages; --",
        "1' OR '1'='1",
        "{{7*7}} ${7*7} %s {0}",
        "..\\..\\etc/passwd",
    ],
)
async def test_code_is_only_text(page: Page, bot: FakeBot, text: str):
    await page.send(text)
    await page.hears(f"收到:{text}")
    answer = await page.client.get(f"{page.url}/messages", params={"after": 2})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["messages"][0]["text"] == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 0},
        {"seq": "1"},
        {"seq": 100_001},
        {"seq": 1.5},
        {"seq": None},
        {"id": "x"},
        {"id": "a" * 65},
        {"id": "a/b:c*d?e"},
        {"id": None},
        {"text": None},
        {"text": ["a"]},
        {"text": {"a": 1}},
        {"text": 1},
    ],
)
async def test_a_field_of_the_wrong_form_is_refused(page: Page, wrong: dict[str, Any]):
    body = {"id": "message-1", "seq": 1, "text": "在吗"} | wrong
    answer = await page.client.post(f"{page.url}/messages", json=body)
    await refused(answer, 422, "BadRequest")
    assert await page.lines() == []


async def test_the_hundred_thousandth_message_is_still_taken(page: Page):
    assert (await page.send("在吗", seq=100_000)).status_code == 202


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 20_000, b'{"id":"\\ud800"}']
)
async def test_a_body_that_is_no_message_is_refused(page: Page, body: bytes):
    answer = await page.client.post(
        f"{page.url}/messages", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)


async def test_half_a_surrogate_pair_is_refused_or_taken_out(page: Page, bot: FakeBot):
    body = b'{"id":"message-1","seq":1,"text":"\\ud83d\xe5\xb7\xa5\xe8\xb5\x84"}'
    answer = await page.client.post(
        f"{page.url}/messages", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (202, 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_another_sites_form_can_send_is_refused(page: Page, kind: str, bot: FakeBot):
    body = json.dumps({"id": "message-1", "seq": 1, "text": "在吗"}).encode()
    answer = await page.client.post(
        f"{page.url}/messages", content=body, headers={"content-type": kind}
    )
    await refused(answer, 422, "BadRequest")
    assert not bot.turns


@pytest.mark.parametrize("query", ["after=-1", "after=x", "wait=26", "wait=-1", "wait=nan"])
async def test_a_reader_asks_within_bounds(page: Page, query: str):
    await refused(await page.client.get(f"{page.url}/messages?{query}"), 422, "BadRequest")


async def test_after_the_end_nothing_is_taken_in_and_a_sentence_says_so(page: Page, bot: FakeBot):
    await page.send("老板拖欠工资")
    await page.hears("收到:老板拖欠工资")
    ended = await page.client.post(f"{page.url}/close", json={})
    assert ended.json() == {"status": "closed"}
    answer = await page.send("还有一件事")
    await refused(answer, 409, "ConversationClosed")
    assert "结束" in answer.json()["error"] and "12348" in answer.json()["error"]
    assert bot.texts == ["老板拖欠工资"]
    assert (await page.about())["status"] == "closed"
    assert page.reference in (await page.lines())[-1]["text"]


async def test_after_the_end_a_new_conversation_may_begin(page: Page):
    await page.client.post(f"{page.url}/close", json={})
    again = await page.client.post(API, json={"consent": True})
    assert again.status_code == 201 and again.json()["id"] != page.id


async def test_two_hundred_messages_in_a_second_are_slowed_down_and_nothing_accepted_is_lost(
    page: Page, bot: FakeBot, parts: Parts, clock: FakeClock
):
    async def send(n: int) -> tuple[int, httpx.Response]:
        body = {"id": f"message-{n}", "seq": n, "text": f"第{n}句"}
        return n, await page.client.post(f"{page.url}/messages", json=body)

    answers = await asyncio.gather(*(send(n) for n in range(1, 201)))
    accepted = {n for n, answer in answers if answer.status_code == 202}
    slowed = [answer for _, answer in answers if answer.status_code == 429]
    assert 1 <= len(accepted) <= 21 and len(accepted) + len(slowed) == 200
    assert slowed[0].json()["code"] == "TooFast"
    await clock.pass_by(4)  # those between them were refused: nobody waits for them for long
    await until(lambda: len(bot.texts) == len(accepted))
    assert set(bot.texts) == {f"第{n}句" for n in accepted}
    async with parts.db.read() as s:
        kept = await s.scalar(select(func.count()).where(Message.who == "citizen"))
    assert kept == len(accepted)


# --- danger


async def test_danger_brings_110_first_with_the_bot_dead(page: Page, bot: FakeBot, parts: Parts):
    bot.mode = "dead"
    await page.send("我老公正在打我,救命")
    _, first = (await page.lines())[:2]
    assert first["who"] == "system" and first["extra"]["kind"] == "emergency"
    assert "110" in first["text"]

    async def alarmed() -> bool:
        ticket = (await page.about())["ticket"]
        return bool(ticket) and ticket["destination"] == "emergency_110"

    await until(alarmed)


async def test_a_person_is_called_for_the_citizen_with_the_bot_dead(
    page: Page, bot: FakeBot, parts: Parts
):
    bot.mode = "dead"
    await page.send("老板拖欠工资")
    await page.send("转人工")

    async def called() -> bool:
        ticket = (await page.about())["ticket"]
        return bool(ticket) and ticket["destination"] == "duty_lawyer"

    await until(called)


async def test_words_of_a_citizen_are_not_in_the_database_file(page: Page, parts: Parts, settings):
    await page.send("很特别的秘密八九七")
    await page.hears("收到:很特别的秘密八九七")
    if parts.db.is_sqlite:
        stored = b"".join(
            path.read_bytes() for path in settings.STATE_DIR.iterdir() if path.is_file()
        )
        assert "很特别的秘密".encode() not in stored


async def test_a_conversation_marked_closed_elsewhere_is_closed_here(page: Page, parts: Parts):
    async with parts.db.write() as s:
        await s.execute(update(Conversation).values(status="closed"))
    await refused(await page.send("在吗"), 409, "ConversationClosed")


async def test_a_region_without_law_is_refused_at_the_door(client: httpx.AsyncClient):
    body = {"consent": True, "region": "110101"}  # no screening would ever get through
    await refused(await client.post(API, json=body), 422, "BadRequest")


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"[" * 50_000], ids=["bytes", "nested"])
async def test_a_body_that_cannot_be_read_is_refused_in_words(page: Page, content: bytes):
    json_type = {"Content-Type": "application/json"}
    answer = await page.client.post(f"{page.url}/messages", content=content, headers=json_type)
    assert answer.status_code in (400, 422) and answer.json()["code"] == "BadRequest"


async def test_a_method_that_is_not_there_is_refused_in_words(page: Page):
    await refused(await page.client.put(page.url), 405, "WrongMethod")


async def test_no_cache_keeps_what_was_said(page: Page):
    for url in (page.url, f"{page.url}/messages", f"{API}/0"):
        headers = (await page.client.get(url)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("what", ["lines", "events"])
async def test_a_place_beyond_all_lines_is_refused(page: Page, what: str):
    url = f"/chat/{page.id}/{what}"
    await refused(await page.client.get(url, params={"after": "9" * 40}), 422, "BadRequest")


async def learning(page: Page, parts: Parts) -> bool:
    async with parts.db.read() as s:
        return (await s.get(Conversation, page.id)).learning_at is not None


async def test_the_machine_learns_only_from_whom_it_asked_and_who_said_yes(
    page: Page, parts: Parts, client: httpx.AsyncClient
):
    assert not await learning(page, parts)  # the service's consent is not this one
    for agreed in (True, False):
        answer = await client.post(f"{page.url}/learning", json={"agreed": agreed})
        assert answer.json() == {"agreed": agreed}
        assert await learning(page, parts) is agreed


async def test_who_says_yes_at_the_start_is_asked_no_more(client: httpx.AsyncClient, parts: Parts):
    opened = await client.post(API, json={"consent": True, "learning": True})
    assert await learning(Page(client, opened.json()), parts)


async def test_learning_alone_opens_no_conversation(client: httpx.AsyncClient):
    body = {"consent": False, "learning": True}
    await refused(await client.post(API, json=body), 422, "ConsentNeeded")


@pytest.mark.parametrize("body", [{}, {"agreed": "yes"}, {"agreed": None}, {"agreed": 1}])
async def test_only_a_plain_yes_or_no_counts(page: Page, parts: Parts, body: dict[str, Any]):
    answer = await page.client.post(f"{page.url}/learning", json=body)
    await refused(answer, 422, "BadRequest")
    assert not await learning(page, parts)


async def test_nobody_else_may_say_it_for_the_citizen(
    page: Page, parts: Parts, client: httpx.AsyncClient
):
    client.cookies.clear()
    answer = await client.post(f"{page.url}/learning", json={"agreed": True})
    assert answer.status_code == 401
    assert not await learning(page, parts)


async def test_after_the_end_the_word_can_still_be_given_and_taken_back(page: Page, parts: Parts):
    await page.client.post(f"{page.url}/close", json={})
    for agreed in (True, False):
        await page.client.post(f"{page.url}/learning", json={"agreed": agreed})
        assert await learning(page, parts) is agreed
