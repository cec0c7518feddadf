"""Words of a sound, where the operator has a speech model: recordings, and voices from WeChat.

No model ships. `SPEECH_MODEL` names a folder as sherpa-onnx's releases unpack to (model.int8.onnx
or model.onnx, tokens.txt): SenseVoice, or Paraformer where the folder's name says so. Only then is
the package `sherpa-onnx` loaded; what is no WAV is decoded by `ffmpeg`.
"""

import asyncio
import io
import wave
from array import array
from typing import Any, Protocol

from router.settings import MissingSettings, Settings

RATE = 16_000  # samples a second, of what ffmpeg hands over
BREATH_S = 28  # the models hear about half a minute at once
Sound = tuple[int, "array[float]"]  # samples a second, one channel, -1 to 1


class Transcriber(Protocol):
    async def text(self, sound: bytes, mime: str) -> str:
        """Empty: nothing to be heard. Raises NotSound."""


class NotSound(ValueError):
    """Nothing here decodes it."""


def load(settings: Settings) -> Transcriber | None:
    """None: no folder is set. Raises MissingSettings where it holds no model, or the package is
    not installed."""
    if settings.SPEECH_MODEL is None:
        return None
    folder = settings.SPEECH_MODEL
    model = next((m for m in ("model.int8.onnx", "model.onnx") if (folder / m).is_file()), None)
    if model is None or not (folder / "tokens.txt").is_file():
        raise MissingSettings(f"SPEECH_MODEL 指的目录 {folder} 里没有 model.onnx 和 tokens.txt。")
    try:
        import sherpa_onnx
    except ImportError:
        raise MissingSettings(
            "设了 SPEECH_MODEL，还要安装 sherpa-onnx：.venv/bin/python -m pip install sherpa-onnx"
        ) from None
    given = {"tokens": str(folder / "tokens.txt")}
    recognizer = sherpa_onnx.OfflineRecognizer
    if "paraformer" in folder.name:
        return Sherpa(recognizer.from_paraformer(paraformer=str(folder / model), **given))
    return Sherpa(recognizer.from_sense_voice(model=str(folder / model), use_itn=True, **given))


class Sherpa:
    def __init__(self, recognizer: Any) -> None:
        self._recognizer, self._one = recognizer, asyncio.Lock()

    async def text(self, sound: bytes, mime: str) -> str:
        rate, heard = of_wav(sound) or (RATE, await _decoded(sound))
        async with self._one:  # it takes a core for itself
            return await asyncio.to_thread(self._text, rate, heard)

    def _text(self, rate: int, heard: "array[float]") -> str:
        said = []
        for start in range(0, len(heard), rate * BREATH_S):
            stream = self._recognizer.create_stream()
            stream.accept_waveform(rate, heard[start : start + rate * BREATH_S])
            self._recognizer.decode_stream(stream)
            said.append(stream.result.text.strip())
        return "".join(said)


def of_wav(sound: bytes) -> Sound | None:
    """All channels as one. None: no WAV of 16 bits."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            if file.getsampwidth() != 2:
                return None
            channels, rate = file.getnchannels(), file.getframerate()
            frames = array("h", file.readframes(file.getnframes()))
    except (wave.Error, EOFError):
        return None
    each = [frames[at::channels] for at in range(channels)]
    return rate, array("f", (sum(at) / (32768 * channels) for at in zip(*each, strict=True)))


async def _decoded(sound: bytes) -> "array[float]":
    told = ("-loglevel", "error", "-i", "-", "-f", "f32le", "-ac", "1", "-ar", str(RATE), "-")
    pipe = asyncio.subprocess.PIPE
    try:
        ffmpeg = await asyncio.create_subprocess_exec(
            "ffmpeg", *told, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise NotSound("ffmpeg is not installed") from None
    out, _ = await ffmpeg.communicate(sound)
    if ffmpeg.returncode:
        raise NotSound("ffmpeg cannot decode it")
    return array("f", out)
