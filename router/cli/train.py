"""`./jieyuan train`: a model for today's training data and the centre's own sentences, made at most
once; it answers from then on, unless it scores worse than the one that answers now."""

import argparse
import fcntl
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from bot import models
from bot.train import fingerprint
from router.cli import model
from router.cli.environment import BOT_PYTHON, child_environment, fail
from router.cli.supervisor import die_with
from router.settings import ROOT


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan train", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    parser.add_argument("--data", type=Path, default=model.EVALUATION, help="用来打分的数据")
    options = parser.parse_args(argv)
    state, folder = options.state.resolve(), model.folder_of(options.state.resolve())
    card, now = models.card_of(folder, model_id(state)), models.chosen(folder)
    if card and now and (card.id == now.model or card.score):
        print(f"模型已是最新:{model_path(state)}")
        if card.id != now.model:
            print(f"它已经打过分,没有在用;要用它:./jieyuan model use {card.id[:8]}")
        return os.EX_OK
    return train_and_settle(state, options.data) or model.wait_until_it_answers(state)


def model_id(state: Path) -> str:
    return fingerprint(local=local_sentences(state))


def model_path(state: Path) -> Path:
    """The model that belongs to today's training data, trained or not, in use or not."""
    return models.file_of(model.folder_of(state), model_id(state))


def local_sentences(state: Path) -> Path | None:
    """The centre's own, put there by `corrections accept`: an update replaces the checkout."""
    folder = state / "training"
    return folder if any(folder.glob("nlu/*.yml")) else None


def settle(state: Path) -> int:
    """Sees to it that a model is chosen for this release of the program."""
    now = models.chosen(model.folder_of(state))
    if now and now.release == fingerprint():
        return os.EX_OK
    if not model_path(state).exists():
        print("训练对话模型(只在训练数据变化后需要,约一分钟)……", flush=True)
    return train_and_settle(state, model.EVALUATION)


def train_and_settle(state: Path, evaluation: Path) -> int:
    if failed := train(state):
        return failed
    model.take_unless_worse(model.folder_of(state), model_id(state), fingerprint(), evaluation)
    return os.EX_OK


def train(state: Path) -> int:
    """Makes the model of today's data, if there is none yet; who answers does not change."""
    folder, wanted, local = model.folder_of(state), model_id(state), local_sentences(state)
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(BOT_PYTHON), "-m", "bot.train", "--out", str(folder)]
    if local:
        command += ["--local", str(local)]
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two at once the second finds the first one's model
        if models.card_of(folder, wanted):
            return os.EX_OK
        try:
            _sweep(folder)
            subprocess.run(
                command,
                cwd=ROOT,
                env=child_environment(),
                preexec_fn=partial(_in_the_background, os.getpid()),
            )
        finally:
            _sweep(folder)
    if not models.card_of(folder, wanted):
        return fail("对话模型没有训练成功,上面是原因;改好后再运行一次即可。")
    return os.EX_OK


def _in_the_background(parent: int) -> None:
    os.nice(10)  # citizens are being answered meanwhile
    die_with(parent)


def _sweep(folder: Path) -> None:
    """What a training that was killed has left."""
    for left in folder.glob(".training-*"):
        shutil.rmtree(left, ignore_errors=True)
