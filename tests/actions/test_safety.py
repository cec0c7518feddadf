"""Danger comes first: asked about once, believed, and over when it is over."""

import pytest

from actions import talk
from actions.memory import Memory
from tests.actions.desk import DECIDED, Desk, told, wants
from tests.actions.understanding import hear


async def test_danger_is_asked_about_once_before_anything_else() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(
        desk, memory, "他又打我了", "domestic_violence", danger=["violence_or_threat"]
    )
    assert "您现在安全吗？" in reply.text and not desk.asked
    reply = await told(desk, memory, "我现在安全")
    assert memory.facts["danger"] == "none" and memory.asked == "lawyer"
    await told(desk, memory, "昨天打的", "domestic_violence", danger=["violence_or_threat"])
    assert memory.asked == "lawyer"


async def test_where_somebody_is_safe_now_names_no_matter() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我站在桥上", "other", danger=["suicide"])
    await told(desk, memory, "被人拉下来了,我在派出所,安全了", "criminal")
    assert (memory.label, memory.facts["danger"]) == (None, "none")
    await told(desk, memory, "是包工头欠我两年工钱", "labour_pay")
    assert memory.label == "labour_pay"


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        ("violence_or_threat", "violence_now"),
        ("suicide", "life"),
        ("crime_in_progress", "crime_now"),
    ],
)
async def test_who_is_not_safe_is_screened_as_in_danger(kind: str, fact: str) -> None:
    desk, memory = Desk(DECIDED), Memory()
    await told(desk, memory, "救命", None, danger=[kind])
    await told(desk, memory, "不安全", None)
    assert desk.posts("screenings")[-1]["facts"]["danger"] == fact


async def test_safety_is_never_asked_in_a_circle() -> None:
    desk, memory = Desk(wants("danger")), Memory()
    await told(desk, memory, "孩子在幼儿园摔断了胳膊", "injury_tort")
    for _ in range(5):
        reply = await told(desk, memory, "不知道")
        if memory.asked is None:
            break
    assert memory.facts["danger"] is None and memory.offered and "安全" not in reply.text


async def test_somebody_in_despair_is_asked_whether_they_are_safe_and_told_of_no_dispute() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    text = "我想从楼上跳下去不想活了"
    reply = await told(desk, memory, text, "neighbour_property", danger=["suicide"])
    assert "邻里" not in reply.text and "安全" in reply.text


async def test_silence_after_a_word_of_suicide_is_danger() -> None:
    desk, memory = Desk(DECIDED), Memory()
    await told(desk, memory, "我不想活了", "debt", danger=["suicide"])
    await told(desk, memory, "欠了十一万", "debt")
    await told(desk, memory, "没什么好说的", "debt")
    assert memory.facts["danger"] == "life"


async def test_a_false_alarm_does_not_stop_the_screening() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(
        desk, memory, "网上买的减肥药吃了肝坏了", "food_drug_environment", danger=["suicide"]
    )
    for text in ["住了半个月院花了2万8", "卖家把我拉黑了"]:
        await told(desk, memory, text, "food_drug_environment")
    assert "danger" not in memory.facts and memory.asked == "lawyer"


async def test_a_threat_by_kin_is_a_matter_also_where_the_model_is_in_doubt() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我前夫半夜拿钥匙进我家", ["neighbour_property", "housing"])
    await told(desk, memory, "昨天把我手机砸了 说要弄死我", ["criminal", "injury_tort"],
               danger=["violence_or_threat"])  # fmt: skip
    assert memory.label == "domestic_violence" and memory.facts["violence"] == "suffered"


async def test_an_answer_that_tells_of_danger_is_danger() -> None:
    desk, memory = Desk(DECIDED), Memory()
    await told(desk, memory, "我不想活了", "debt", danger=["suicide"])
    await told(desk, memory, "没人在旁边 我在天台", "debt", danger=["suicide"])
    assert memory.facts["danger"] == "life"
    reply = await told(desk, memory, "我先下来", intent="goodbye")
    assert "再见" not in reply.text


async def heard_by_ear(desk: Desk, memory: Memory, text: str, label: str | None) -> talk.Reply:
    """The model's ear hears danger where no word names it."""
    heard = hear(text, label)
    heard.spans["danger"] = ["suicide"]
    return await talk.turn(heard, memory, desk.door)


async def test_an_alarm_of_the_ear_alone_costs_one_question() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "朋友借钱不还", "debt")
    assert "安全" in (await heard_by_ear(desk, memory, "不想闹僵", "debt")).text
    reply = await told(desk, memory, "他人还在本地", "debt")
    assert "安全" not in reply.text and memory.asked == "lawyer"
    assert "danger" not in memory.facts


async def test_what_the_ear_hears_twice_is_asked_twice_and_the_third_time_believed() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    for text in ("水凉不凉都无所谓了", "都这样了"):
        assert "安全" in (await heard_by_ear(desk, memory, text, None)).text
    await heard_by_ear(desk, memory, "下去就清静了", None)
    assert memory.facts["danger"] == "life"


async def test_who_has_got_away_goes_on_to_the_law() -> None:
    desk, memory = Desk(DECIDED, wants("lawyer")), Memory()
    await told(desk, memory, "我老公正在打我", "domestic_violence", danger=["violence_or_threat"])
    await told(desk, memory, "不安全", "domestic_violence")
    await told(desk, memory, "嗯", "domestic_violence")
    assert memory.facts["danger"] == "violence_now"
    await told(desk, memory, "我跑出来了，在我姐家", "domestic_violence")
    assert (memory.facts["danger"], memory.asked, memory.offered) == ("none", "lawyer", None)


async def test_after_a_word_of_suicide_a_calm_word_does_not_end_the_danger() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我站在桥上", "other", danger=["suicide"])
    await told(desk, memory, "不安全", "other")
    await told(desk, memory, "没事了，我在我姐家", "other")
    assert memory.facts["danger"] == "life"
