"""`./jieyuan converse`: the written rule for replaying, and what is reported."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from router.cli import converse

Json = dict[str, Any]


class Site:
    """A web channel that asks about a lawyer, then decides, then opens a ticket when told so."""

    def __init__(self, busy: int = 0) -> None:
        self.lines: list[Json] = []
        self.ticket: Json | None = None
        self.intake: Json = {}
        self.busy = busy
        self.breaks: Callable[[httpx.Request], httpx.Response] | None = None

    def client(self) -> httpx.Client:
        return httpx.Client(base_url="http://t", transport=httpx.MockTransport(self._serve))

    def _serve(self, request: httpx.Request) -> httpx.Response:
        if self.breaks and "断线" in json.loads(request.content or "{}").values():
            return self.breaks(request)
        path = request.url.path
        if path == "/api/web/conversations":
            if self.busy:
                self.busy -= 1
                return httpx.Response(429, json={"error": "太快", "code": "TooFast"})
            return httpx.Response(201, json={"id": "c1", "reference": "JY-1"})
        if request.method == "POST":
            self._hear(json.loads(request.content)["text"])
            return httpx.Response(202, json={"seq": 1, "duplicate": False})
        if path.endswith("/messages"):
            after = int(request.url.params["after"])
            new = [line for line in self.lines if line["seq"] > after]
            return httpx.Response(200, json={"messages": new, "thinking": False})
        return httpx.Response(
            200, json={"ticket": self.ticket, "speaker": "bot", "intake": self.intake}
        )

    def _hear(self, text: str) -> None:
        self._line("citizen", text)
        if "没请" in text:
            self.intake = {"facts": {"matter": "wages", "lawyer": False, "age": None},
                           "details": {"months": 4}, "label": "labour_pay", "outcome": "ELIGIBLE",
                           "destinations": ["legal_aid_application"]}  # fmt: skip
            places = [{"name": "legal_aid_application", "kind": "legal_aid_application"}]
            extra = {"kind": "decision", "destinations": places}
            self._line("bot", "可以申请。您看想怎么办？", extra)
        elif "转人工" in text:
            self.ticket = {"kind": "duty_lawyer", "status": "offered"}
            self._line("bot", "已经转给值班律师。")
        elif self.intake:
            self._line("lawyer", "好的。")
            self._line("bot", "记下了。")
        else:
            self._line("bot", "记下了。您请律师了吗？")

    def _line(self, who: str, text: str, extra: Json | None = None) -> None:
        self.lines.append(
            {"seq": len(self.lines) + 1, "who": who, "text": text, "extra": extra or {}}
        )


def citizen(played: Json) -> list[str]:
    return [line["text"] for line in played["transcript"] if line["who"] == "citizen"]


def test_a_later_turn_is_said_early_where_the_question_asks_for_it() -> None:
    site = Site()
    played = converse.play(
        {"id": "x", "turns": ["欠我工资", "四个月", "没请律师", "有录音"]}, site.client(), {}
    )
    assert citizen(played) == ["欠我工资", "没请律师", "四个月", "有录音", "没有了"]
    assert played["outcome"] == "legal_aid_application" and played["ticket"] is None
    assert played["facts"] == {
        "lawyer": False, "fine_matter": "wages", "months": 4, "matter": "labour_pay"
    }  # fmt: skip
    assert {line["who"] for line in played["transcript"]} == {"citizen", "bot", "system"}


def test_a_dialogue_marked_in_order_is_never_reshuffled() -> None:
    said: list[str] = []

    class Office:
        def say(self, text: str) -> list[Json]:
            said.append(text)
            return [{"who": "bot", "text": "这件事，您已经花钱请律师了吗？", "extra": {}}]

        def state(self) -> Json:
            return {}

    turns = ["欠我工资", "你们几点下班", "没请律师"]
    converse._take_turns(Office(), list(turns), in_order=True)
    assert said[:3] == turns
    said.clear()
    converse._take_turns(Office(), list(turns))
    assert said[:3] == ["欠我工资", "没请律师", "你们几点下班"]


def test_what_the_page_folds_away_stands_after_the_text() -> None:
    warn = ["一年内(LDL 27(1))"]  # the page shows the articles instead of the engine's shorthand
    assert converse.detail({"detail": "全文", "warn": warn}) == "\n详情：全文\n一年内"
    assert converse.detail({"kind": "decision"}) == ""


def test_who_has_nothing_more_to_say_does_not_know() -> None:
    played = converse.play({"id": "x", "turns": ["欠我工资"]}, Site().client(), {})
    said = citizen(played)
    assert set(said[1:]) == {"不知道"} and len(said) <= converse.MOST_TURNS


def test_a_ticket_ends_the_talk_and_is_the_outcome() -> None:
    played = converse.play({"id": "x", "turns": ["转人工"]}, Site().client(), {})
    assert played["outcome"] == "duty_lawyer" and citizen(played) == ["转人工"]


def test_a_busy_system_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converse.time, "sleep", lambda _: None)
    played = converse.play({"id": "x", "turns": ["转人工"]}, Site(busy=3).client(), {})
    assert played["outcome"] == "duty_lawyer"


def test_an_alarm_alone_is_not_the_outcome() -> None:
    alarm = {"kind": "emergency_110"}
    safe = {"ticket": alarm, "intake": {"outcome": "NO_HARDSHIP", "destinations": ["d"]}}
    assert converse.outcome(safe, [], {"d": "legal_aid_application"}) == "legal_aid_application"
    danger = {"ticket": alarm, "intake": {"outcome": "EMERGENCY_110", "destinations": ["d"]}}
    assert converse.outcome(danger, [], {"d": "duty_lawyer"}) == "emergency_110"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("家里一起过日子的，一共几口人？", "三口人"),
        ("全家一个月大概收入多少钱？", "一个月两千"),
        ("您现在安全吗？", "我在娘家"),
        ("这件事一共牵涉多少钱？", "3千6"),
        ("您请律师了吗？", "没请律师"),
        ("您喜欢吃什么？", "有人在吗"),
    ],
)
def test_the_turn_that_answers_is_found(question: str, said: str) -> None:
    turns = ["有人在吗", "三口人", "一个月两千", "我在娘家", "3千6", "没请律师"]
    assert converse.choose(question, turns) == said and said not in turns


@pytest.mark.parametrize("content", ["- 1", "a: b", "- {id: x}", "{", "- {turns: 3}"])
def test_a_file_that_holds_no_dialogues_is_refused(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(content, encoding="utf-8")
    assert converse.main([str(file)]) == 2
    assert capsys.readouterr().err.strip()


def run(
    site: Site, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
) -> tuple[int, list[Json]]:
    """`converse` on three dialogues whose second says 断线: its status and what it printed."""
    file = folder / "d.yaml"
    dialogues = [["转人工"], ["欠我工资", "断线"], ["转人工"]]
    file.write_text(json.dumps([{"id": i, "turns": t} for i, t in enumerate(dialogues)]))
    client = site.client()
    patch.setattr(converse.httpx, "Client", lambda **_: client)
    status = converse.main([str(file)])
    return status, json.loads(capsys.readouterr().out)


def lost(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("lost")


def failing(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503, json={"error": "系统繁忙"})


@pytest.mark.parametrize(("breaks", "why"), [(lost, "ReadError"), (failing, "503:系统繁忙")])
def test_a_dialogue_that_breaks_off_costs_no_other(
    breaks: Callable[[httpx.Request], httpx.Response],
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site()
    site.breaks = breaks
    status, played = run(site, tmp_path, capsys, monkeypatch)
    assert status == 1 and [one["id"] for one in played] == [0, 1, 2]
    keys = {"id", "transcript", "facts", "outcome", "ticket"}
    assert [set(one) - keys for one in played] == [set(), {"error"}, set()]
    assert all(keys <= set(one) for one in played)
    assert why in played[1]["error"] and "欠我工资" in citizen(played[1])
    assert played[2]["outcome"] == "duty_lawyer"


@pytest.mark.parametrize("answer", [httpx.Response(503, json={"error": "忙"}),
                                    httpx.Response(502, text="<html>"),
                                    httpx.Response(500, json=[]),
                                    httpx.Response(200, text="<html>")])  # fmt: skip
def test_what_is_no_answer_of_ours_is_refused(answer: httpx.Response) -> None:
    with pytest.raises(converse.Refused, match=str(answer.status_code)):
        converse._json(answer)


@pytest.mark.parametrize("state", [{}, {"intake": {"destinations": ["gone"]}}])
def test_who_was_sent_nowhere_was_informed(state: Json) -> None:
    assert converse.outcome(state, [], {}) == "information_only"


def test_a_system_that_is_not_running_is_said_once_a_dialogue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text("- {id: x, turns: [在吗]}", encoding="utf-8")
    assert converse.main([str(file), "--url", "http://127.0.0.1:9"]) == 1
    said = capsys.readouterr()
    assert "连不上" in said.err and "连不上" in json.loads(said.out)[0]["error"]
