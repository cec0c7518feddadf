"""Who of those that may be asked is asked: one small pure function a file, `choose()`.

A queue names its strategy in its destination's file.
"""

import pkgutil
from collections.abc import Sequence
from importlib import import_module

from router.dispatch.strategies.candidate import Candidate

NAMES = frozenset(m.name for m in pkgutil.iter_modules(__path__)) - {"candidate"}


def choose(strategy: str, candidates: Sequence[Candidate]) -> Candidate | None:
    """None: there is nobody."""
    module = import_module(f"router.dispatch.strategies.{strategy}")
    found: Candidate | None = module.choose(candidates)
    return found
