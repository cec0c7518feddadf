"""Figures of several rounds, as medians with their spread: on a busy machine one says little."""

import os
import statistics
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Run:
    took: list[float]  # seconds, in any order
    worked: float | None = None  # seconds of this process's CPU for each
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    def at(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Rounds:
    """By what was measured, in the order in which it first came."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Run]] = defaultdict(list)

    def add(self, what: str, run: Run) -> None:
        self._runs[what].append(run)

    def middle(self, what: str) -> float:
        """The median round's p50, in seconds."""
        return statistics.median(run.at(0.5) for run in self._runs[what])

    def show(self) -> None:
        """Milliseconds: median of the rounds [best–worst round]; CPU of this process for one."""
        for what, runs in self._runs.items():
            if not all(run.took for run in runs):
                print(f"  {what}  nothing came")
                continue
            worked = [run.worked * 1000 for run in runs if run.worked is not None]
            cpu = f"  CPU {statistics.median(worked):5.1f}" if worked else ""
            load = statistics.median(run.load for run in runs)
            count = f"{len(runs)} × {len(runs[0].took)}"
            told = f"p50 {_spread(runs, 0.5)}  p99 {_spread(runs, 0.99)} ms"
            print(f"  {what}  {told}{cpu}  load {load:.1f}  ({count})", flush=True)


def _spread(runs: list[Run], share: float) -> str:
    every = sorted(run.at(share) * 1000 for run in runs)
    return f"{statistics.median(every):7.1f} [{every[0]:.1f}–{every[-1]:.1f}]"
