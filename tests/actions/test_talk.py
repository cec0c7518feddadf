"""One turn: manners, danger, choices, a router that fails."""

import pytest

from actions import talk
from actions.exchange import SHORT
from actions.memory import Memory
from tests.actions.desk import DECIDED, Desk, decided, told, wage_case, wants
from tests.actions.understanding import hear


async def test_a_question_back_is_answered_and_the_question_put_again() -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    for text, word in [("为什么问这个", "法律援助法"), ("你们收费吗", "不收费"), ("你们几点上班",
    "排班"),
                       ("你是谁", "自动助手"), ("快点行不行", "尽快"), ("谢谢",
                       "不客气")]:  # fmt: skip
        reply = await told(desk, memory, text)
        assert word in reply.text and "律师" in reply.text
        assert reply.text.count("？") == 1 and len(reply.text) <= SHORT
        assert memory.asked == "lawyer"
    assert memory.times_asked == 1, "a digression is no refusal to answer"


async def test_a_person_comes_at_once_when_asked_for() -> None:
    desk = Desk(wants("lawyer"))
    reply = await told(desk, Memory(), "转人工")
    assert reply.text == "已经登记。"
    (ticket,) = desk.posts("tickets")
    assert (ticket["destination"], ticket["message_id"]) == ("duty_lawyer", "m1")


async def test_asking_for_a_person_twice_says_where_it_stands() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "转人工")
    reply = await told(desk, memory, "转人工", message_id="m2")
    assert reply.text == "正在办。" and len(desk.posts("tickets")) == 1


async def test_not_knowing_is_null_and_is_not_asked_again() -> None:
    desk = Desk(wants("lawyer"), wants("household_size"))
    memory = await wage_case(desk)
    reply = await told(desk, memory, "不知道")
    assert desk.posts("screenings")[-1]["facts"]["lawyer"] is None
    assert "几口人" in reply.text


async def test_the_same_question_is_put_three_times_and_then_left_open() -> None:
    desk = Desk(wants("lawyer"), wants("lawyer"), wants("lawyer"), wants("income_pc"))
    memory = await wage_case(desk)
    for text in ["厂子在城东", "老板姓王", "一共一百多号人"]:
        reply = await told(desk, memory, text, "labour_pay")
    assert memory.facts["lawyer"] is None and "几口人" in reply.text


async def test_income_is_asked_as_heads_and_household_money() -> None:
    desk = Desk(wants("income_pc"))
    memory = Memory()
    reply = await told(desk, memory, "厂里欠我四个月工资", "labour_pay")
    assert "几口人" in reply.text
    reply = await told(desk, memory, "四口人")
    assert "全家" in reply.text
    await told(desk, memory, "一年三万六")
    facts = desk.posts("screenings")[-1]["facts"]
    assert (facts["household_size"], facts["household_income"]) == (4, 3000)


async def test_a_correction_wins_and_is_confirmed() -> None:
    desk = Desk(wants("household_size"))
    memory = Memory()
    await told(desk, memory, "超市欠我三个月工资，一个月2600", "labour_pay")
    assert memory.facts["amount"] == 7800
    reply = await told(desk, memory, "不是，是两个月", "labour_pay")
    assert memory.details["months"] == 2 and memory.facts["amount"] == 5200
    assert reply.text.startswith("好的，改成")


async def test_an_answer_given_wrongly_is_taken_back() -> None:
    desk = Desk(wants("lawyer"), wants("household_size"), wants("household_income"))
    memory = await wage_case(desk)
    await told(desk, memory, "没请")
    await told(desk, memory, "四口人")
    reply = await told(desk, memory, "不对，是五口人")
    assert memory.facts["household_size"] == 5 and "5口人" in reply.text


async def test_going_back_asks_the_question_before() -> None:
    desk = Desk(wants("lawyer"), wants("household_size"))
    memory = await wage_case(desk)
    await told(desk, memory, "没请")
    reply = await told(desk, memory, "退回上一个")
    assert memory.asked == "lawyer" and "lawyer" not in memory.facts and "律师" in reply.text


async def test_going_back_with_nothing_behind_says_so() -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    reply = await told(desk, memory, "退回上一个")
    assert "没有问题可以退" in reply.text and memory.asked == "lawyer"


