"""`python -m bot.train --out DIR [--local DIR]`: a model for exactly this checkout and the centre's
own sentences, trained once.

The name of the file is a fingerprint of all that goes into it. `fingerprint` needs only the
standard library, because the router's supervisor (another environment) asks it too.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from bot import models

ROOT = Path(__file__).resolve().parents[1]
RASA = "3.6.21"
SOURCES = (
    "config.yml",
    "bot/domain",
    "data/training",
    "bot/components",
    "bot/language",
    "data/emergency.yml",
    "data/danger_weights.json",
    "data/spoken.yml",
    "data/traditional.txt",
    "bot/requirements.lock",  # another encoder reads otherwise
)
SENTENCES = (
    "data/training/nlu",
    "data/training/danger",
)  # a model trained on others still runs in the same program


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    found = [p for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return sorted(p for p in found if not p.name.startswith("."))


def fingerprint(
    root: Path = ROOT, local: Path | None = None, sources: tuple[str, ...] = SOURCES
) -> str:
    """Changes when a model trained now would differ from, or read other code than, the last one.

    `local`: a folder with the centre's own sentences, as data/training has them.
    """
    named = {p.relative_to(root).as_posix(): p for source in sources for p in _files(root / source)}
    if local:
        named |= {f"local/{p.relative_to(local).as_posix()}": p for p in _files(local)}
    return _digest(named)


def program(root: Path = ROOT) -> str:
    """The part of the fingerprint that a model must share with the program that loads it."""
    named = {p.relative_to(root).as_posix(): p for source in SOURCES for p in _files(root / source)}
    return _digest({name: p for name, p in named.items() if not name.startswith(SENTENCES)})


def _digest(named: dict[str, Path]) -> str:
    digest = hashlib.sha256(f"rasa {RASA}".encode())
    for name, path in named.items():
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def data_fingerprint(root: Path = ROOT) -> str:
    """Of the training data alone: two models with the same were taught the same."""
    return fingerprint(root, sources=("data/training",))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def train(out: Path, local: Path | None = None) -> Path:
    """The model's path; trains only when there is none for this fingerprint."""
    name = fingerprint(local=local)
    model = models.file_of(out, name)
    if model.exists():
        if not models.card_of(out, name):  # made before there were cards
            models.keep_card(out, _card(name, local))
        return model
    began = time.monotonic()
    _say("训练：载入 Rasa…")
    from bot import quiet

    quiet.prepare()
    import rasa.model_training

    out.mkdir(parents=True, exist_ok=True)
    examples = len(list((ROOT / "data/training/nlu").glob("*.yml")))
    _say(f"训练：{examples} 个语料文件，约半分钟…")
    # Trained beside its place, then renamed: a half-made model is never found under the name
    with tempfile.TemporaryDirectory(prefix=".training-", dir=out) as workshop:
        os.environ["RASA_CACHE_DIRECTORY"] = workshop  # else up to 1 GB of .rasa in the checkout
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for the path alone
            result = rasa.model_training.train(
                domain=str(ROOT / "bot/domain"),
                config=str(ROOT / "config.yml"),
                training_files=[str(ROOT / "data/training"), *([str(local)] if local else [])],
                output=workshop,
                fixed_model_name=name,
                force_training=True,
            )
        if result.code or not result.model:
            raise SystemExit(f"训练失败（Rasa 返回 {result.code}）：请看上面的提示。")
        # The card first: a model that is there has one
        models.keep_card(out, _card(name, local))
        os.replace(result.model, model)
    _say(f"训练：完成，用了 {time.monotonic() - began:.0f} 秒。")
    return model


def _card(name: str, local: Path | None) -> models.Card:
    made = datetime.now(timezone.utc).isoformat(timespec="seconds")
    own = [p.read_text(encoding="utf-8") for p in _files(local)] if local else []
    return models.Card(name, made, program(), sum(text.count("\n    - ") for text in own))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.train", description="训练对话模型")
    parser.add_argument("--out", type=Path, help="模型存放的文件夹")
    parser.add_argument("--local", type=Path, help="本中心自己的语料文件夹")
    parser.add_argument("--fingerprint", action="store_true", help="只输出指纹")
    asked = parser.parse_args()
    if asked.fingerprint:
        print(fingerprint())
        return
    if asked.out is None:
        parser.error("请用 --out 指定文件夹")
    out = asked.out.resolve()
    os.chdir(ROOT)  # Rasa finds bot.components through the working directory
    free = shutil.disk_usage(out if out.exists() else out.parent).free
    if free < 200 * 2**20:
        raise SystemExit(f"磁盘只剩 {free // 2**20} MB，训练需要约 200 MB：请先腾出空间。")
    print(train(out, asked.local and asked.local.resolve()))


if __name__ == "__main__":
    main()
