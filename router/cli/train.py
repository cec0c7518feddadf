"""`./jieyuan train`: a model for today's training data, in <state>/models, made at most once."""

import argparse
import fcntl
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from bot.train import fingerprint
from router.cli.environment import BOT_PYTHON, child_environment, fail
from router.cli.supervisor import die_with
from router.settings import ROOT


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan train", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    state = parser.parse_args(argv).state.resolve()
    model = model_path(state)
    if model.exists():
        print(f"模型已是最新:{model}")
        return 0
    return train(state)


def model_path(state: Path) -> Path:
    """The model that belongs to the training data of this checkout, trained or not."""
    return state / "models" / f"{fingerprint()}.tar.gz"


def train(state: Path) -> int:
    models = state / "models"
    models.mkdir(parents=True, exist_ok=True)
    command = [str(BOT_PYTHON), "-m", "bot.train", "--out", str(models)]
    with (models / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two at once the second finds the first one's model
        if model_path(state).exists():
            return os.EX_OK
        try:
            _sweep(models)
            subprocess.run(
                command,
                cwd=ROOT,
                env=child_environment(),
                preexec_fn=partial(die_with, os.getpid()),
            )
        finally:
            _sweep(models)
    if not model_path(state).exists():
        return fail("对话模型没有训练成功,上面是原因;改好后再运行一次即可。")
    return os.EX_OK


def _sweep(models: Path) -> None:
    """What a training that was killed has left."""
    for left in models.glob(".training-*"):
        shutil.rmtree(left, ignore_errors=True)
