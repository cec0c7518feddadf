"""`./jieyuan partners`: the operator's way to let another organ's computer in, and out again."""

import asyncio
import re

import pytest

from router.cli import partners as command
from router.cli.prepare import main as prepare
from router.db import Database
from router.referrals.models import Partner
from router.referrals.partners import recognise
from router.settings import Settings


@pytest.fixture
def state(tmp_path, monkeypatch, capsys) -> str:
    for name in ("DATABASE_URL", "JIEYUAN_ENV", "DATA_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    assert prepare([]) == 0
    capsys.readouterr()
    return str(tmp_path)


def run(state: str, *words: str) -> int:
    try:
        return command.main([*words, "--state", state])
    except SystemExit as end:
        return int(str(end.code))


def opens(state: str, key: str) -> set[str]:
    """What the key may do; nothing: it is no good."""
    from router.clock import SystemClock
    from router.referrals.errors import WrongKey

    async def ask() -> set[str]:
        db = Database(Settings(STATE_DIR=state).database_url)
        try:
            async with db.read() as s:
                return set((await recognise(s, key, SystemClock().now())).scopes)
        except WrongKey:
            return set()
        finally:
            await db.close()

    return asyncio.run(ask())


def key_in(text: str) -> str:
    return re.search(r"^密钥\t(\S+)$", text, re.M)[1]


ADD = ("add", "12345", "市民热线", "--days", "5", "--send")


def test_a_key_is_shown_once_and_never_again(state, capsys):
    assert run(state, *ADD) == 0
    key = key_in(capsys.readouterr().out)
    assert opens(state, key) == {"send"}
    assert run(state, "list") == 0
    listed = capsys.readouterr().out
    assert key not in listed and key.split("_")[1] in listed
    assert "市民热线" in listed and "在用" in listed and "不推送" in listed


def test_who_is_pushed_to_also_gets_a_secret_to_check_us_with(state, capsys):
    assert run(state, *ADD, "--url", "https://12345.example.cn/in") == 0
    secret = re.search(r"^签名口令\t(\S+)$", capsys.readouterr().out, re.M)[1]

    async def stored() -> str:
        from sqlalchemy import select

        db = Database(Settings(STATE_DIR=state).database_url)
        async with db.read() as s:
            found = (await s.scalars(select(Partner))).one().secret
        await db.close()
        return found

    assert asyncio.run(stored()) == secret


def test_a_second_key_works_beside_the_first_and_each_can_be_ended_alone(state, capsys):
    run(state, *ADD)
    first = key_in(capsys.readouterr().out)
    assert run(state, "key", "12345", "--answer") == 0
    second = key_in(capsys.readouterr().out)
    assert (opens(state, first), opens(state, second)) == ({"send"}, {"answer"})
    assert run(state, "revoke", first.split("_")[1]) == 0
    assert (opens(state, first), opens(state, second)) == (set(), {"answer"})
    assert run(state, "revoke", "12345") == 0
    assert opens(state, second) == set()
    assert run(state, "list") == 0
    assert capsys.readouterr().out.count("已停用") == 4  # two sentences, two lines


def test_a_key_may_have_a_last_day(state, capsys):
    assert run(state, *ADD, "--expires", "2020-01-31") == 0
    assert opens(state, key_in(capsys.readouterr().out)) == set()
    run(state, "key", "12345", "--send", "--expires", "2099-12-31")
    assert opens(state, key_in(capsys.readouterr().out)) == {"send"}
    run(state, "list")
    listed = capsys.readouterr().out
    assert "已过期" in listed and "用到 2099-12-31" in listed


@pytest.mark.parametrize(
    "words",
    [
        ("add", "12345", "市民热线", "--days", "5"),
        ("add", "12345", "市民热线", "--send"),
        (*ADD, "--region", "11"),
        (*ADD, "--url", "file:///etc/passwd"),
        ("add", "12345", "市民热线", "--days", "0", "--send"),
        ("add", "a:b", "市民热线", "--days", "5", "--send"),
        ("key", "nobody", "--send"),
        ("revoke", "nobody"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence_and_adds_nobody(state, capsys, words):
    assert run(state, *words) != 0
    assert capsys.readouterr().err
    run(state, "list")
    assert capsys.readouterr().out == ""


def test_a_name_is_given_once(state, capsys):
    run(state, *ADD)
    assert run(state, *ADD) == 1
    assert "已经有了" in capsys.readouterr().err


def test_without_a_database_nothing_is_made(tmp_path, capsys):
    assert run(str(tmp_path / "nowhere"), *ADD) == 1
    assert "没有数据库" in capsys.readouterr().err and not (tmp_path / "nowhere").exists()
