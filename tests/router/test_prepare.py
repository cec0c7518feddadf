"""What `up` checks and makes before anything starts, run as the command it is."""

import asyncio
import base64
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from router import crypto
from router.cli.environment import child_environment
from router.cli.train import model_path
from router.clock import SystemClock
from router.conversations.models import Message
from router.db import Database
from router.settings import ROOT
from tests import factories


@pytest.fixture
def command(tmp_path):
    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        world = child_environment(STATE_DIR=str(tmp_path))
        world.pop("DATABASE_URL", None)
        world.update(settings)
        return subprocess.run(
            [sys.executable, "-m", "router.cli", *words],
            cwd=ROOT, env=world, capture_output=True, text=True,
        )  # fmt: skip

    return run


def test_the_first_start_prints_thirteen_logins_and_the_second_none(command):
    first = command("prepare")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("律师  ") == 12 and first.stdout.count("主管  ") == 1
    assert "lushi" not in command("prepare").stdout


def test_production_makes_no_demonstration_county(command):
    run = command("prepare", JIEYUAN_ENV="production", REGION="SD")
    assert run.returncode == 0, run.stderr
    assert "lushi" not in run.stdout


def test_production_refuses_a_database_with_the_demonstration_county(command):
    command("prepare")
    run = command("prepare", JIEYUAN_ENV="production", REGION="SD")
    assert run.returncode == 1
    assert "演示县" in run.stderr


def test_production_without_settings_does_not_start_and_names_them(command, tmp_path):
    run = command("up", "--state", str(tmp_path), JIEYUAN_ENV="production")
    assert run.returncode == 1
    assert "DATA_KEY" in run.stderr and run.stderr.count("\n") == 1


def test_an_unknown_region_is_named_with_those_that_exist(command):
    run = command("prepare", REGION="nowhere")
    assert run.returncode == 1
    assert "nowhere" in run.stderr and "990101" in run.stderr


def test_staff_are_added_once_with_a_password_shown_once(command, tmp_path):
    command("prepare", JIEYUAN_ENV="production", REGION="SD")
    added = command("staff", "add", "zhang", "张三", "--state", str(tmp_path), REGION="SD")
    assert added.returncode == 0, added.stderr
    assert "zhang" in added.stdout
    again = command("staff", "add", "zhang", "李四", "--state", str(tmp_path), REGION="SD")
    assert again.returncode == 1 and "zhang" in again.stderr


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_port_in_use_is_one_sentence(command, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        run = command("up", "--state", str(tmp_path), "--port", port)
    assert run.returncode == 1
    assert port in run.stderr and run.stderr.count("\n") == 1


def test_a_state_folder_that_cannot_be_written_is_one_sentence(command, tmp_path):
    (tmp_path / "file").write_text("")
    run = command("up", "--state", str(tmp_path / "file" / "state"))
    assert run.returncode == 1
    assert "--state" in run.stderr and run.stderr.count("\n") == 1


def test_an_unknown_command_is_named(command):
    run = command("dance")
    assert run.returncode == 2 and "dance" in run.stderr


def one_sentence(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 1
    assert run.stderr.startswith("错误:") and run.stderr.count("\n") == 1, run.stderr
    return run.stderr


def key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def remember_a_line(state: Path) -> None:
    crypto.use(crypto.Keyring([crypto.load_or_make_key(state / "keys" / "data.key")]))

    async def write() -> None:
        db, clock = Database(f"sqlite+aiosqlite:///{state / 'jieyuan.db'}"), SystemClock()
        talk = await factories.conversation(db, clock)
        line = Message(
            id="m", conversation_id=talk.id, seq=1, who="citizen", created_at=clock.now()
        )
        line.text = "老板欠我工资"
        async with db.write() as session:
            session.add(line)
        await db.close()

    asyncio.run(write())


def test_a_key_that_does_not_open_what_is_stored_is_refused(command, tmp_path):
    command("prepare")
    remember_a_line(tmp_path)
    assert command("prepare").returncode == 0
    assert "DATA_KEY" in one_sentence(command("prepare", DATA_KEY=key()))
    rotated = f"{key()},{(tmp_path / 'keys' / 'data.key').read_text()}"
    assert command("prepare", DATA_KEY=rotated).returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATA_KEY", "abc"), ("JIEYUAN_ENV", "prod"), ("OFFER_TTL", "soon"),
        ("DATABASE_URL", "postgresql+asyncpg://a:b@127.0.0.1:1/c"),
        ("DATABASE_URL", "nonsense://"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_one_sentence(command, name, value):
    assert name in one_sentence(command("prepare", **{name: value}))


def test_a_damaged_key_file_is_named(command, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "data.key").write_text("abc")
    assert "data.key" in one_sentence(command("prepare"))


def test_a_bad_key_for_the_dialogue_stops_up_with_its_name(command, tmp_path):
    (tmp_path / "models").mkdir()
    model_path(tmp_path).touch()
    run = command("up", "--state", str(tmp_path), "--port", free_port(), BOT_DATA_KEY="abc")
    assert run.returncode == 1
    assert "BOT_DATA_KEY" in run.stderr and "Traceback" not in run.stderr


def test_a_router_alone_refuses_production_without_its_settings(command):
    assert "DATA_KEY" in one_sentence(command("serve", JIEYUAN_ENV="production"))


def test_a_host_that_is_not_ours_is_named(command, tmp_path):
    run = command("up", "--state", str(tmp_path), "--host", "192.0.2.1", "--port", free_port())
    assert "192.0.2.1" in one_sentence(run)


def test_a_state_folder_that_is_read_only_is_one_sentence(command, tmp_path):
    (tmp_path / "up.lock").mkdir()  # cannot be opened, even by root
    assert "--state" in one_sentence(command("up", "--state", str(tmp_path)))


def test_staff_added_without_a_region_do_not_stop_production(command, tmp_path):
    command("prepare", JIEYUAN_ENV="production", REGION="SD")
    command("staff", "add", "zhang", "张三", "--state", str(tmp_path))
    assert command("prepare", JIEYUAN_ENV="production", REGION="SD").returncode == 0


def test_a_forgotten_password_is_renewed(command, tmp_path):
    command("prepare")
    command("staff", "add", "zhang", "张三", "--state", str(tmp_path))
    first, second = (
        command("staff", "password", "zhang", "--state", str(tmp_path)) for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert "zhang" in first.stdout and first.stdout != second.stdout
    assert "li" in one_sentence(command("staff", "password", "li", "--state", str(tmp_path)))
