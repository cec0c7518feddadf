"""Manners of the talk: which of several, what else, letters by accident, a number and no more."""

from actions import talk
from actions.exchange import SHORT
from actions.memory import Memory
from tests.actions.desk import DECIDED, Desk, decided, told, wage_case, wants


async def test_a_yes_to_several_places_asks_which() -> None:
    desk, memory, _ = await decided()
    reply = await told(desk, memory, "嗯")
    assert desk.posts("tickets") == [] and memory.offered
    assert "哪" in reply.text and len(reply.buttons) == 3


async def test_a_yes_to_the_only_place_takes_it() -> None:
    one = {**DECIDED, "destinations": DECIDED["destinations"][:1]}
    desk, memory = Desk(one), Memory()
    await told(desk, memory, "楼上漏水不修", "neighbour_property")
    await told(desk, memory, "嗯")
    assert [post["destination"] for post in desk.posts("tickets")] == ["mediation"]


async def test_another_trouble_after_the_decision_asks_which_first() -> None:
    desk, memory, _ = await decided()
    reply = await told(desk, memory, "对了，包工头拖欠我三个月工资不给", "labour_pay")
    assert "先办哪" in reply.text and memory.label == "neighbour_property"
    reply = await told(desk, memory, "先办工资的")
    assert memory.label == "labour_pay" and memory.shelf
    assert memory.details["other_matter"] == "neighbour_property"


async def test_a_detail_of_the_same_trouble_after_the_decision_is_only_noted() -> None:
    desk, memory, _ = await decided()
    await told(desk, memory, "对了，他还说过些难听的话", "reputation_privacy")
    assert memory.shelf is None and memory.label == "neighbour_property"


async def test_letters_by_accident_are_no_answer_and_cost_no_patience() -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    for _ in range(5):
        reply = await told(desk, memory, "asdfgh")
        assert "没看懂" in reply.text and "律师" in reply.text
    assert memory.times_asked == 1 and "lawyer" not in memory.facts
    await told(desk, memory, "没请律师")
    assert memory.facts["lawyer"] is False


async def test_nothing_is_guessed_of_somebody_who_cannot_choose() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "钱的事弄不清楚了", ["debt", "contract"])
    assert memory.choosing
    reply = await told(desk, memory, "不知道")
    assert memory.label is None and reply.buttons[0]["payload"] == "转人工"


async def test_who_only_wanted_a_number_is_asked_nothing() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(desk, memory, "妇联电话是多少")
    assert "12338" in reply.text and "？" not in reply.text and memory.asked is None


async def test_why_is_answered_after_the_question_too() -> None:
    desk = Desk(wants("lawyer"), DECIDED)
    memory = await wage_case(desk)
    await told(desk, memory, "没请律师")
    reply = await told(desk, memory, "为什么问这个")
    assert "法律援助法第24" in reply.text


async def test_saying_that_no_lawyer_was_found_is_no_call_for_a_person() -> None:
    desk = Desk(wants("lawyer"), wants("household_size"))
    memory = await wage_case(desk)
    await told(desk, memory, "没找律师", intent="ask_human")
    assert desk.posts("tickets") == [] and memory.facts["lawyer"] is False
    await told(desk, memory, "没有，给我转人工", intent="ask_human")
    assert len(desk.posts("tickets")) == 1


async def test_an_alarm_of_the_model_alone_costs_one_question() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(desk, memory, "半夜警察来过了", "criminal", intent="in_danger")
    assert "安全吗" in reply.text
    reply = await told(desk, memory, "我儿子的事我着急", "criminal")
    assert "安全吗" not in reply.text


async def test_a_reference_in_the_words_is_the_one_looked_up() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "查进度，编号jy-2222-3333")
    assert desk.posts("status")[0]["reference"] == "JY-2222-3333"


async def test_a_long_answer_goes_under_details_and_its_question_stays() -> None:
    reply = talk.Reply("一句话。" * 40 + "您看想怎么办？")
    reply.shorten()
    assert len(reply.text) <= SHORT and reply.text.endswith("您看想怎么办？")
    assert reply.custom == {"kind": "more", "detail": "一句话。" * 40}
