"""给对话模型计分:读一个评测文件夹,打印一张计分表。"""

import argparse
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import yaml

from router.cli import converse, judge, scoreboard
from router.cli.environment import BOT_PYTHON, child_environment
from router.cli.train import model_path, train
from router.settings import ROOT

DIALOGUE = {"id", "title", "channel", "tags", "turns", "facts", "details", "label", "outcome"}
DIALOGUE |= {"also_ok", "organ_if_other", "must", "why"}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan score", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "data/evaluation", metavar="目录")
    parser.add_argument("--url", metavar="地址", help="另在运行中的系统上演练 dialogues*.yaml")
    parser.add_argument("--rows", type=int, default=0, metavar="N", help="列出代价最大的 N 行")
    parser.add_argument("--text", action="store_true", help="列出时带原文")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.add_argument("--model", type=Path, metavar="文件", help="另一个模型(默认现在的)")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan", metavar="目录")
    options = parser.parse_args(argv)
    if not options.data.is_dir():
        return _unusable(f"没有这个文件夹:{options.data}")
    dialogues, faults = read_dialogues(options.data)
    if faults:
        return _unusable("\n".join(faults))
    if options.url and not dialogues:
        return _unusable(f"{options.data} 里没有 dialogues*.yaml,没有可以演练的。")
    model = options.model or model_path(options.state.resolve())
    if not options.model and not model.exists():
        print("还没有模型,先训练(约一分钟)……", file=sys.stderr)
        with redirect_stdout(sys.stderr):
            if failed := train(options.state.resolve()):
                return failed
    command = [str(BOT_PYTHON), "-m", "bot.score", "--model", model.resolve()]
    command += ["--data", options.data.resolve(), "--rows", str(options.rows)]
    command += ["--text"] if options.text else []
    done = subprocess.run(command, cwd=ROOT, env=child_environment(), stdout=subprocess.PIPE)
    if done.returncode:
        return done.returncode
    score: dict[str, Any] = json.loads(done.stdout)
    if options.url:
        played = converse.play_all(dialogues, options.url)
        judged = [judge.judge(one, end) for one, end in zip(dialogues, played, strict=True)]
        score["dialogues"] = judge.summary(judged)
    if options.json:
        json.dump(score, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print(scoreboard.drawn(score))
    return 0


def read_dialogues(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """What is played, and every fault with its file and line."""
    dialogues: list[dict[str, Any]] = []
    faults: list[str] = []
    for path in sorted([*folder.glob("dialogues*.yaml"), *folder.glob("dialogues*.yml")]):
        try:
            found = converse.read(path)
        except ValueError as error:
            faults.append(str(error))
            continue
        tree = yaml.compose(path.read_text(encoding="utf-8"))
        faults += [
            f"{path}:{key.start_mark.line + 1}：不认识“{key.value}”这一项。"
            for node in (tree.value if tree else ())
            for key, _ in node.value
            if key.value not in DIALOGUE
        ]
        dialogues += found
    return dialogues, faults


def _unusable(sentences: str) -> int:
    print(sentences, file=sys.stderr)
    return 2
