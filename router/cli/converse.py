"""Plays written dialogues over the web channel of a running system and reports how they ended.

The file's rule: turns in order; when the bot asks what a later turn answers, that turn is said
early (not where a dialogue is marked `in_order`); at the end 不知道 answers a question and 没有了
anything else. A line's text is followed by what the page shows under it, after 详情.
"""

import argparse
import json
import re
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import yaml

from router.destinations.registry import Destinations
from router.eligibility.words import plain

Json = dict[str, Any]
MOST_TURNS = 40  # a talk that is not over by then does not end
ANSWER_WITHIN = 60.0  # seconds for one answer; a slow one is announced by the system before
QUIET = 0.6  # seconds without a further line: the turn is over
LINGER = 2  # how often an offer is looked at before we stop
BOOKKEEPING = {
    "matter_by",
    "amount_from",
    "label_chance",
    "told",
    "pointed",
}  # of the dialogue itself

# What a question is about -> how a turn that answers it reads.
TOPICS: list[tuple[str, str]] = [
    (r"请律师|律师了", r"律师"),
    (r"几口人|一起过日子的", r"口人|[两三四五六七八九]口|一家|我一个人|两个人过|就我"),
    (r"收入", r"收入|工资|一个月.{0,6}[\d一二两三四五六七八九]|挣|下岗|没工作|退休金|养老金|低保"),
    (r"多大年纪|多大", r"岁|今年.{0,3}十|[五六七八九]十[一二三四五六七八九]?了"),
    (
        r"多少钱|牵涉",
        r"^(?!.*(?:一个月|每月|收入))"
        r".*(?:[\d.]+\s*(?:元|块|万|千)|[一二两三四五六七八九十][百千万]|\d{3,})",
    ),
    (r"打过|威胁", r"打|动手|威胁|家暴|骂"),
    (r"住在一起", r"住|分居|娘家|搬"),
    (r"安全吗", r"安全|危险|在门|躲|娘家|派出所"),
    (r"受伤", r"伤|骨折|住院|没事"),
    (r"哪一步|到哪", r"公安|检察院|法院|判|开庭|拘"),
    (r"多重", r"死刑|无期|年"),
    (r"城镇|农村", r"农村|城镇|户口|村"),
    (r"残疾", r"残疾|聋|哑|盲|看不见|听不见"),
    (r"证明吗", r"证"),
    (r"哪一件|先办", r"先|第一|第二"),
    (r"什么时候|哪一天|哪天", r"年|月|号|天|周|昨|前天"),
    (r"哪里|哪个地方|县或者区", r"省|市|县|区|镇|村|我们是|我是"),
    (r"抚养费|赡养费", r"抚养|赡养|养老|孩子"),
    (r"想怎么办", r"调解|说和|律师|申请|援助|报警|投诉|先"),
]  # fmt: skip


class Refused(Exception):
    """The system answered with an error; its own sentence."""


class Talk:
    """One conversation as a citizen's browser would hold it."""

    def __init__(self, http: httpx.Client) -> None:
        self._http, self._seq, self._seen = http, 0, 0
        self.lines: list[Json] = []
        self.known: Json = {}  # the state as seen last

    def begin(self) -> None:
        self._http.cookies.clear()
        opened = _json(_patiently(self._http, "/api/web/conversations", {"consent": True}))
        self.path = f"/api/web/conversations/{opened['id']}"
        self.read(wait=0)

    def say(self, text: str) -> list[Json]:
        """Sends one message and waits for its answer."""
        self._seq += 1
        body = {"id": str(uuid.uuid4()), "seq": self._seq, "text": text}
        _json(_patiently(self._http, f"{self.path}/messages", body))
        new: list[Json] = []
        deadline = time.monotonic() + ANSWER_WITHIN
        while time.monotonic() < deadline:
            got, thinking = self.read(wait=2)
            new += got
            if any(line["who"] == "bot" for line in new) and not got and not thinking:
                break
            if any(line["who"] == "bot" for line in new) and not thinking:
                more, _ = self.read(wait=0)
                new += more
                break
        return new

    def read(self, wait: int) -> tuple[list[Json], bool]:
        """New lines, and whether the bot is still at work."""
        answer = _json(
            self._http.get(f"{self.path}/messages", params={"after": self._seen, "wait": wait})
        )
        got: list[Json] = answer["messages"]
        self._seen = max([self._seen, *(line["seq"] for line in got)])
        self.lines += got
        return got, bool(answer.get("thinking"))

    def state(self) -> Json:
        self.known = _json(self._http.get(self.path))
        return self.known


def _patiently(http: httpx.Client, path: str, body: Json) -> httpx.Response:
    """A system that says "too fast" is asked again."""
    for _ in range(30):
        response = http.post(path, json=body)
        if response.status_code != 429:
            break
        time.sleep(3)
    return response


def _json(response: httpx.Response) -> Json:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status_code >= 400 or not isinstance(answer, dict):
        said = answer.get("error") if isinstance(answer, dict) else None
        raise Refused(f"系统回答 {response.status_code}:{said or response.text[:200]}")
    return answer


def choose(question: str, turns: list[str]) -> str | None:
    """The next turn, or a later one that answers the question on the table."""
    if not turns:
        return None
    for asks, answers in TOPICS:
        if re.search(asks, question):
            for place, turn in enumerate(turns):
                if re.search(answers, turn):
                    return turns.pop(place)
            break
    return turns.pop(0)


