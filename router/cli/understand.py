"""`./jieyuan understand < in.jsonl > out.jsonl`: the trained Rasa model's reading of each line."""

import argparse
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

from router.cli.environment import BOT_PYTHON, child_environment
from router.cli.train import model_path, train
from router.settings import ROOT


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan understand", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    state = parser.parse_args(argv).state.resolve()
    if not model_path(state).exists():
        print("还没有模型,先训练(约一分钟)……", file=sys.stderr)
        with redirect_stdout(sys.stderr):
            if failed := train(state):
                return failed
    command = [str(BOT_PYTHON), "-m", "bot.understand", "--model", str(model_path(state))]
    return subprocess.run(command, cwd=ROOT, env=child_environment()).returncode
