"""The YAML files of the law: every key with its line, every fault as a sentence for jurists."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to put right (`fault`) or only to know, with its place."""

    path: Path
    line: int  # 0: the file as a whole
    sentence: str
    fault: bool = True

    def __str__(self) -> str:
        here = Path.cwd()
        shown = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        place = f"{shown}:{self.line}" if self.line else str(shown)
        return f"{place}：{'' if self.fault else '提示：'}{self.sentence}"


class LawError(ValueError):
    """法律数据文件有误，系统不能启动，请按提示更正。"""

    def __init__(self, *remarks: Remark) -> None:
        super().__init__("\n".join(map(str, remarks)))
        self.remarks = remarks


@dataclass(frozen=True)
class Source:
    """One file as read: plain values, and the line of each key."""

    path: Path
    data: dict[Any, Any]
    text: str

    @cached_property
    def lines(self) -> dict[Key, int]:
        """Read anew when somebody asks: a sound file of 3,000 rows never needs them."""
        lines: dict[Key, int] = {}
        if node := yaml.compose(self.text, _Loader):
            _note_lines(node, (), lines)
        return lines

    def line(self, *key: object) -> int:
        """Of the deepest part of the key that is in the file."""
        return self.lines.get(self.known(*key), 1)

    def known(self, *key: object) -> Key:
        """The parts of the key that are in the file; pydantic puts words of its own between."""
        found: Key = ()
        for part in map(_plain, key):
            if (*found, part) in self.lines:
                found = (*found, part)
        return found


