"""`python -m bot.understand --model PATH < in.jsonl > out.jsonl`: what the trained model reads.

Every line goes through the same graph as a live message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from bot import quiet
from bot.train import ROOT


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
        said: Any = None
        try:
            said = json.loads(line)
            name, text = said["id"], said["text"]
            if not isinstance(text, str):
                raise TypeError("text")
        except (ValueError, TypeError, KeyError):
            bad += 1
            name = said.get("id") if isinstance(said, dict) else None
            result = {"id": name, "error": f'第 {number} 行不是 {{"id", "text"}} 形式的 JSON'}
        else:
            # A leading slash is a command to Rasa; the gateway sends it full-width, and so do we
            plain = "／" + text.lstrip()[1:] if text.lstrip().startswith("/") else text
            result = {"id": name, **row(await agent.parse_message(plain))}
        out.write(json.dumps(result, ensure_ascii=False) + "\n")
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