async def test_starting_over_forgets_everything() -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    reply = await told(desk, memory, "重新来")
    assert memory.facts == {} and memory.label is None and "遇到了什么事" in reply.text
    assert desk.posts("cases") == []


async def test_abuse_is_met_calmly_once_and_then_with_a_person() -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    assert "我理解" in (await told(desk, memory, "废物")).text
    reply = await told(desk, memory, "滚")
    assert [b["payload"] for b in reply.buttons] == ["转人工"]


@pytest.mark.parametrize("text", ["在", "咨询", "钱的事", "😀😀", "。。。", "……", "   "])
async def test_a_vague_opening_gets_one_kind_question(text: str) -> None:
    reply = await told(Desk(wants("lawyer")), Memory(), text)
    assert reply.text.count("？") == 1 and len(reply.text) < 60


async def test_somebody_who_never_says_what_it_is_gets_a_person() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    for _ in range(4):
        reply = await told(desk, memory, "嗯嗯")
    assert [b["payload"] for b in reply.buttons] == ["转人工"]


async def test_two_likely_matters_are_put_as_a_choice_in_plain_words() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(desk, memory, "别人欠我", ["debt", "contract"])
    assert [b["payload"] for b in reply.buttons] == ["借钱、欠钱", "货款、合同", "都不是"]
    await told(desk, memory, "货款", "contract")
    assert memory.label == "contract" and memory.facts["matter"] == "contract"


async def test_neither_of_the_two_is_heard() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "别人欠我", ["debt", "contract"])
    reply = await told(desk, memory, "都不是")
    assert memory.label is None and reply.text.count("？") == 1


async def test_a_fine_matter_is_asked_with_buttons() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(desk, memory, "我和别人的车碰了", "traffic_accident")
    assert reply.text.endswith("有人受伤吗？") and not desk.asked
    await told(desk, memory, "没伤人，只是车坏了", "traffic_accident")
    assert memory.facts["matter"] == "traffic_property_damage"


async def test_an_answer_does_not_change_what_the_matter_is() -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    await told(desk, memory, "没有", "marriage")
    assert memory.label == "labour_pay"


async def test_a_decision_is_one_message_with_its_places() -> None:
    _, memory, reply = await decided()
    assert reply.custom and reply.custom["kind"] == "decision"
    assert reply.custom["outcome"] == "OUT_OF_SCOPE" and reply.custom["route"] == ["人民调解"]
    assert [b["payload"] for b in reply.buttons] == ["找人民调解", "和值班律师说", "我再想想"]
    assert len(reply.text) <= SHORT and memory.asked is None


REFUSED = {**DECIDED, "outcome": "NOT_MEANS", "summary": "收入超过了标准。"}


async def test_before_a_no_for_the_income_a_status_is_asked_once() -> None:
    desk = Desk(wants("lawyer"), {**REFUSED, "ask_before_no": "groups"}, REFUSED)
    memory = await wage_case(desk)
    reply = await told(desk, memory, "没有请律师")
    assert memory.asked == "groups" and "低保" in str(reply.buttons) and not reply.custom
    reply = await told(desk, memory, "都不是")
    assert desk.posts("screenings")[-1]["facts"]["groups"] == []
    assert memory.asked is None and reply.custom["outcome"] == "NOT_MEANS"


async def test_a_status_that_nobody_knows_is_not_asked_again_before_the_no() -> None:
    desk = Desk(wants("lawyer"), {**REFUSED, "ask_before_no": "groups"})
    memory = await wage_case(desk)
    await told(desk, memory, "没有请律师")
    reply = await told(desk, memory, "不知道")
    assert "groups" not in desk.posts("screenings")[-1]["facts"], "then there is none"
    assert memory.asked is None and reply.custom["outcome"] == "NOT_MEANS"


async def test_a_long_summary_goes_under_details() -> None:
    desk, memory = Desk({**DECIDED, "summary": "很长的说明。" * 40}), Memory()
    reply = await told(desk, memory, "楼上漏水不修", "neighbour_property")
    assert len(reply.text) <= SHORT and reply.custom and len(reply.custom["detail"]) > SHORT


