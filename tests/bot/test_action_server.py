"""The action server as Rasa meets it: over HTTP, beside a router that answers or does not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "服务口令在这里"  # must not turn up in a log


class FakeRouter(BaseHTTPRequestHandler):
    """Wants to know whether there is a lawyer."""

    asked: list[dict[str, Any]] = []  # noqa: RUF012  (one server, one list)
    broken = False

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).asked.append({**body, "token": self.headers["authorization"]})
        answer = {"outcome": "NEED_FACTS", "next_question": "lawyer", "decided": False}
        self.send_response(500 if type(self).broken else 200)
        self.end_headers()
        self.wfile.write(b"<html>" if type(self).broken else json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    router = ThreadingHTTPServer(("127.0.0.1", 0), FakeRouter)
    threading.Thread(target=router.serve_forever, daemon=True).start()
    log, port = tmp_path_factory.mktemp("actions") / "log", free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ROUTER_URL": f"http://127.0.0.1:{router.server_port}",
        "SERVICE_TOKEN": "secret",
    }
    with log.open("wb") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "actions.server", "--port", str(port)],
            env=environment, cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                if httpx.get(f"{url}/health").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url, log
        running.terminate()
        running.wait(10)
    router.shutdown()


def call(text: str, slots: dict[str, Any] | None = None) -> dict[str, Any]:
    """What Rasa posts for one turn, selective domain on, history left out."""
    return {
        "next_action": "action_turn",
        "sender_id": f"{'c' * 32}-1",
        "version": "3.6.21",
        "domain": {},
        "tracker": {
            "sender_id": f"{'c' * 32}-1",
            "slots": slots or {},
            "latest_message": {
                "text": text,
                "intent": {"name": "tell", "confidence": 0.97},
                "matter_ranking": [["labour_pay", 0.95], ["debt", 0.02]],
                "metadata": {"message_id": "m-1", "danger": []},
            },
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
            "latest_input_channel": "rest",
        },
    }


def test_a_turn_says_one_thing_and_sets_the_slots(server: tuple[str, Path]) -> None:
    FakeRouter.broken = False
    answer = httpx.post(f"{server[0]}/webhook", json=call("厂里欠我四个月工资，一个月四千")).json()
    (said,) = answer["responses"]
    assert "律师" in said["text"] and said["buttons"][0]["payload"] == "还没请"
    slots = {event["name"]: event["value"] for event in answer["events"]}
    assert slots["asked"] == "lawyer" and slots["matter"] == "wages" and slots["amount"] == 16000
    asked = FakeRouter.asked[-1]
    assert (asked["conversation"], asked["message_id"]) == ("c" * 32, "m-1")
    assert asked["token"] == "Bearer secret"


def test_the_same_turn_twice_asks_the_router_the_same(server: tuple[str, Path]) -> None:
    FakeRouter.broken = False
    one, two = (
        httpx.post(f"{server[0]}/webhook", json=call("厂里欠我四个月工资")).json() for _ in "ab"
    )
    assert one == two
    assert FakeRouter.asked[-1] == FakeRouter.asked[-2]


def test_a_broken_router_is_a_sentence_not_silence(server: tuple[str, Path]) -> None:
    FakeRouter.broken = True
    answer = httpx.post(f"{server[0]}/webhook", json=call("厂里欠我四个月工资"))
    assert answer.status_code == 200
    (said,) = answer.json()["responses"]
    assert "系统" in said["text"] and said["buttons"][0]["payload"] == "转人工"


def test_a_message_nobody_could_expect_is_still_answered(server: tuple[str, Path]) -> None:
    FakeRouter.broken = False
    for text in [
        "",
        " ",
        "😀",
        "\x00\x07",
        "<script>alert(1)</script>",
        "'; drop table--",
        "长" * 5000,
    ]:
        answer = httpx.post(f"{server[0]}/webhook", json=call(text), timeout=20)
        assert answer.status_code == 200 and answer.json()["responses"][0]["text"]


def test_slots_that_make_no_sense_end_in_a_sentence(server: tuple[str, Path]) -> None:
    answer = httpx.post(f"{server[0]}/webhook", json=call("四个人", {"choosing": 7, "details": 3}))
    assert answer.status_code == 200 and "系统" in answer.json()["responses"][0]["text"]


def test_only_this_machine_is_served_and_no_word_is_logged(server: tuple[str, Path]) -> None:
    httpx.post(f"{server[0]}/webhook", json=call(SECRET))
    port = server[0].rsplit(":", 1)[1]
    listening = subprocess.run(["ss", "-ltnH", f"sport = :{port}"], capture_output=True, text=True)
    if listening.returncode == 0:
        assert f"127.0.0.1:{port}" in listening.stdout
        assert f"0.0.0.0:{port}" not in listening.stdout and f"*:{port}" not in listening.stdout
    log = server[1].read_text(errors="replace")
    assert SECRET not in log and "工资" not in log
