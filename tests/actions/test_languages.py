"""What the citizen speaks reaches the router, so that a lawyer who speaks it is asked first."""

import pytest

from actions import languages
from actions.memory import Memory
from tests.actions.desk import Desk, told, wants


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("我只会说粤语", "粤语"),
        ("我妈只会讲白话，听不懂别的", "粤语"),
        ("有没有会说维吾尔语的律师", "维吾尔语"),
        ("能不能用藏语跟我讲", "藏语"),
        ("我不会普通话，平时说客家话", "客家话"),
        ("我是聋人，只会手语", "手语"),
        ("老板拖欠我的工资", None),
        ("老板只会讲广东话", None),
        ("他们村都说闽南话", None),
        ("我在粤语培训班交了学费不退", None),
    ],
)
def test_what_is_said_of_a_language_outright(text: str, spoken: str | None) -> None:
    assert languages.said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("老细冇俾人工我，佢话下个月先有", "粤语"),
        ("我哋嘅工资到而家都未出", "粤语"),
        ("خوجايىن مائاشىمنى بەرمىدى", "维吾尔语"),
        ("བདག་གི་གླ་ཕོགས་མ་སྤྲད།", "藏语"),
        ("월급을 못 받았어요", "朝鲜语"),
        ("老板冇发工资", None),
        ("这关系到我的合同", None),
        ("他睇不起我", None),
    ],
)
def test_how_somebody_writes_tells_what_they_speak(text: str, spoken: str | None) -> None:
    assert languages.written(text) == spoken


async def test_it_is_told_with_the_case() -> None:
    desk = Desk(wants("lawyer"))
    await told(desk, Memory(), "我只会说粤语，厂里欠我四个月工资", "labour_pay")
    assert desk.posts("screenings")[-1]["details"]["language"] == "粤语"


async def test_who_asks_for_a_person_first_thing_is_asked_for_in_their_language() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我只会说维语")
    await told(desk, memory, "转人工", message_id="m2")
    (ticket,) = desk.posts("tickets")
    assert ticket["language"] == "维吾尔语"


async def test_what_was_said_outright_stays_whatever_is_written_later() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我只会说客家话")
    await told(desk, memory, "佢冇俾钱我嘅", message_id="m2")
    assert memory.details["language"] == "客家话"


async def test_plain_words_tell_of_no_language_and_the_ticket_says_none() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "转人工")
    (ticket,) = desk.posts("tickets")
    assert "language" not in ticket