@pytest.mark.parametrize(
    ("text", "place"),
    [("找人民调解", "mediation"), ("调解吧", "mediation"), ("和值班律师说", "duty_lawyer"),
     ("律师", "duty_lawyer"), ("第二个", "duty_lawyer"), ("就第一个", "mediation")],
)  # fmt: skip
async def test_a_place_is_chosen_by_button_or_in_free_words(text: str, place: str) -> None:
    desk, memory, _ = await decided()
    reply = await told(desk, memory, text, message_id="m2")
    assert desk.posts("tickets")[0]["destination"] == place
    assert reply.text == "已经登记。" and memory.reference == "JY-1" and memory.offered is None


@pytest.mark.parametrize("text", ["我再想想", "没有了", "不用了", "调解有用吗", "不要律师"])
async def test_these_words_choose_nothing(text: str) -> None:
    desk, memory, _ = await decided()
    await told(desk, memory, text, message_id="m2")
    assert desk.posts("tickets") == []


async def test_after_the_ticket_new_facts_reach_whoever_takes_over() -> None:
    desk, memory, _ = await decided()
    await told(desk, memory, "找人民调解", message_id="m2")
    reply = await told(
        desk, memory, "大概要四千块修，我有视频", "neighbour_property", message_id="m3"
    )
    assert desk.posts("screenings")[-1]["facts"]["amount"] == 4000
    assert "能看到" in reply.text and len(desk.posts("tickets")) == 1


async def test_an_impossible_fact_is_asked_again() -> None:
    desk = Desk(wants("household_size"), {"error": "不对", "fact": "household_size"})
    memory = Memory()
    await told(desk, memory, "厂里欠我工资", "labour_pay")
    reply = await told(desk, memory, "50口人")
    assert "household_size" not in memory.facts and "几口人" in reply.text


def test_memory_survives_the_way_through_slots() -> None:
    memory = Memory(
        facts={"lawyer": False, "amount": 0.5, "homes": 0, "groups": [], "age": None}, label="debt"
    )
    again = Memory.of(memory.values())
    assert again.facts == memory.facts and again.label == "debt"
    before = memory.values()
    assert again.changes(before) == {}
    again.facts["lawyer"] = True
    del again.facts["homes"]
    assert again.changes(before) == {"lawyer": True, "homes": None}


async def test_no_violence_told_makes_no_violence_case() -> None:
    desk, memory = Desk(wants("violence")), Memory()
    await told(desk, memory, "两个儿子不给赡养费", "support_custody")
    await told(desk, memory, "没人打我，就是不管", "domestic_violence")
    assert memory.label == "support_custody" and memory.facts["violence"] == "none"


async def test_violence_told_later_makes_it_one() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我想跟他离婚", "marriage")
    await told(desk, memory, "我老公喝了酒就打我", "domestic_violence")
    assert memory.label == "domestic_violence" and memory.facts["matter"] == "divorce"
    assert memory.facts["violence"] == "suffered"


async def test_telling_words_of_higher_rank_change_the_fine_matter() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我追小偷让他捅了一刀", "criminal")
    assert memory.facts["role"] == "victim"
    await told(desk, memory, "派出所说见义勇为要我自己去申请", "criminal")
    assert memory.label == "injury_tort"
    assert (memory.facts["matter"], memory.facts["role"]) == ("good_samaritan", "claimant")


async def test_what_was_told_of_the_other_trouble_is_there_when_its_turn_comes() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "楼下烧烤店半夜吵得睡不着", "neighbour_property")
    await told(desk, memory, "另外还有个事，公司欠我年终奖1万2", "labour_pay")
    await told(desk, memory, "年终奖那个我已经离职了，有录音", "labour_pay")
    assert "amount" not in memory.facts and "employed" not in memory.facts
    await told(desk, memory, "先说年终奖吧", "labour_pay")
    assert memory.label == "labour_pay" and memory.details["other_matter"] == "neighbour_property"
    assert memory.facts["amount"] == 12000 and memory.facts["employed"] is False
    assert memory.details["evidence"] == ["录音"]
    await told(desk, memory, "还是先说烧烤店", "neighbour_property")
    assert memory.label == "neighbour_property" and "amount" not in memory.facts


