"""`./jieyuan model list|use ID|back`: which trained model answers. Nothing stops meanwhile."""

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from bot import models
from bot.train import fingerprint, program
from router.cli.environment import BOT_PYTHON, child_environment, fail
from router.settings import ROOT

EVALUATION = ROOT / "data" / "evaluation"
PATIENCE = 60.0  # seconds for Rasa to load a model; it takes about one


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan model", description=__doc__)
    parser.add_argument("action", choices=["list", "use", "back"])
    parser.add_argument("id", nargs="?", help="编号(list 里有)的前几位")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    state = options.state.resolve()
    folder = folder_of(state)
    if options.action == "list":
        return show(folder)
    if options.action == "back":
        if models.go_back(folder, program()) is None:
            return fail("没有可以退回的模型。")
        return wait_until_it_answers(state)
    found = [card for card in models.all_of(folder) if card.id.startswith(options.id or "-")]
    if len(found) != 1:
        return fail("请写明一个模型的编号;./jieyuan model list 列出全部。")
    if found[0].code != program():
        return fail("这个模型是另一个版本的程序训练的,现在的程序用不了它。")
    if not _reads(models.file_of(folder, found[0].id)):
        return fail("这个模型打不开,没有换。")
    models.choose(folder, found[0].id, fingerprint())
    return wait_until_it_answers(state)


def folder_of(state: Path) -> Path:
    return state / "models"


def show(folder: Path) -> int:
    now, code = models.chosen(folder), program()
    for card in models.all_of(folder):
        marks = ["在用"] if now and card.id == now.model else []
        marks += ["上一个"] if now and now.before[:1] == (card.id,) else []
        marks += ["另一个版本的程序,用不了"] if card.code != code else []
        score = f"得分 {card.score['matter']:.3f}" if card.score else "没有打分"
        made = card.made[:16].replace("T", " ") + " UTC"
        print(f"{card.id[:8]}  {made}  本中心语料 {card.local} 句  {score}  {'、'.join(marks)}")
    return 0


# Taken into use only when not worse


def take_unless_worse(folder: Path, new: str, release: str, evaluation: Path) -> None:
    """The new model answers from now on, or the one that answers stays, and it is said why."""
    now, card = models.chosen(folder), models.card_of(folder, new)
    if now is None or now.model == new:
        models.choose(folder, new, release)
        return
    before = models.card_of(folder, now.model)
    if before is None or card is None or before.code != card.code:
        print("程序已经更新,原来的模型用不了,改用新训练的。", flush=True)
        models.choose(folder, new, release)
        return
    was, told = (score_of(folder, one, evaluation) for one in (now.model, new))
    if was is None or told is None:
        why = f"没有评测数据({evaluation}),不能比较"
    elif told["danger"] < was["danger"]:
        why = f"新模型只听出 {told['danger']:.3f} 的危险,现在的是 {was['danger']:.3f}"
    elif told["matter"] < was["matter"]:
        why = f"新模型得分 {told['matter']:.3f},低于现在的 {was['matter']:.3f}"
    else:
        print(
            f"新模型得分 {told['matter']:.3f},不低于现在的 {was['matter']:.3f},换上。", flush=True
        )
        models.choose(folder, new, release)
        return
    print(f"{why};仍用现在的。要用新的:./jieyuan model use {new[:8]}", flush=True)
    models.choose(folder, now.model, release)  # decided for this release


def score_of(folder: Path, model: str, evaluation: Path) -> dict[str, Any] | None:
    """`matter`: the share of the evaluation's questions whose matter it names; `danger`: of those
    that tell of danger, the share where it hears any (1 if there are none). None: no data."""
    matters, intakes = (_rows(evaluation, kind) for kind in ("matter", "intake"))
    if not matters:
        return None
    rows = [*matters, *(row for row in intakes if row["danger"])]
    data = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]
    card = models.card_of(folder, model)
    if card and card.score and card.score["data"] == data:
        return card.score
    told = read(models.file_of(folder, model), rows)
    named, heard = told[: len(matters)], told[len(matters) :]
    right = sum(one.get("matter") == row["label"] for one, row in zip(named, matters, strict=True))
    score = {
        "matter": right / len(matters),
        "danger": sum(bool(one.get("danger")) for one in heard) / len(heard) if heard else 1.0,
        "rows": len(rows),
        "data": data,
    }
    models.note_score(folder, model, score)
    return score


def _rows(evaluation: Path, kind: str) -> list[dict[str, Any]]:
    files = [one for one in sorted(evaluation.glob(f"{kind}*.jsonl")) if "train" not in one.name]
    return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]


def read(model: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the model reads in each row's text."""
    lines = "".join(json.dumps({"id": n, "text": r["text"]}) + "\n" for n, r in enumerate(rows))
    done = subprocess.run(
        [str(BOT_PYTHON), "-m", "bot.understand", "--model", str(model)],
        input=lines, capture_output=True, text=True, cwd=ROOT, env=child_environment(), check=True,
        preexec_fn=partial(os.nice, 10),  # citizens are being answered meanwhile
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def _reads(model: Path) -> bool:
    try:
        return "matter" in read(model, [{"text": "老板欠我工资"}])[0]
    except (subprocess.CalledProcessError, LookupError):
        return False


# The running Rasa goes over to it by itself (bot/follow.py)


def wait_until_it_answers(state: Path) -> int:
    folder = folder_of(state)
    choice = models.chosen(folder)
    assert choice
    if not _is_up(state):
        print(f"模型 {choice.model[:8]} 已选定,下次启动时使用。")
        return 0
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        told = models.answering(folder)
        if told.get("model") == choice.model:
            print(f"现在回答的是模型 {choice.model[:8]}。")
            return 0
        if told.get("refused") == choice.model:
            models.go_back(folder, program())
            return fail("对话服务装不上这个模型,仍用原来的。")
        time.sleep(0.1)
    print("对话服务还没有换上;它一能回答就会换。", file=sys.stderr)
    return 1


def _is_up(state: Path) -> bool:
    try:
        with (state / "up.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
