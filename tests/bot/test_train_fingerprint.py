"""The name of a model says exactly what it was made from."""

import shutil
import subprocess
import sys

import pytest

from bot.train import ROOT, SOURCES, fingerprint, program


@pytest.fixture
def checkout(tmp_path):
    for source in SOURCES:
        here, there = ROOT / source, tmp_path / source
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there)
        else:
            shutil.copy(here, there)
    return tmp_path


def test_the_same_files_elsewhere_have_the_same_fingerprint(checkout):
    assert fingerprint(checkout) == fingerprint()


@pytest.mark.parametrize(
    "changed",
    ["config.yml", "data/emergency.yml", "bot/language/money.py", "bot/requirements.lock"],
)
def test_one_changed_byte_is_another_model(checkout, changed):
    path = checkout / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n# x", encoding="utf-8")
    assert fingerprint(checkout) != fingerprint()


def test_other_sentences_make_another_model_for_the_same_program(checkout):
    sentences = next((checkout / "data/training/nlu").glob("*.yml"))
    sentences.write_text(sentences.read_text(encoding="utf-8") + "\n# x", encoding="utf-8")
    assert fingerprint(checkout) != fingerprint()
    assert program(checkout) == program()


@pytest.mark.parametrize(
    "changed", ["config.yml", "bot/language/money.py", "data/training/rules/turn.yml"]
)
def test_a_model_of_another_program_is_known_as_such(checkout, changed):
    path = checkout / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n# x", encoding="utf-8")
    assert program(checkout) != program()


def test_compiled_files_do_not_count(checkout):
    cache = checkout / "bot/components/__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "speed.cpython-310.pyc").write_bytes(b"x")
    assert fingerprint(checkout) == fingerprint()


def test_asking_for_the_fingerprint_loads_no_rasa():
    words = "import sys, bot.train; bot.train.fingerprint(); sys.exit('rasa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], cwd=ROOT).returncode == 0
