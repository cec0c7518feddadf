"""What `up` checks and makes before anything starts, run as the command it is."""

import subprocess
import sys

import pytest

from router.cli.environment import child_environment
from router.settings import ROOT


@pytest.fixture
def command(tmp_path):
    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        world = child_environment(STATE_DIR=str(tmp_path), **settings)
        world.pop("DATABASE_URL", None)
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


def test_a_port_in_use_is_one_sentence(command, tmp_path):
    import socket

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
