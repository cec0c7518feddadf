"""The play on one page: calls, who waits, how long, who is there, how even the work is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from router.clock import CHINA
from router.simulator.measure import Measured, levels, percentile
from router.svg import Canvas, Point

WIDTH, LEFT, RIGHT = 960, 64, 24
HEAD, PANEL, GAP = 64, 110, 46
STEPS = 144  # ten minutes each in a day
BLUE, ORANGE, RED, GREEN, GREY = "#2b6cb0", "#c05621", "#c53030", "#2f855a", "#a0aec0"
Curve = tuple[str, str, Sequence[float | None]]  # name, colour, a value for each step


@dataclass(frozen=True)
class _Panel:
    title: str
    curves: Sequence[Curve]
    bars: bool = False


def draw(m: Measured) -> str:
    scenario = m.played.scenario
    panels = _panels(m)
    height = HEAD + (len(panels) + 1) * (PANEL + GAP)
    canvas = Canvas(WIDTH, height, scenario.title)
    canvas.text(LEFT, 26, scenario.title, fill="#111", size=18)
    canvas.text(LEFT, 46, _headline(m))
    top = HEAD
    for panel in panels:
        _draw(canvas, panel, top + 20)
        _hours(canvas, m, top + 20 + PANEL)
        top += PANEL + GAP
    _evenness(canvas, m, top + 20)
    return canvas.drawn()


def _headline(m: Measured) -> str:
    return (
        f"种子 {m.played.seed},来 {len(m.stories)} 件,6 秒内有人接 {m.share_within(6):.1%},"
        f"60 秒内 {m.share_within(60):.1%}"
    )


def _panels(m: Measured) -> list[_Panel]:
    start = m.played.scenario.start
    step = timedelta(hours=m.played.scenario.hours) / STEPS
    came: list[list[float]] = [[] for _ in range(STEPS)]
    for story in m.stories:
        wait = math.inf if story.wait is None else story.wait
        came[min(int((story.call.at - start) / step), STEPS - 1)].append(wait)

    def wait_of(share: float) -> list[float | None]:
        found = [percentile(sorted(waits), share) if waits else None for waits in came]
        return [None if value == math.inf else value for value in found]

    waiting = levels((span for s in m.stories for span in s.waiting), start, step, STEPS)
    present = levels(((a, b) for _, a, b in m.played.stays), start, step, STEPS)
    working = levels(m.work, start, step, STEPS)
    return [
        _Panel(f"每 {_span(step)}来的件数", [("", GREY, [len(w) for w in came])], bars=True),
        _Panel("还没有人接的件数", [("", RED, waiting)]),
        _Panel("等了多少秒", [("一半人", BLUE, wait_of(0.5)), ("九成人", ORANGE, wait_of(0.9))]),
        _Panel("律师", [("在岗人数", GREEN, present), ("手上件数", BLUE, working)]),
    ]


def _draw(canvas: Canvas, panel: _Panel, top: float) -> None:
    most = _round_up(max((v for _, _, vs in panel.curves for v in vs if v is not None), default=1))
    for part in (0.0, 0.5, 1.0):
        y = top + PANEL * (1 - part)
        canvas.line((LEFT, y), (WIDTH - RIGHT, y))
        canvas.text(LEFT - 6, y + 4, f"{most * part:g}", "end")
    canvas.text(LEFT, top - 8, panel.title, fill="#111")
    x = WIDTH - RIGHT
    for name, colour, values in reversed(panel.curves):
        if panel.bars:
            canvas.bars(_bars(values, most, top), colour)
        else:
            canvas.curve(_pieces(values, most, top), colour)
        canvas.text(x, top - 8, name, "end", colour)
        x -= 14 * len(name) + 14


def _x(step: float) -> float:
    return LEFT + step * (WIDTH - LEFT - RIGHT) / STEPS


def _bars(
    values: Sequence[float | None], most: float, top: float
) -> list[tuple[float, float, float, float]]:
    width = _x(1) - _x(0) - 1
    heights = [PANEL * (value or 0) / most for value in values]
    return [(_x(i), top + PANEL - height, width, height) for i, height in enumerate(heights)]


def _pieces(values: Sequence[float | None], most: float, top: float) -> list[list[Point]]:
    pieces: list[list[Point]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((_x(i + 0.5), top + PANEL * (1 - value / most)))
    return [piece for piece in pieces if piece]


def _hours(canvas: Canvas, m: Measured, y: float) -> None:
    start, span = m.played.scenario.start, timedelta(hours=m.played.scenario.hours)
    for i in range(9):
        moment = (start + span * i / 8).astimezone(CHINA)
        shown = f"{moment:%H:%M}" if span <= timedelta(days=2) else f"{moment.month}-{moment.day}"
        anchor = "start" if i == 0 else "end" if i == 8 else "middle"
        canvas.text(_x(i * STEPS / 8), y + 15, shown, anchor, "#777", 11)


def _evenness(canvas: Canvas, m: Measured, top: float) -> None:
    """A bar for each lawyer who came, at most as many as there is room for."""
    rates = sorted(duty.accepted / duty.hours for duty in m.duties if duty.hours)
    shown = rates if len(rates) <= STEPS else [rates[len(rates) * i // STEPS] for i in range(STEPS)]
    most = _round_up(max(rates, default=1))
    for part in (0.0, 1.0):
        y = top + PANEL * (1 - part)
        canvas.line((LEFT, y), (WIDTH - RIGHT, y))
        canvas.text(LEFT - 6, y + 4, f"{most * part:g}", "end")
    canvas.text(LEFT, top - 8, f"{len(rates)} 名到岗律师每小时接的件数,从少到多", fill="#111")
    each = (WIDTH - LEFT - RIGHT) / max(len(shown), 1)
    heights = [PANEL * rate / most for rate in shown]
    bars = [(LEFT + each * i, top + PANEL - h, max(each - 1, 1), h) for i, h in enumerate(heights)]
    canvas.bars(bars, GREEN)


def _round_up(value: float) -> float:
    """To 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1
    ten = 10.0 ** math.floor(math.log10(value))
    return next(part * ten for part in (1, 2, 5, 10) if value <= part * ten)


def _span(step: timedelta) -> str:
    seconds = step.total_seconds()
    return f"{seconds / 60:g} 分钟" if seconds >= 60 else f"{seconds:.0f} 秒"
