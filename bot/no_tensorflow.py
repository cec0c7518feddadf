"""Rasa without TensorFlow: memory and start-up time that none of our components uses.

Rasa imports its own DIET and TED policies whether or not the pipeline names them, and they
import TensorFlow. `install()`, called before the first `import rasa`, answers those imports
with a stand-in: a class that may be subclassed, subscripted or used as a decorator while Rasa's
modules are being read, and that refuses to do any work. The stock `rasa` command is untouched.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar

# TensorFlow and the packages that only come with it
ABSENT = frozenset(
    {"tensorflow", "tensorflow_text", "tensorflow_hub", "tensorflow_addons", "keras"}
)


class _AnswersAll(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, _: Any) -> Any:
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not StandIn:
            raise RuntimeError(f"{cls.__name__} needs TensorFlow, which bot.no_tensorflow left out")
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else cls


class StandIn(metaclass=_AnswersAll):
    """Whatever Rasa reads from TensorFlow."""


class _Module(ModuleType):
    __path__: ClassVar[list[str]] = []  # type: ignore[misc]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def install() -> None:
    if "tensorflow" in sys.modules:
        raise RuntimeError("bot.no_tensorflow comes before the first import of rasa")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
