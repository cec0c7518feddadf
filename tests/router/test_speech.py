"""Words of sounds: only where the operator has a model, and then of recordings and voices alike."""

import sys

import pytest

from router import speech
from router.settings import MissingSettings
from tests.fake_sherpa import OfflineRecognizer, put
from tests.router.hotline.people import sounding


@pytest.fixture
def model(settings, tmp_path, monkeypatch):
    return put(settings, tmp_path, monkeypatch)


def test_without_a_folder_there_is_no_model_and_no_package_is_looked_for(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "sherpa_onnx", None)
    assert speech.load(settings) is None


def test_a_folder_without_a_model_and_a_missing_package_are_told_at_start(
    settings, model, monkeypatch
):
    monkeypatch.setitem(sys.modules, "sherpa_onnx", None)
    with pytest.raises(MissingSettings, match="sherpa-onnx"):
        speech.load(settings)
    (model / "tokens.txt").unlink()
    with pytest.raises(MissingSettings, match="tokens"):
        speech.load(settings)


async def test_a_sound_is_heard_in_pieces_that_the_model_can_bear(settings, model):
    said = "gongzi " * 128_000  # nearly a minute of 8000 samples a second
    heard = await speech.load(settings).text(sounding(said), "audio/wav")
    assert heard.replace(" ", "") == said.replace(" ", "")
    lengths = [len(one.samples) for one in OfflineRecognizer.made.streams]
    assert max(lengths) == 8000 * speech.BREATH_S and len(lengths) > 1


async def test_a_folder_of_paraformer_is_read_as_such(settings, model):
    other = model.with_name("sherpa-onnx-paraformer-zh")
    model.rename(other)
    settings.SPEECH_MODEL = other
    speech.load(settings)
    assert OfflineRecognizer.made.given["kind"] == "paraformer"


async def test_what_is_no_sound_is_said_to_be_none(settings, model, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(speech.NotSound):
        await speech.load(settings).text(b"#!AMR", "audio/amr")