async def test_asking_about_something_vague_is_not_asking_for_advice_only() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "我想咨询一下", intent="only_advice")
    await told(desk, memory, "厂里欠我四个月工资", "labour_pay")
    assert "request" not in memory.facts
    await told(desk, memory, "我就是想问问", intent="only_advice")
    assert memory.facts["request"] == "advice"


def test_a_change_deep_inside_is_a_change() -> None:
    slots = Memory(shelf={"label": "debt", "told": ["一"]}, details={"time": ["昨天"]}).values()
    memory = Memory.of(slots)
    memory.shelf["told"].append("二")  # type: ignore[index]
    memory.details["time"].append("今天")
    assert set(memory.changes(slots)) == {"shelf", "details"}


@pytest.mark.parametrize("fact", ["lawyer", "repeat", "age", "violence", "criminal_stage"])
async def test_no_question_is_put_more_than_three_times(fact: str) -> None:
    desk, memory = Desk(wants(fact)), Memory()
    said = [await told(desk, memory, "楼上漏水不修", "neighbour_property")]
    said += [await told(desk, memory, "吊顶都泡了", "neighbour_property") for _ in range(6)]
    assert memory.asked is None and memory.offered
    assert sum(reply.text.endswith("？") and not reply.custom for reply in said[:4]) <= 3


async def test_a_matter_guessed_from_little_gives_way_to_a_clear_one() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    heard = hear("他们说我是首要分子 就发了几张传单", "reputation_privacy")
    heard.ranking = [("reputation_privacy", 0.57), ("criminal", 0.2)]
    await talk.turn(heard, memory, desk.door)
    assert memory.label == "reputation_privacy"
    await told(desk, memory, "我舅被抓了两个月了 检察院说要起诉", "criminal")
    assert memory.label == "criminal" and memory.facts["role"] == "suspect"


async def test_a_clear_matter_does_not_give_way_to_a_passing_word() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    heard = hear("我老公给人盖房子掉下来，腿断了", "work_injury")
    heard.ranking = [("work_injury", 0.6), ("injury_tort", 0.2)]
    await talk.turn(heard, memory, desk.door)
    await told(desk, memory, "花了四万三，老板只给了一万", "labour_pay")
    assert memory.label == "work_injury"


async def test_who_was_beaten_by_a_stranger_suffered_no_violence_in_the_family() -> None:
    desk, memory = Desk(wants("violence")), Memory()
    reply = await told(desk, memory, "我被人打了，鼻梁骨断了", "injury_tort")
    assert "家里人" in reply.text
    await told(desk, memory, "打我的是邻居老王", "injury_tort")
    assert memory.facts["violence"] == "none"


async def test_words_told_after_the_decision_can_still_settle_the_matter() -> None:
    desk, memory = Desk(DECIDED), Memory()
    reply = await told(desk, memory, "村里把我家的地收了给别人种", "land_demolition")
    assert "哪一种地" in reply.text
    await told(desk, memory, "别的")
    assert memory.facts["request"] == "advice"
    await told(desk, memory, "地是二轮承包的", "land_demolition")
    assert "matter" not in memory.facts, "an answer stands"


@pytest.mark.parametrize("paper", ["有欠条", "欠条也有", "我手里有离婚协议"])
async def test_a_paper_at_hand_after_the_decision_is_no_second_trouble(paper: str) -> None:
    desk, memory, _ = await decided()
    await told(desk, memory, paper, "marriage" if "离婚" in paper else "debt")
    assert memory.shelf is None and memory.choosing is None
    await told(desk, memory, "我还要离婚 老公不管孩子", "marriage")
    assert memory.shelf is not None, "a trouble is one still"


async def test_what_one_lives_on_is_no_wage_at_stake() -> None:
    desk = Desk(wants("lawyer"), wants("income_pc"), wants("income_pc"), DECIDED)
    memory = await wage_case(desk)
    await told(desk, memory, "没有请律师")
    assert memory.asked == "household_size"
    await told(desk, memory, "就我一个人过 一个月两千来块")
    assert memory.facts["household_income"] == 2000 and memory.facts["household_size"] == 1
    assert not {"wage", "rate"} & set(memory.details)
