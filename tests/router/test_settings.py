import base64
import os

import pytest

from router.cli.up import _reached_at
from router.secrets import BadKey, bot_key, data_keys
from router.settings import REQUIRED_IN_PRODUCTION, MissingSettings, Settings


def complete() -> dict[str, str]:
    key = base64.b64encode(os.urandom(32)).decode()
    return {
        "JIEYUAN_ENV": "production", "PUBLIC_URL": "https://fy.example.cn", "REGION": "370000",
        "DATA_KEY": key, "BOT_DATA_KEY": key, "SERVICE_TOKEN": "s", "RASA_TOKEN": "r",
    }  # fmt: skip


def test_a_complete_production_starts():
    Settings(**complete()).refuse_demo_in_production()


@pytest.mark.parametrize("name", REQUIRED_IN_PRODUCTION)
def test_production_names_each_missing_setting(name):
    values = complete()
    del values[name]
    with pytest.raises(MissingSettings, match=name):
        Settings(**values).refuse_demo_in_production()


def test_production_names_all_missing_settings_at_once():
    with pytest.raises(MissingSettings) as refused:
        Settings(JIEYUAN_ENV="production").refuse_demo_in_production()
    assert all(name in str(refused.value) for name in REQUIRED_IN_PRODUCTION)


def test_production_refuses_the_demonstration_county():
    with pytest.raises(MissingSettings, match="REGION"):
        Settings(**{**complete(), "REGION": "990101"}).refuse_demo_in_production()


def test_the_demonstration_needs_no_setting():
    Settings().refuse_demo_in_production()


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_a_data_key_that_is_no_key_is_refused_with_a_sentence(text):
    with pytest.raises(BadKey, match="32"):
        data_keys(Settings(DATA_KEY=text))


def test_rasa_gets_a_key_of_its_own(tmp_path):
    settings = Settings(STATE_DIR=tmp_path)
    assert base64.b64decode(bot_key(settings)) not in data_keys(settings)


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), ("0.5", 0.5), ("PT2M", 120)])
def test_a_span_is_written_in_seconds(monkeypatch, text, seconds):
    monkeypatch.setenv("OFFER_TTL", text)
    assert Settings().OFFER_TTL.total_seconds() == seconds


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)  # fmt: skip
def test_our_own_processes_find_the_router_wherever_it_listens(host, reached):
    assert _reached_at(host) == reached
