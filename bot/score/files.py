"""The rows of an evaluation folder, each fault named by file and line.

matter*.jsonl names the matter of a text, intake*.jsonl also what else it tells. A file with
`train` in its name is there to learn from and is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.train import ROOT

LABELS: dict[str, Any] = yaml.safe_load(
    (ROOT / "data/evaluation/labels.yml").read_text(encoding="utf-8")
)
COARSE: dict[str, str] = LABELS["matters"]
LITERAL = ("money", "time", "region")  # as written in the text
CHOSEN = ("groups", "ask")  # of a closed list
_FREE = {"id", "text", "source", "source_label"}
_FIELDS = {
    "matter": ({"id", "text", "label"}, {"alt_labels", "source", "source_label"}),
    "intake": (
        {"id", "text", "matter", "party", "danger", *CHOSEN, *LITERAL},
        {"matter_also", "source"},
    ),
}


@dataclass(frozen=True)
class Row:
    id: str
    text: str
    label: str
    also: tuple[str, ...]  # other labels a careful desk officer could defend
    told: dict[str, Any]  # the intake flags; empty in matter*.jsonl

    def accepts(self, label: str) -> bool:
        return label == self.label or label in self.also


@dataclass
class Data:
    matter: list[Row] = field(default_factory=list)
    intake: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Faulty(ValueError):
    """What has to be put right, one line a fault."""


def read(folder: Path) -> Data:
    data, faults = Data(), []
    for kind in _FIELDS:
        for path in sorted(folder.glob(f"{kind}*.jsonl")):
            if "train" in path.stem:
                data.left_out.append(path.name)
                continue
            rows: list[Row] = getattr(data, kind)
            known = {row.id for row in rows}
            for number, line in enumerate(path.read_bytes().splitlines(), start=1):
                if not line.strip():
                    continue
                found = list(_faults(line, kind, known))
                faults += [f"{path}:{number}：{fault}" for fault in found]
                if not found:
                    rows.append(_row(json.loads(line), kind))
                    known.add(rows[-1].id)
    if faults:
        raise Faulty("\n".join(faults))
    if not data.matter and not data.intake:
        raise Faulty(f"{folder}：没有 matter*.jsonl 或 intake*.jsonl，没有可以计分的。")
    return data


def _row(raw: dict[str, Any], kind: str) -> Row:
    if kind == "matter":
        return Row(raw["id"], raw["text"], raw["label"], tuple(raw.get("alt_labels", ())), {})
    told = {name: raw[name] for name in ("party", "danger", *CHOSEN, *LITERAL)}
    return Row(raw["id"], raw["text"], raw["matter"], tuple(raw.get("matter_also", ())), told)


def _faults(line: bytes, kind: str, known: set[str]) -> Iterator[str]:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        yield "不是有效的 JSON。"
        return
    if not isinstance(raw, dict):
        yield "应当是一组“名称：值”。"
        return
    must, may = _FIELDS[kind]
    for name in sorted(raw.keys() - must - may):
        yield f"不认识“{name}”这一项。"
    for name in sorted(must - raw.keys()):
        yield f"缺少“{name}”这一项。"
    for name in sorted(raw.keys() & (must | may)):
        yield from _wrong_value(name, raw[name], str(raw.get("text")))
    if isinstance(raw.get("id"), str) and raw["id"] in known:
        yield f"“{raw['id']}”这个 id 出现过了。"


def _wrong_value(name: str, value: Any, text: str) -> Iterator[str]:
    if name in _FREE:
        if not isinstance(value, str) or (name in ("id", "text") and not value.strip()):
            yield f"“{name}”应当是文字。"
        return
    single = name in ("label", "matter", "party")
    values = [value] if single else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        yield f"“{name}”应当是{'一个词' if single else '一列文字'}。"
        return
    if name in LITERAL:
        yield from (f"{name}：“{one}”不在原文里。" for one in values if one not in text)
        return
    allowed = COARSE if name in ("label", "alt_labels", "matter", "matter_also") else LABELS[name]
    yield from (f"{name}：没有“{one}”这个标签。" for one in values if one not in allowed)