def play(dialogue: Json, http: httpx.Client, kinds: dict[str, str]) -> Json:
    """One dialogue from its first turn to a ticket, a recommendation, or the end of patience.

    Where the system stops answering, what was heard by then, and why.
    """
    talk = Talk(http)
    broken: Json = {}
    try:
        talk.begin()
        turns = [str(turn) for turn in dialogue["turns"]]
        _take_turns(talk, turns, in_order=bool(dialogue.get("in_order")))
        talk.state()
    except httpx.HTTPError as error:
        broken = {"error": f"连不上 {http.base_url}:{type(error).__name__}"}
    except Refused as error:
        broken = {"error": str(error)}
    state = talk.known
    return {
        "id": dialogue.get("id"),
        "transcript": [
            {
                "who": line["who"] if line["who"] in ("citizen", "bot") else "system",
                "text": line["text"] + detail(line.get("extra") or {}),
            }
            for line in talk.lines
            if line["text"]
        ],
        "facts": recorded(state.get("intake") or {}),
        "outcome": outcome(state, talk.lines, kinds),
        "ticket": state.get("ticket"),
        **broken,
    }


def _take_turns(talk: Talk, turns: list[str], in_order: bool = False) -> None:
    text: str | None = turns.pop(0) if turns else "在吗"
    lingered = 0
    for _ in range(MOST_TURNS):
        if text is None:
            break
        new = talk.say(text)
        state = talk.state()
        if state.get("speaker") == "lawyer" or (chosen(state) and not turns):
            break
        asked = question_in(new)
        offered = any((line.get("extra") or {}).get("kind") == "decision" for line in new)
        if turns:
            text = turns.pop(0) if in_order else choose(asked, turns)
        elif asked and not offered and "想怎么办" not in asked:
            text = "不知道"
        elif lingered < LINGER - 1:
            lingered += 1
            text = "没有了"
        else:
            break


def detail(extra: Json) -> str:
    """What the page shows under a line: the whole of a long answer, and what to mind."""
    warnings = [plain(str(one)) for one in extra.get("warn") or ()]
    parts = [str(one) for one in (extra.get("detail"), *warnings) if one]
    return "\n详情：" + "\n".join(parts) if parts else ""


def question_in(lines: list[Json]) -> str:
    """The question the bot's last words put, empty when they put none."""
    said = [str(line["text"]) for line in lines if line["who"] == "bot"]
    asks = re.findall(r"[^。！!？?；;]*[？?]", said[-1]) if said else []
    return asks[-1] if asks else ""


def recorded(intake: Json) -> Json:
    """Everything the intake record holds, flat: facts, details, and the matter's label."""
    facts = {k: v for k, v in (intake.get("facts") or {}).items() if v is not None}
    kept = intake.get("details") or {}
    details = {k: v for k, v in kept.items() if k not in BOOKKEEPING}
    fine = {"fine_matter": facts.pop("matter")} if "matter" in facts else {}
    # 低保 is a fact, 女性 a detail: both are groups
    groups = [*(facts.get("groups") or []), *(details.get("groups") or [])]
    both = {"groups": list(dict.fromkeys(groups))} if groups else {}
    return {**facts, **fine, **details, **both, "matter": intake.get("label")}


def chosen(state: Json) -> Json | None:
    """The ticket, unless it is only the alarm that a word of danger has raised by itself."""
    ticket: Json | None = state.get("ticket")
    alarm = ticket and ticket.get("kind") == "emergency_110"
    decided = (state.get("intake") or {}).get("outcome")
    return None if alarm and decided not in (None, "EMERGENCY_110") else ticket


def outcome(state: Json, lines: list[Json], kinds: dict[str, str]) -> str:
    """The chosen ticket's kind; else that of the place recommended last; else mere information."""
    ticket = chosen(state)
    if ticket and ticket.get("kind"):
        return str(ticket["kind"])
    for line in reversed(lines):
        for place in (line.get("extra") or {}).get("destinations") or []:
            return str(place["kind"])
    for name in (state.get("intake") or {}).get("destinations") or []:
        if name in kinds:
            return kinds[name]
    return "information_only"


def read(file: Path) -> list[Json]:
    """The dialogues of a file; ValueError says what is wrong with it."""
    try:
        dialogues = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ValueError(f"{file}:{line}:这一行不是有效的 YAML。") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"读不了 {file}:{type(error).__name__}") from None
    if not isinstance(dialogues, list) or not all(
        isinstance(d, dict) and isinstance(d.get("turns"), list) for d in dialogues
    ):
        raise ValueError(f"{file} 里应当是一列对话,每个都有 turns。")
    return dialogues


def play_all(dialogues: list[Json], url: str) -> list[Json]:
    """Each in turn, its end told on stderr."""
    kinds = {door.name: str(door.kind) for door in Destinations.load().all()}
    played = []
    with httpx.Client(base_url=url, timeout=40, trust_env=False) as http:
        for dialogue in dialogues:
            played.append(play(dialogue, http, kinds))
            ended = played[-1].get("error") or played[-1]["outcome"]
            print(f"{dialogue.get('id')}:{ended}", file=sys.stderr)
    return played


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="jieyuan converse", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args(argv)
    try:
        dialogues = read(options.file)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    played = play_all(dialogues, options.url)
    json.dump(played, sys.stdout, ensure_ascii=False, indent=1)
    print()
    broken = sum("error" in one for one in played)
    if broken:
        print(f"{broken} 段对话没有演完,原因在各自的 error 里;系统运行着吗?(./jieyuan up)",
              file=sys.stderr)  # fmt: skip
    return 1 if broken else 0
