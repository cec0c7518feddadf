"""As much of SVG as our charts need; the same input gives the same bytes."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Canvas:
    def __init__(self, width: int, height: int, title: str) -> None:
        self._lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' font-family="sans-serif" font-size="13" role="img" aria-label={quoteattr(title)}>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
        ]

    def text(
        self,
        x: float,
        y: float,
        said: str,
        anchor: str = "start",
        fill: str = "#444",
        size: int = 13,
    ) -> None:
        self._lines.append(
            f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" fill="{fill}"'
            f' font-size="{size}">{escape(said)}</text>'
        )

    def line(self, a: Point, b: Point, colour: str = "#ddd") -> None:
        (x, y), (to_x, to_y) = a, b
        self._lines.append(
            f'<path d="M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}" stroke="{colour}"/>'
        )

    def curve(self, pieces: Iterable[Sequence[Point]], colour: str) -> None:
        """Lines with gaps between the pieces; a piece of one point is a dot."""
        path = "".join(
            "M" + "L".join(f"{number(x)} {number(y)}" for x, y in (*piece, piece[-1]))
            for piece in pieces
        )
        if path:
            self._lines.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6"'
                ' stroke-linejoin="round" stroke-linecap="round"/>'
            )

    def bars(self, bars: Iterable[tuple[float, float, float, float]], colour: str) -> None:
        """x, y, width, height of each."""
        path = "".join(
            f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"
            for x, y, width, height in bars
            if height > 0
        )
        if path:
            self._lines.append(f'<path d="{path}" fill="{colour}"/>')

    def drawn(self) -> str:
        return "\n".join([*self._lines, "</svg>", ""])
