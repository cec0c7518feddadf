"""The supervisor with small children of this test's own."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from router.cli import train
from router.cli.supervisor import BACK_OFF, GRACE, Child, Supervisor
from router.settings import ROOT


def child(name: str, program: str, ready=None) -> Child:
    async def at_once() -> bool:
        return True

    return Child(name, [sys.executable, "-c", program], dict(os.environ), ready or at_once)


@pytest.fixture
async def supervisor(tmp_path):
    said: list[str] = []
    it = Supervisor(tmp_path / "logs", said.append, tmp_path)
    it.said = said
    yield it
    await it.stop()


async def until(condition, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_child_that_dies_is_started_again_and_the_operator_is_told(supervisor):
    one = child("one", "import time; time.sleep(60)")
    await supervisor.start(one)
    await until(lambda: one.process)
    first = one.process.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: one.process.pid != first)
    assert any("one" in line for line in supervisor.said)


async def test_a_child_that_keeps_dying_waits_longer_each_time(supervisor):
    assert list(BACK_OFF) == sorted(BACK_OFF)
    one = child("one", "raise SystemExit(3)")
    await supervisor.start(one)
    await until(lambda: one.restarts >= 2)
    pauses = [line.split(",")[1] for line in supervisor.said[:2]]
    assert pauses == ["1 秒后重新启动", "2 秒后重新启动"]


async def test_a_stubborn_child_is_killed_within_ten_seconds(supervisor, tmp_path):
    mark = tmp_path / "deaf"
    one = child(
        "one",
        "import signal, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(mark)!r}).touch(); time.sleep(60)",
    )
    await supervisor.start(one)
    await until(mark.exists)
    began = time.monotonic()
    await supervisor.stop()
    assert one.process.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 10
    assert GRACE < 10


async def test_what_a_child_prints_is_kept_in_its_log(supervisor, tmp_path):
    one = child("one", "import time; print('hello', flush=True); time.sleep(60)")
    await supervisor.start(one)
    log = tmp_path / "logs" / "one.log"
    await until(lambda: log.exists() and "hello" in log.read_text())


async def test_a_line_without_end_does_not_end_the_watching(supervisor, tmp_path):
    one = child(
        "one",
        "import time; print('x' * 3_000_000, flush=True); print('after', flush=True);"
        "time.sleep(60)",
    )
    await supervisor.start(one)
    log = tmp_path / "logs" / "one.log"
    await until(lambda: log.exists() and "after" in log.read_text())


async def test_waiting_for_a_child_that_never_answers_ends(supervisor):
    async def never() -> bool:
        return False

    one = child("one", "import time; time.sleep(60)", never)
    await supervisor.start(one)
    assert not await supervisor.wait_ready(one, 0.5)


async def test_a_child_started_while_all_is_being_stopped_does_not_hold_up_the_end(supervisor):
    one = child("one", "import time; time.sleep(60)")
    await supervisor.start(one)
    await asyncio.sleep(0)  # its program is being started, its process not known yet
    assert one.process is None
    await asyncio.wait_for(supervisor.stop(), 10)
    assert one.process is None or one.process.returncode is not None


async def test_a_program_that_cannot_be_started_is_tried_again_and_told(supervisor):
    one = Child("one", ["/no/such/program"], {}, child("x", "").ready)
    await supervisor.start(one)
    await until(lambda: one.restarts >= 1)
    assert "No such file" in supervisor.said[0]


async def test_a_full_disk_does_not_end_the_watching(supervisor, tmp_path):
    (tmp_path / "logs" / "one.pid").mkdir(parents=True)  # cannot be written, even by root
    one = child("one", "import time; time.sleep(60)")
    await supervisor.start(one)
    await until(lambda: one.process)
    first = one.process.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: one.process.pid != first)


SMALL_OFFICE = """
import asyncio, os, sys
from pathlib import Path
from router.cli.supervisor import Child, Supervisor
async def yes(): return True
async def main():
    it = Supervisor(Path(sys.argv[1]), print, Path("/"))
    await it.start(Child("c", ["sleep", "60"], dict(os.environ), yes))
    await asyncio.sleep(1)
    print("restarts", it.children[0].restarts, flush=True)
    await it.stop()
asyncio.run(main())
"""


def test_as_the_first_process_of_a_container_children_live(tmp_path):
    alone = ["unshare", "-pf", "--kill-child"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"]).returncode:
        assert not os.environ.get("CI"), "CI is root and may make a process namespace"
        pytest.skip("no right to make a process namespace")
    program = [sys.executable, "-c", SMALL_OFFICE, str(tmp_path)]
    run = subprocess.run([*alone, *program], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert "restarts 0" in run.stdout, run.stdout + run.stderr


def test_a_training_that_was_killed_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "models" / ".training-old").mkdir(parents=True)
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\nmkdir {tmp_path}/models/.training-new; kill -9 $$\n")
    broken.chmod(0o755)
    monkeypatch.setattr(train, "BOT_PYTHON", broken)
    assert train.train(tmp_path) == 1
    assert not list((tmp_path / "models").glob(".training-*"))


async def test_a_training_does_not_outlive_a_killed_up(tmp_path):
    pid_file, slow = tmp_path / "pid", tmp_path / "python"
    slow.write_text(f"#!/bin/sh\necho $$ > {pid_file}\nexec sleep 60\n")
    slow.chmod(0o755)
    world = {**os.environ, "JIEYUAN_BOT_PYTHON": str(slow)}
    up = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router.cli", "train", "--state", str(tmp_path / "s"),
        cwd=ROOT, env=world,
    )  # fmt: skip
    await until(lambda: pid_file.exists() and pid_file.read_text().strip(), 30)
    pid = int(pid_file.read_text())
    up.terminate()
    await up.wait()
    await until(lambda: not os.path.exists(f"/proc/{pid}") or _is_zombie(pid))


async def test_children_do_not_outlive_a_killed_supervisor(tmp_path):
    program = f"""
import asyncio, os, sys
from pathlib import Path
from router.cli.supervisor import Child, Supervisor
async def yes(): return True
async def main():
    it = Supervisor(Path({str(tmp_path)!r}), print, Path("/"))
    child = Child("c", [sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), yes)
    await it.start(child)
    await it.wait_ready(child, 10)
    print(child.process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await until(lambda: not os.path.exists(f"/proc/{pid}") or _is_zombie(pid))


def _is_zombie(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "Z"
