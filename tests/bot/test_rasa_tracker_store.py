"""The store of the dialogue: a restart forgets nothing, a dead database is never hidden."""

import asyncio
import os

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from bot.components.tracker_store import CaseTrackerStore, cases

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [tell, answer]
actions: [action_turn]
slots:
  asked: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  facts: {type: any, influence_conversation: false, mappings: [{type: custom}]}
"""
)
KEY = bytes(range(32))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/bot.db"


def store_at(url, key=KEY):
    return CaseTrackerStore(domain=DOMAIN, db=url, key=key)


def turn(tracker, number):
    message = f"第{number}句：老板欠我工资"
    tracker.update_with_events(
        [
            UserUttered(message, {"name": "tell"}, metadata={"message_id": f"m{number}"}),
            ActionExecuted("action_turn"),
            BotUttered(f"答{number}"),
            SlotSet("asked", f"问{number}"),
            ActionExecuted("action_listen"),
        ],
        DOMAIN,
    )


async def talk(store, sender, turns):
    for number in range(turns):
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        if number == 0:
            tracker.update(SlotSet("facts", {"amount": 35000}), DOMAIN)
        turn(tracker, number)
        await store.save(tracker)
    return tracker


def size_of_row(url, sender):
    with sa.create_engine(url).connect() as connection:
        wanted = sa.select(cases.c.state).where(cases.c.sender_id == sender)
        return len(connection.execute(wanted).scalar_one())


def test_after_a_restart_slots_and_the_last_turn_are_there(url):
    asyncio.run(talk(store_at(url), "a-1", 5))
    tracker = asyncio.run(store_at(url).retrieve("a-1"))
    assert tracker.get_slot("facts") == {"amount": 35000}
    assert tracker.get_slot("asked") == "问4"
    assert tracker.latest_message.metadata == {"message_id": "m4"}
    assert tracker.latest_action_name == "action_listen"
    assert [e.text for e in tracker.events if isinstance(e, BotUttered)][-1] == "答4"


def test_the_thousandth_turn_stores_and_reads_no_more_than_the_tenth(url):
    store = store_at(url)
    tenth = asyncio.run(talk(store, "short", 10))
    late = asyncio.run(talk(store, "long", 400))
    assert len(late.events) == len(tenth.events)
    assert size_of_row(url, "long") <= 1.05 * size_of_row(url, "short")  # longer numbers only


def test_nothing_of_a_case_lies_in_the_file_in_plain_words(url, tmp_path):
    asyncio.run(talk(store_at(url), "a-1", 3))
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in ("老板", "35000", "message_id", "asked"):
        assert word.encode() not in stored
        assert word.encode("unicode_escape") not in stored


def test_a_row_put_under_another_case_does_not_open(url):
    store = store_at(url)
    asyncio.run(talk(store, "a-1", 1))
    with sa.create_engine(url).begin() as connection:
        connection.execute(cases.update().values(sender_id="b-1"))
    with pytest.raises(InvalidTag):
        asyncio.run(store.retrieve("b-1"))


def test_another_key_opens_nothing(url):
    asyncio.run(talk(store_at(url), "a-1", 1))
    with pytest.raises(InvalidTag):
        asyncio.run(store_at(url, key=bytes(32)).retrieve("a-1"))


def test_looking_at_an_unknown_sender_leaves_no_row(url):
    store = store_at(url)
    asyncio.run(store.get_or_create_full_tracker("nobody"))
    assert list(asyncio.run(store.keys())) == []


def test_rasa_does_not_put_its_forgetful_wrapper_around_the_store(url):
    store = store_at(url)
    assert Agent._create_tracker_store(store, DOMAIN) is store


def test_a_dead_database_fails_the_turn(tmp_path):
    folder = tmp_path / "db"
    folder.mkdir()
    store = store_at(f"sqlite:///{folder}/bot.db")
    tracker = asyncio.run(talk(store, "a-1", 1))
    store._engine.dispose()
    for path in folder.iterdir():
        path.unlink()
    os.rmdir(folder)
    served = Agent._create_tracker_store(store, DOMAIN)
    with pytest.raises(sa.exc.OperationalError):
        asyncio.run(served.retrieve("a-1"))
    with pytest.raises(sa.exc.OperationalError):
        asyncio.run(served.save(tracker))


def test_a_slot_that_an_upgrade_took_away_does_no_harm(url):
    asyncio.run(talk(store_at(url), "a-1", 2))
    smaller = Domain.from_yaml('version: "3.1"\nintents: [tell]\nactions: [action_turn]')
    store = CaseTrackerStore(domain=smaller, db=url, key=KEY)
    assert asyncio.run(store.retrieve("a-1")).latest_message.metadata == {"message_id": "m1"}


@pytest.mark.parametrize("key", ["", "short", "AAAA"])
def test_a_bad_key_is_named(monkeypatch, url, key):
    monkeypatch.setenv("BOT_DATA_KEY", key)
    with pytest.raises(RuntimeError, match="BOT_DATA_KEY"):
        CaseTrackerStore(domain=DOMAIN, db=url)


def test_another_key_is_noticed_before_anybody_is_answered(url):
    assert store_at(url, key=bytes(32)).opens_what_is_kept()  # nothing there yet
    asyncio.run(talk(store_at(url), "c-1", 1))
    assert store_at(url).opens_what_is_kept()
    assert not store_at(url, key=bytes(32)).opens_what_is_kept()
