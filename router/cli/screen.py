"""`jieyuan screen`: facts in, one JSON object a line; decisions out, one a line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, TextIO

from router.eligibility import FactError, Law, LawError, decide, explain, load_law, parse_facts

_SHOWN = ("outcome", "basis", "route", "warn", "next_question", "reasons", "changes")


def main(argv: list[str]) -> int:
    """Stream stdin to stdout; a bad line becomes an error line and the rest goes on."""
    parser = argparse.ArgumentParser(
        prog="jieyuan screen",
        description="读入每行一个 {id, facts} 的 JSON,输出每行一个预审结果。",
    )
    parser.add_argument("--regions", type=Path, metavar="DIR", help="另外的地区文件夹(*.yml)")
    parser.add_argument("--explain", action="store_true", help="另外列出改变哪一项事实会改变结果")
    options = parser.parse_args(argv)
    try:
        law = load_law(extra=options.regions)
    except LawError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return stream(sys.stdin.buffer, sys.stdout, law, options.explain)


def stream(lines: Any, out: TextIO, law: Law, explained: bool = False) -> int:
    """Bytes in: one line that is not UTF-8 must not cost the others their answer."""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        answer = screen_line(raw, number, law, explained)
        try:
            print(json.dumps(answer, ensure_ascii=False), file=out, flush=True)
        except UnicodeEncodeError:
            print(json.dumps(answer), file=out, flush=True)
        except BrokenPipeError:
            return 0
    return 0


def screen_line(raw: bytes | str, number: int, law: Law, explained: bool = False) -> dict[str, Any]:
    """One line; whatever is wrong with it is said in its own answer."""
    try:
        line = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return {"id": None, "error": f"第{number}行不是有效的 JSON。"}
    if not isinstance(line, dict):
        return {"id": None, "error": f"第{number}行应当是 {{id, facts}}。"}
    named = line.get("id")
    if not isinstance(line.get("facts"), dict):
        return {"id": named, "error": "facts:缺少这一项，或不是一组“名称：值”。"}
    try:
        facts = parse_facts(line["facts"])
        decision = explain(facts, law) if explained else decide(facts, law).to_dict()
    except FactError as wrong:
        return {"id": named, "error": str(wrong)}
    return {"id": named, **{key: decision[key] for key in _SHOWN if key in decision}}


def _no_constant(word: str) -> float:
    raise ValueError(word)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
