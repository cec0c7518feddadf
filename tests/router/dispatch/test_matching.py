"""Who is asked: urgency, field, language, post, ring, reserve, conflict, acquaintance."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from router.dispatch import openings, strategies
from router.dispatch.keys import Ring, Wish, keys_of, places, wishes
from router.dispatch.rules import Queues, Rules, stage
from router.dispatch.strategies.candidate import Candidate
from router.lawyers.models import Lawyer
from router.names import name_indices
from router.tickets.urgency import Urgency
from tests import factories
from tests.router.dispatch.conftest import Room

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
async def widening(db, clock, settings):
    """A queue that asks the city after 30 s, the province after 90, the nation after 180."""
    rules = Rules(city=30, province=90, nation=180, reserve=60, strategy="same_lawyer")
    room = Room(db, clock, settings, Queues({"duty_lawyer": rules}))
    yield room
    await room.close()


async def busy(room: Room, **given) -> Lawyer:
    """Somebody on duty who has no room."""
    return await room.lawyer("忙律师", capacity=0, **given)


# Rings


@pytest.mark.parametrize(("region", "after"), [("990102", 30), ("990201", 90), ("110101", 180)])
async def test_a_lawyer_farther_away_is_asked_from_the_second_on_that_the_ring_widens(
    widening, region, after
):
    room = widening
    await busy(room)  # the county has its lawyer, so the ticket waits for them first
    far = await room.lawyer("外地律师", region=region)
    ticket = await room.ticket()
    await room.dispatch.drain()
    await room.later(timedelta(seconds=after) - SECOND)
    assert await room.asked(ticket) is None
    await room.later(SECOND)
    assert await room.asked(ticket) == far.id


async def test_where_nobody_is_on_duty_so_near_the_next_ring_is_asked_at_once(widening):
    far = await widening.lawyer("外地律师", region="110101")
    ticket = await widening.ticket()
    await widening.dispatch.drain()
    assert await widening.asked(ticket) == far.id


async def test_the_near_go_before_the_far_however_idle_these_are(widening):
    await widening.lawyer("邻县律师", region="990102", idle_since=widening.clock.now() - MINUTE)
    near = await widening.lawyer("本县律师")
    ticket = await widening.ticket(created_at=widening.clock.now() - MINUTE)
    await widening.dispatch.drain()
    assert await widening.asked(ticket) == near.id


async def test_a_freed_lawyer_gets_what_waits_within_their_ring_only(widening):
    room = widening
    for region in ("110101", "990101"):
        await busy(room, region=region)
    far = await room.ticket(region="110101")
    await room.clock.advance(SECOND)
    near = await room.ticket()
    await room.dispatch.drain()
    wang = await room.lawyer(on_duty=False, capacity=1)
    await room.dispatch.duty(wang.id, on=True)
    assert await room.asked(near) == wang.id and await room.asked(far) is None


def test_a_clock_put_back_makes_no_ticket_look_nearer_than_its_county():
    assert stage(Rules(), Urgency.ORDINARY, -timedelta(hours=1)).ring == Ring.LOCAL


# Reserve


async def test_the_reserve_is_asked_after_the_duty_team_had_its_time(widening):
    room = widening
    await busy(room)
    reserve = await room.lawyer("后备律师", tier="reserve")
    ticket = await room.ticket()
    await room.dispatch.drain()
    await room.later(59 * SECOND)
    assert await room.asked(ticket) is None
    await room.later(SECOND)
    assert await room.asked(ticket) == reserve.id


async def test_with_nobody_of_the_duty_team_on_duty_the_reserve_is_asked_at_once(widening):
    reserve = await widening.lawyer("后备律师", tier="reserve")
    ticket = await widening.ticket()
    await widening.dispatch.drain()
    assert await widening.asked(ticket) == reserve.id


async def test_the_duty_team_goes_before_the_reserve_however_idle_that_is(room):
    await room.lawyer("后备律师", tier="reserve", idle_since=room.clock.now() - MINUTE)
    duty = await room.lawyer("值班律师")
    ticket = await room.ticket(created_at=room.clock.now() - MINUTE)
    await room.dispatch.drain()
    assert await room.asked(ticket) == duty.id


# Field, language, post


async def test_who_speaks_the_dialect_is_asked_and_without_them_anybody(room):
    await room.lawyer("北方律师", idle_since=room.clock.now() - MINUTE)
    cantonese = await room.lawyer("粤语律师", languages=["粤语"], capacity=1)
    ticket = await room.ticket(language="粤语")
    await room.dispatch.drain()
    assert await room.asked(ticket) == cantonese.id
    other = await room.ticket(language="闽南话")
    await room.dispatch.drain()
    assert await room.asked(other) is not None, "普通话 is understood"


async def test_a_busy_lawyer_of_the_field_is_waited_for(room):
    family = await room.lawyer("家事律师", fields=["marriage"])
    labour = await room.lawyer("劳动律师", fields=["labour_pay"], capacity=1)
    first = await room.owned_by(labour)
    wages = await room.ticket(matter="labour_pay")
    await room.dispatch.drain()
    assert await room.asked(wages) is None and (await room.one(family)).load == 0
    await room.dispatch.close(first.id, labour.id, "answered")
    assert await room.asked(wages) == labour.id


async def test_a_freed_lawyer_walks_past_what_is_not_of_their_field(room):
    family = await room.lawyer("家事律师", fields=["marriage"], capacity=1)
    await busy(room, fields=["labour_pay"])
    held = await room.owned_by(family)
    for _ in range(3):
        await room.ticket(matter="labour_pay")
        await room.clock.advance(SECOND)
    divorce = await room.ticket(matter="marriage")
    await room.dispatch.drain()
    assert await room.asked(divorce) is None
    await room.dispatch.close(held.id, family.id, "answered")
    assert await room.asked(divorce) == family.id


async def test_who_answers_the_hotline_alone_is_not_asked_for_a_chat(room):
    await room.lawyer("热线律师", posts=["hotline"])
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert await room.asked(ticket) is None
    both = await room.lawyer("两处律师", posts=["window", "web"], on_duty=False)
    await room.dispatch.duty(both.id, on=True)
    assert await room.asked(ticket) == both.id


async def test_what_a_citizen_was_kept_from_by_their_other_ticket_is_offered_once_that_ends(room):
    waits = await room.ticket(post="hotline")
    await room.dispatch.drain()
    of_chats = await room.lawyer("网上律师", posts=["web"])
    other = await room.ticket(waits.conversation_id)
    await room.dispatch.drain()
    assert await room.asked(other) == of_chats.id
    on_the_line = await room.lawyer("热线律师", posts=["hotline"], on_duty=False)
    await room.dispatch.duty(on_the_line.id, on=True)
    assert await room.asked(waits) is None, "one person per citizen"
    await room.dispatch.close(other.id, (await room.boss()).id, "withdrawn")
    assert await room.asked(waits) == on_the_line.id


async def test_in_danger_anybody_at_all_is_asked(widening):
    room = widening
    await busy(room)
    last = await room.lawyer(
        "远方后备", region="110101", tier="reserve", posts=["hotline"], fields=["maritime"]
    )
    ticket = await room.ticket(urgency=Urgency.DANGER, matter="marriage")
    await room.dispatch.drain()
    assert await room.asked(ticket) == last.id


@pytest.mark.parametrize("lawyer_fields", [[], ["debt"], ["debt", "housing"]])
@pytest.mark.parametrize("posts", [[], ["web"], ["hotline", "web"], ["hotline"]])
@pytest.mark.parametrize("languages", [[], ["粤语"]])
@pytest.mark.parametrize("tier", ["duty", "reserve"])
def test_the_index_and_the_rule_agree_on_who_meets_a_wish(lawyer_fields, posts, languages, tier):
    lawyer = Lawyer(
        id="1", region="990101", fields=lawyer_fields, posts=posts, languages=languages, tier=tier
    )
    for field in (None, "debt", "marriage"):
        for language in (None, "粤语"):
            for wish in [*wishes("web", field, language, reserve=True), Wish()]:
                assert bool({*wish.keys()} & {*keys_of(lawyer)}) == wish.met_by(lawyer)
                assert Wish.of(str(wish)) == wish


def test_a_lawyer_stands_in_their_county_city_province_and_the_nation():
    assert places("990101") == ["990101", "9901", "99", ""]


# Acquaintance


async def test_a_returning_citizen_meets_the_same_lawyer_when_free(room):
    wang = await room.lawyer("王律师")
    first = await room.owned_by(wang)
    await room.dispatch.close(first.id, wang.id, "answered")
    await room.lawyer("闲律师", idle_since=room.clock.now() - MINUTE)
    again = await room.ticket(first.conversation_id)
    await room.dispatch.drain()
    assert await room.asked(again) == wang.id


async def test_and_another_when_theirs_is_busy(room):
    wang = await room.lawyer("王律师", capacity=1)
    first = await room.owned_by(wang)
    await room.dispatch.close(first.id, wang.id, "answered")
    await room.owned_by(wang)
    li = await room.lawyer("李律师")
    again = await room.ticket(first.conversation_id)
    await room.dispatch.drain()
    assert await room.asked(again) == li.id


# Conflict of interest


async def against(room: Room, name: str, **given):
    return await room.ticket(opponent_index=name_indices(name)[0], **given)


async def test_a_firms_client_is_never_the_other_party_of_its_lawyers(room):
    wang = await room.lawyer("王律师", idle_since=room.clock.now() - MINUTE)
    li = await room.lawyer("李律师")
    await factories.client(room.db, "某某建筑有限公司", firm_id=wang.firm_id)
    ticket = await against(room, "某某建筑有限责任公司")
    await room.dispatch.drain()
    assert await room.asked(ticket) == li.id
    moves = [(e.move, e.data) for e in await room.history(ticket)]
    assert moves[0] == ("excluded", {"firms": [wang.firm_id], "lawyers": []})
    assert moves[1][0] == "offered", "recorded before anybody was asked"


async def test_a_lawyers_earlier_case_bars_them_and_not_their_colleagues(room):
    wang = await room.lawyer("王律师", idle_since=room.clock.now() - MINUTE)
    colleague = await room.lawyer("同所律师", firm_id=wang.firm_id)
    await factories.client(room.db, "张三", lawyer_id=wang.id)
    ticket = await against(room, "张三")
    await room.dispatch.drain()
    assert await room.asked(ticket) == colleague.id


async def test_even_in_danger_and_alone_on_duty_and_newly_freed(room):
    wang = await room.lawyer("王律师", capacity=1)
    await factories.client(room.db, "张三", firm_id=wang.firm_id)
    ticket = await against(room, "张三", urgency=Urgency.DANGER)
    held = await room.owned_by(wang)
    await room.dispatch.drain()
    await room.dispatch.close(held.id, wang.id, "answered")
    assert await room.asked(ticket) is None
    assert (await room.one(ticket)).alarmed_at is not None
    excluded = [e for e in await room.history(ticket) if e.move == "excluded"]
    assert len(excluded) == 1, "told once, not at every look"


async def test_who_says_that_they_have_an_interest_is_never_asked_again(room):
    wang = await room.lawyer("王律师")
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, wang.id, "和当事人或对方有利害关系")
    await room.later(10 * room.settings.OFFER_PAUSE)
    assert await room.asked(ticket) is None
    await room.dispatch.duty(wang.id, on=False)
    await room.dispatch.duty(wang.id, on=True)
    assert await room.asked(ticket) is None
    declined = next(e for e in await room.history(ticket) if e.move == "declined")
    assert declined.data["reason"] == "interest"


# Order


async def test_urgency_classes_go_in_their_order_and_the_oldest_first_within(room):
    order = []
    for urgency in reversed(Urgency):
        for _ in range(2):
            order.append(await room.ticket(urgency=urgency))
            await room.clock.advance(SECOND)
    order.sort(key=lambda t: (t.urgency, t.created_at))
    await room.dispatch.drain()
    wang = await room.lawyer(on_duty=False, capacity=1)
    await room.dispatch.duty(wang.id, on=True)
    for expected in order:
        offer = await room.pending(expected)
        assert offer, "the wrong one was offered"
        await room.dispatch.accept(offer.id, wang.id)
        await room.dispatch.close(expected.id, wang.id, "answered")


async def test_a_newcomer_does_not_overtake_who_waits_for_the_same_lawyer(room):
    """A process died between freeing the lawyer and serving who waited."""
    wang = await room.lawyer(on_duty=False, capacity=1)
    old = await room.ticket()
    await room.dispatch.drain()
    async with room.db.write() as s:
        row = await s.get(Lawyer, wang.id)
        row.on_duty = True
        await s.flush()
        await openings.put(s, [row])
    await room.clock.advance(SECOND)
    young = await room.ticket()
    await room.dispatch.offer(young.id)
    assert await room.asked(old) == wang.id and await room.asked(young) is None


# Strategies


def candidate(name: str, idle_minutes: int, **given) -> Candidate:
    from datetime import UTC, datetime

    since = datetime(2026, 3, 2, tzinfo=UTC) - idle_minutes * MINUTE
    return Candidate(name, since, **given)


@pytest.mark.parametrize(
    ("strategy", "chosen"),
    [("longest_idle", "idle"), ("same_lawyer", "known"), ("least_busy", "empty")],
)
def test_each_strategy_has_its_own_first(strategy, chosen):
    pool = [
        candidate("idle", 9, load=2, capacity=3),
        candidate("known", 1, known=True, load=2, capacity=3),
        candidate("empty", 5, load=0, capacity=3),
        candidate("asked", 99, asked=1, load=0, capacity=9, known=True),
    ]
    assert strategies.choose(strategy, pool).lawyer_id == chosen


@pytest.mark.parametrize(
    ("strategy", "asked"),
    [("longest_idle", "闲律师"), ("least_busy", "空律师"), ("same_lawyer", "熟律师")],
)
async def test_each_queue_asks_by_the_strategy_that_its_file_names(
    db, clock, settings, strategy, asked
):
    room = Room(db, clock, settings, Queues({"duty_lawyer": Rules(strategy=strategy)}))
    long_ago = clock.now() - 9 * MINUTE
    known, idle = await room.lawyer("熟律师", capacity=4), await room.lawyer("闲律师", capacity=4)
    first = await room.owned_by(known)
    await room.dispatch.close(first.id, known.id, "answered")
    for one in (known, idle):
        await room.owned_by(one)
    await room.lawyer("空律师", capacity=4)
    async with db.write() as s:
        row = await s.get(Lawyer, idle.id)
        row.idle_since = long_ago
        await s.flush()
        await openings.put(s, [row])
    ticket = await room.ticket(first.conversation_id)
    await room.dispatch.offer(ticket.id)
    who = await room.one(Lawyer(id=await room.asked(ticket)))
    await room.close()
    assert who.name == asked


def test_a_queue_cannot_name_a_strategy_that_is_not_there():
    assert Rules(strategy="longest_idle")
    with pytest.raises(ValidationError):
        Rules(strategy="my_friends_first")


def test_every_strategy_finds_nobody_among_nobody():
    assert all(strategies.choose(name, []) is None for name in strategies.NAMES)
