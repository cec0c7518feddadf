"""Another model takes over while citizens write: nobody notices, and nothing is ever half-made."""

import asyncio
import dataclasses
import os
import shutil
import signal
import sys

import pytest

from bot import models
from bot.train import program
from router.cli.environment import child_environment
from router.settings import ROOT
from tests.fakes import until
from tests.whole.system import Citizen
from tests.whole.test_crash import TROUBLE, answers_to, quiet

OTHER = "f" * 32


@pytest.fixture
def folder(system):
    """The running system's models: the one that answers, and another that reads the same."""
    it = system.state / "models"
    now = models.chosen(it)
    card = models.card_of(it, now.model)
    shutil.copy(models.file_of(it, now.model), models.file_of(it, OTHER))
    models.keep_card(it, dataclasses.replace(card, id=OTHER, score=None))
    yield it
    models.choose(it, now.model, now.release)


async def jieyuan(system, *words: str) -> tuple[int, str]:
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router.cli", *words, "--state", str(system.state), cwd=ROOT,
        env=child_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await run.communicate()
    return run.returncode, told.decode()


async def answers_with(folder, model: str) -> None:
    await until(lambda: models.answering(folder).get("model") == model, at_most=60)


async def in_the_middle_of_a_form(system) -> Citizen:
    it = await Citizen(system.url).begin()
    await it.say(TROUBLE)
    await it.say("没有请律师")
    return it


async def keeps_writing(citizen: Citizen, swapped: asyncio.Event) -> list[int]:
    asked = []
    while not swapped.is_set():
        asked.append((await citizen.send("为什么问这个"))["seq"])
        await citizen.hear(lambda line: line["who"] == "bot" and line["seq"] > asked[-1])
        await asyncio.sleep(0.6)  # below the limit on messages of one citizen
    return asked


async def test_citizens_in_the_middle_of_a_form_do_not_notice_a_swap_and_the_way_back(
    system, folder
):
    first = models.chosen(folder).model
    citizens = [await in_the_middle_of_a_form(system) for _ in range(8)]
    before = [(await one.state())["intake"]["facts"] for one in citizens]
    swapped = asyncio.Event()
    writing = [asyncio.create_task(keeps_writing(one, swapped)) for one in citizens]
    for words, model in ((("use", OTHER[:8]), OTHER), (("back",), first)):
        code, told = await jieyuan(system, "model", *words)
        assert code == 0 and model[:8] in told, told
        assert models.answering(folder)["model"] == model
    swapped.set()
    asked = await asyncio.gather(*writing)
    for citizen, seqs, facts in zip(citizens, asked, before, strict=True):
        await quiet(citizen, 1)
        assert seqs and [len(answers_to(citizen, seq)) for seq in seqs] == [1] * len(seqs)
        assert not [line for line in citizen.transcript if line["who"] == "system"][1:]
        assert (await citizen.state())["intake"]["facts"] == facts
        await citizen.end()


async def test_rasa_killed_while_it_goes_over_comes_back_with_what_was_chosen(system, folder):
    models.choose(folder, OTHER, models.chosen(folder).release)
    system.kill("rasa")
    await system.ready_again()
    await answers_with(folder, OTHER)
    citizen = await in_the_middle_of_a_form(system)
    await citizen.end()


@pytest.mark.parametrize("after", [0.1, 0.5, 1, 2, 4, 8])
async def test_a_command_killed_anywhere_leaves_one_whole_choice_that_answers(
    system, folder, after
):
    now = models.chosen(folder).model
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router.cli", "model", "use", OTHER, "--state", str(system.state),
        cwd=ROOT, env=child_environment(), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await asyncio.sleep(after)
    if run.returncode is None:
        os.kill(run.pid, signal.SIGKILL)
    await run.wait()
    choice = models.chosen(folder)
    assert choice.model in (now, OTHER)
    await answers_with(folder, choice.model)


async def test_a_model_that_cannot_be_opened_is_not_taken(system, folder):
    now, broken = models.chosen(folder).model, "e" * 32
    models.file_of(folder, broken).write_bytes(b"half a model")
    models.keep_card(folder, models.Card(broken, "2026-01-01T00:00:00+00:00", program()))
    code, told = await jieyuan(system, "model", "use", broken)
    assert code == 1 and "打不开" in told
    assert models.chosen(folder).model == now
    models.choose(folder, broken, models.chosen(folder).release)  # past the command's own look
    await until(lambda: models.answering(folder).get("refused") == broken)
    assert models.answering(folder)["model"] == now
    citizen = await in_the_middle_of_a_form(system)
    await citizen.end()
