"""One side of bench/eligibility in a process of its own.

python -m bench.rules.sides NAME FILE   reads the work from FILE, prints its answers as one
                                        JSON line; then obeys the lines on stdin:
  go     runs all cases once, prints the seconds and the most memory so far
  held   lets the cases go, prints the memory that is left: the engine with its rules
"""

import ctypes
import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = Callable[[Any], Any]
Side = tuple[list[Any], Answer, Callable[[Any], str]]


def zen(work: dict[str, Any]) -> Side:
    """A decision table, first hit, its content compiled once: the way its manual calls fast."""
    import zen as engine

    names = ["danger", "lawyer", "matter", "violence", "proof", "income_pc"]
    rules = []
    for number, (when, outcome) in enumerate(work["table"]):
        row = {name: _cell(when[name]) if name in when else "" for name in names}
        rules.append({"_id": str(number), **row, "outcome": json.dumps(outcome)})
    column = {"type": "expression"}
    content = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": {
                "hitPolicy": "first", "rules": rules,
                "inputs": [{"id": n, "name": n, "field": n, **column} for n in names],
                "outputs": [{"id": "outcome", "name": "outcome", "field": "outcome", **column}]}},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [{"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
                  {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"}],
    }  # fmt: skip
    compiled = engine.ZenDecisionContent(json.dumps(content))
    evaluate = engine.ZenEngine({"loader": lambda key: compiled}).evaluate
    return work["cases"], lambda case: evaluate("table", case), lambda r: r["result"]["outcome"]


def _cell(test: Any) -> str:
    op, value = test
    if op == "in":
        return ", ".join(json.dumps(one) for one in value)
    if op == "<=":
        return f"<= {value}"
    return json.dumps(value) if op == "==" else f"!= {json.dumps(value)}"


def json_logic(work: dict[str, Any]) -> Side:
    from json_logic import jsonLogic

    def test(name: str, op: str, value: Any) -> dict[str, Any]:
        return {op: [{"var": name}, value]}

    rule: list[Any] = []
    for when, outcome in work["table"]:
        tests = [test(name, *one) for name, one in when.items()]
        rule += [tests[0] if len(tests) == 1 else {"and": tests} if tests else True, outcome]
    logic = {"if": rule}
    return work["cases"], lambda case: jsonLogic(logic, case), str


def rule_engine(work: dict[str, Any]) -> Side:
    """Each row compiled once; the first that matches."""
    import rule_engine as engine

    rows = []
    for when, outcome in work["table"]:
        tests = [f"{n} {op} {_literal(v)}" for n, (op, v) in when.items()] or ["true"]
        rows.append((engine.Rule(" and ".join(tests)).matches, outcome))

    def first(case: Any) -> str:
        return next(outcome for matches, outcome in rows if matches(case))

    return work["cases"], first, str


def _literal(value: Any) -> str:
    return json.dumps(value)


def durable_rules(work: dict[str, Any]) -> Side:
    """An event a case; the row of the highest priority takes it."""
    from durable.lang import all, m, post, pri, rule, ruleset

    found: list[str] = []

    def says(outcome: str) -> Callable[[Any], None]:
        return lambda c: found.append(outcome)

    with ruleset("table"):
        for number, (when, outcome) in enumerate(work["table"]):
            tests = [_event(m, name, *one) for name, one in when.items()] or [+m.matter]
            condition = tests[0]
            for more in tests[1:]:
                condition = condition & more
            rule("all", True, pri(number), condition)(says(outcome))
    assert all

    def first(case: Any) -> str:
        post("table", case)
        return found.pop()

    return work["cases"], first, str


def _event(m: Any, name: str, op: str, value: Any) -> Any:
    field = getattr(m, name)
    if op == "in":
        either = field == value[0]
        for one in value[1:]:
            either = either | (field == one)
        return either
    return {"==": field.__eq__, "!=": field.__ne__, "<=": field.__le__}[op](value)


def ours(work: dict[str, Any]) -> Side:
    """The whole law with every reason filled in."""
    from router.eligibility import decide, load_law, parse_facts

    law = load_law(extra=Path(work["regions"]) if work.get("regions") else None)
    cases = [parse_facts(facts) for facts in work["facts"]]
    work.clear()
    return cases, lambda facts: decide(facts, law), lambda decision: str(decision.outcome)


def ours_from_json(work: dict[str, Any]) -> Side:
    """From a dictionary to a dictionary: facts checked before, everything copied after."""
    from router.eligibility import decide, load_law, parse_facts

    law = load_law()
    return (
        work["facts"],
        lambda facts: decide(parse_facts(facts), law).to_dict(),
        lambda answer: str(answer["outcome"]),
    )


def walk(work: dict[str, Any]) -> Side:
    """The same without compiling."""
    from router.eligibility import decide_plainly, load_law, parse_facts

    law = load_law()
    cases = [parse_facts(facts) for facts in work["facts"]]
    return cases, lambda facts: decide_plainly(facts, law), lambda decision: str(decision.outcome)


SIDES = {side.__name__: side for side in (zen, json_logic, rule_engine, durable_rules, ours,
                                          ours_from_json, walk)}  # fmt: skip


def main() -> None:
    name, file = sys.argv[1:]
    cases, answer, outcome = SIDES[name](json.loads(Path(file).read_text("utf-8")))
    began = time.perf_counter()
    outcomes = [outcome(answer(case)) for case in cases]
    first = time.perf_counter() - began
    print(json.dumps({"outcomes": outcomes, "first": first}), flush=True)
    for line in sys.stdin:
        if line == "held\n":
            cases.clear()
            outcomes.clear()
            gc.collect()
            ctypes.CDLL("libc.so.6").malloc_trim(0)
            print(json.dumps({"held": _memory("VmRSS")}), flush=True)
            continue
        began = time.perf_counter()
        for case in cases:
            answer(case)
        print(json.dumps({"seconds": time.perf_counter() - began, "peak": _memory("VmHWM")}),
              flush=True)  # fmt: skip


def _memory(what: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) / 1000


if __name__ == "__main__":
    main()