class LawFiles:
    """A folder of law; files in `over` take the place of those of the same name.

    `over` has the same layout, or holds nothing but region files.
    """

    def __init__(self, folder: Path, over: Path | None = None) -> None:
        self.folder, self.over = folder, over
        self.remarks: list[Remark] = []
        self.sources: dict[Path, Source] = {}
        self._bytes: dict[str, bytes] = {}
        for wanted in (folder, over):
            if wanted is not None and not wanted.is_dir():
                self.remark(wanted, 0, "没有这个文件夹。")

    @property
    def version(self) -> str:
        """Of what was read: the same facts under the same version give the same answer."""
        digest = hashlib.sha256()
        for name, raw in sorted(self._bytes.items()):
            digest.update(name.encode() + b"\0" + raw + b"\0")
        return digest.hexdigest()[:16]

    def path(self, name: str) -> Path:
        changed = self.over / name if self.over else None
        return changed if changed and changed.exists() else self.folder / name

    def regions(self) -> dict[str, Path]:
        """Region code → file."""
        found = {path.stem: path for path in sorted((self.folder / "regions").glob("*.yml"))}
        if self.over:
            common = {path.name for path in self.folder.glob("*.yml")}
            plain = [path for path in sorted(self.over.glob("*.yml")) if path.name not in common]
            changed = [*plain, *sorted((self.over / "regions").glob("*.yml"))]
            if self.over.is_dir() and not any(self.over.rglob("*.yml")):
                self.remark(self.over, 0, "里面没有法律数据文件(*.yml)。")
            found |= {path.stem: path for path in changed}
        if not found:
            self.remark(self.folder / "regions", 0, "里面没有地区文件(*.yml)。")
        return found

    def remark(self, path: Path, line: int, sentence: str, fault: bool = True) -> None:
        self.remarks.append(Remark(path, line, sentence, fault))

    def faulty(self, path: Path) -> bool:
        return any(remark.fault and remark.path == path for remark in self.remarks)

    def read(self, path: Path, name: str) -> Source | None:
        """The file, or None with what is wrong noted. `name` counts for the version."""
        try:
            raw = path.read_bytes()
            source = _parse(path, raw.decode("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as trouble:
            why = "不是 UTF-8 文字" if isinstance(trouble, UnicodeDecodeError) else trouble.strerror
            self.remark(path, 0, f"读不出来({why})。")
        except RecursionError:
            self.remark(path, 0, "一层套一层太深了，读不出来。")
        except yaml.MarkedYAMLError as trouble:
            mark = trouble.problem_mark or trouble.context_mark
            self.remark(path, mark.line + 1 if mark else 0, _bad_yaml(trouble))
        except (yaml.YAMLError, ValueError) as trouble:  # e.g. a control character
            self.remark(path, 0, f"写法不对：{str(trouble).splitlines()[0]}。")
        else:
            self._bytes[name], self.sources[path] = raw, source
            return source
        return None

    def check(self, model: type[M], source: Source, raw: Any, *above: str) -> M | None:
        """The value as a model, or None with each fault noted."""
        try:
            return model.model_validate(raw)
        except ValidationError as trouble:
            errors = trouble.errors(include_url=False, include_input=False)
        found: dict[Key, str] = {}
        for error in errors:
            key = source.known(*above, *error["loc"])
            if error["type"] == "missing":
                key = (*key, str(error["loc"][-1]))
            found.setdefault(key, _sentence(error))
        for key, sentence in found.items():
            # "neither a number nor …" says less than what is wrong inside
            if not any(other != key and other[: len(key)] == key for other in found):
                where = ".".join(key) or "整个文件"
                self.remark(source.path, source.line(*key), f"{where}：{sentence}。")
        return None


def _parse(path: Path, text: str) -> Source:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise yaml.MarkedYAMLError(None, None, "最外层应当是“键: 值”", node and node.start_mark)
    return Source(path, data, text)


def _note_lines(node: yaml.Node, key: Key, lines: dict[Key, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            below = (*key, str(name.value))
            lines[below] = name.start_mark.line + 1
            _note_lines(value, below, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            below = (*key, str(number))
            lines[below] = value.start_mark.line + 1
            _note_lines(value, below, lines)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML that refuses a key given twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, (dict, list)):
                raise yaml.MarkedYAMLError(None, None, "键应当是一个词", key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(None, None, f"键“{key}”写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            raise yaml.MarkedYAMLError(
                None, None, f"“{node.value}”不是真实的日期", node.start_mark
            ) from None


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
# A dated key in pydantic's words.
_PYTHON_DATE: Final = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")


def _bad_yaml(trouble: yaml.MarkedYAMLError) -> str:
    said = trouble.problem or str(trouble)
    if _CHINESE.search(said):
        return f"{said}。"
    return f"YAML 写法不对，多半是括号、引号没有配对，或者缩进不齐({said})。"


def _plain(part: object) -> str:
    return _PYTHON_DATE.sub(lambda day: str(dt.date(*map(int, day.groups()))), str(part))


_SAYS: Final = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这样一项，请核对拼写",
    "literal_error": "只能写 {expected}",
    "float_parsing": "应当是数字",
    "float_type": "应当是数字",
    "finite_number": "应当是数字",
    "int_parsing": "应当是整数",
    "int_type": "应当是整数",
    "int_from_float": "应当是整数",
    "bool_parsing": "应当是 true 或 false",
    "bool_type": "应当是 true 或 false",
    "string_type": "应当是文字；全是数字的要加引号",
    "tuple_type": "应当是一列，写在方括号里，如 [甲, 乙]",
    "frozen_set_type": "应当是一列，写在方括号里，如 [甲, 乙]",
    "too_short": "至少要写一条",
    "string_too_short": "不能空着",
    "model_type": "应当是“键: 值”",
    "dict_type": "应当是“键: 值”",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "应当大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "value_error": "{error}",
}  # fmt: skip


def _sentence(error: Any) -> str:
    kind = error["type"]
    if kind.startswith("date_"):
        return "应当是真实的日期，写成 2026-07-01"
    says, context = _SAYS.get(kind), dict(error.get("ctx") or {})
    if says is None:
        return str(error["msg"])
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(", ", "、").replace(" or ", "、")
    return says.format(**context)
