"""The year at a glance: cases that aid was given to and that were closed, month by month."""

from collections.abc import Sequence

from router.svg import Canvas

WIDTH, HEIGHT, LEFT, TOP, PANEL = 360, 220, 34, 34, 150
GIVEN, CLOSED = "#2b6cb0", "#2f855a"


def draw(year: int, months: Sequence[tuple[int, int]]) -> str:
    """`months`: given and closed in each of the twelve."""
    canvas = Canvas(WIDTH, HEIGHT, f"{year}年各月决定给予援助和办结的件数")
    canvas.text(LEFT, 18, "决定给予援助", fill=GIVEN, size=15)
    canvas.text(LEFT + 110, 18, "办结", fill=CLOSED, size=15)
    most = max(1, *(max(pair) for pair in months))
    for part in sorted({0, most // 2, most}):
        y = TOP + PANEL * (1 - part / most)
        canvas.line((LEFT, y), (WIDTH, y))
        canvas.text(LEFT - 6, y + 5, str(part), "end", size=14)
    each = (WIDTH - LEFT) / 12
    for side, colour in enumerate((GIVEN, CLOSED)):
        heights = [PANEL * pair[side] / most for pair in months]
        canvas.bars(
            [
                (LEFT + each * (n + 0.12 + 0.38 * side), TOP + PANEL - height, each * 0.36, height)
                for n, height in enumerate(heights)
            ],
            colour,
        )
    for n in range(12):
        canvas.text(LEFT + each * (n + 0.5), TOP + PANEL + 20, str(n + 1), "middle", size=14)
    canvas.text(WIDTH, TOP + PANEL + 36, "月", "end", size=14)
    return canvas.drawn()
