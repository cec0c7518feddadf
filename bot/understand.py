"""`python -m bot.understand --model PATH < in.jsonl > out.jsonl`: what the trained model reads.

Every line goes through the same graph as a live message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any, TextIO

from bot import quiet
from bot.train import ROOT

BLANK_LETTERS = set("\u115f\u1160\u2800\u3164\uffa0")  # as router/gateway/text.py has them


def as_live(text: str) -> str:
    """The text as the gateway hands it on: never a command, which to Rasa starts with a slash."""
    text = without_halves(text)
    text = text[next((i for i, char in enumerate(text) if not _unseen(char)), len(text)) :]
    return "／" + text[1:] if unicodedata.normalize("NFKC", text[:1]) == "/" else text


def without_halves(text: str) -> str:
    """JSON can write half a surrogate pair; neither the tokenizer nor UTF-8 knows one."""
    return text.encode("utf-8", "replace").decode()


def _unseen(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "ZC" or kind == "Mn" or char in BLANK_LETTERS


def row(parsed: dict[str, Any]) -> dict[str, Any]:
    ranked = parsed["matter_ranking"]
    spans = parsed["spans"]
    keys = ("party", "danger", "groups", "region", "money", "time", "ask")
    return {"matter": ranked[0][0], "ranked": ranked, **{key: spans[key] for key in keys}}


async def answer(lines: TextIO, out: TextIO, model: Path) -> int:
    """Writes one line for each line read; returns how many could not be read."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    bad = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        name: Any = None
        try:
            said = json.loads(line)
            if isinstance(said, dict) and isinstance(said.get("id"), str | int | float):
                name = said["id"]
            _, text = said["id"], said["text"]
            if not isinstance(text, str):
                raise TypeError("text")
        except (ValueError, TypeError, KeyError, RecursionError):
            bad += 1
            result = {"id": name, "error": f'第 {number} 行不是 {{"id", "text"}} 形式的 JSON'}
        else:
            result = {"id": name, **row(await agent.parse_message(as_live(text)))}
        out.write(without_halves(json.dumps(result, ensure_ascii=False)) + "\n")
    return bad


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.understand", description="读懂每一行")
    parser.add_argument("--model", type=Path, required=True)
    model = parser.parse_args().model.resolve()
    if not model.is_file():
        raise SystemExit(f"没有这个模型文件：{model}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    quiet.prepare()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints goes to stderr, not between the lines
    with open(0, encoding="utf-8", errors="replace") as lines, out:
        asyncio.run(answer(lines, out, model))


if __name__ == "__main__":
    main()
