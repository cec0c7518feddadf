"""Two routers, one account, kill -9 in the middle: each message has one effect and an answer."""

import os

from bench import wechat
from tests.whole.conftest import databases, free_port


def test_a_router_that_is_killed_loses_and_doubles_no_message(monkeypatch):
    for name in ("STATE_DIR", "MESSAGE_RATE", "BOT_TIMEOUT", "REDIS_URL"):
        monkeypatch.setenv(name, "")  # what the bench sets is put back afterwards
    monkeypatch.delenv("REDIS_URL")
    for name, value in {"TURN_LEASE": "PT2S", **databases("jieyuan_wechat")}.items():
        monkeypatch.setenv(name, value)
    redis = os.environ.get("TEST_REDIS_URL")
    where = ["--redis", redis] if redis else []
    few = ["--messages", "60", "--users", "15", "--rate", "20", "--slow", "0.05", "1"]
    assert wechat.main([*few, "--routers", "2", "--kill", "--port", str(free_port()), *where]) == 0
