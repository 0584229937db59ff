"""Small plots as SVG inside a page: axes with ticks, lines, bands, bars, boxes; colours from its sheet.

Each plot has a title and a description that a screen reader speaks. Nothing is loaded, every text is
escaped. A plotting library would be a heavy dependency for five kinds of mark.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from core.training.curves import Quartiles
from core.visible import visible

_WIDTH, _HEIGHT = 400.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 12.0, 34.0, 44.0
_LEGEND_LINE = 16.0
_ROW = 40.0
_CHARACTER = 6.3  # width of a character of the labels, about


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high`, with a label that names the unit."""

    low: float
    high: float
    label: str

    @classmethod
    def around(cls, values: Iterable[float], label: str) -> Axis:
        """An axis with some room around all values."""
        known = list(values) or [0.0]
        low, high = min(known), max(known)
        room = 0.05 * (high - low) or abs(high) or 1.0
        return cls(low - room, high + room, label)

    def ticks(self) -> list[float]:
        """About five round numbers inside."""
        raw = (self.high - self.low) / 5
        size = 10.0 ** math.floor(math.log10(raw))
        step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part >= raw * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def written(self, tick: float) -> str:
        """A tick as it is read: short, with a true minus sign."""
        return f"{tick:.10g}".replace("-", "−")

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


@dataclass(slots=True)
class Plot:
    """A plot that grows mark by mark. `style` of a mark is a class of the style sheet."""

    title: str
    description: str
    x: Axis
    y: Axis
    _marks: list[str] = field(default_factory=list)
    _legend: list[str] = field(default_factory=list)

    def line(
        self, xs: Sequence[float], ys: Sequence[float], style: str, name: str = "", *, steps: bool = False
    ) -> Plot:
        """A line through points; with `steps` it stays level until the next point. Returns itself."""
        points = _stepped(xs, ys) if steps else list(zip(xs, ys, strict=True))
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in points)
        self._marks.append(f'<polyline class="line {style}" points="{path}"/>')
        return self._named(name, f'<line class="line {style}" x1="0" x2="18" y1="-4" y2="-4"/>')

    def band(
        self,
        xs: Sequence[float],
        lows: Sequence[float],
        highs: Sequence[float],
        style: str,
        name: str = "",
        *,
        steps: bool = False,
    ) -> Plot:
        """The area between two lines. Returns itself."""
        upper = _stepped(xs, highs) if steps else list(zip(xs, highs, strict=True))
        lower = _stepped(xs, lows) if steps else list(zip(xs, lows, strict=True))
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in [*upper, *reversed(lower)])
        self._marks.append(f'<polygon class="band {style}" points="{path}"/>')
        return self._named(name, f'<rect class="band {style}" x="0" y="-10" width="18" height="11"/>')

    def bars(self, edges: Sequence[float], heights: Sequence[float], style: str, name: str = "") -> Plot:
        """A histogram as one filled outline. Returns itself."""
        xs = [edges[0], *(edge for edge in edges[1:-1] for _ in (0, 1)), edges[-1]]
        ys = [height for height in heights for _ in (0, 1)]
        outline = [(edges[0], 0.0), *zip(xs, ys, strict=True), (edges[-1], 0.0)]
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in outline)
        self._marks.append(f'<polygon class="bars {style}" points="{path}"/>')
        return self._named(name, f'<rect class="bars {style}" x="0" y="-10" width="18" height="11"/>')

    def upright(self, x: float, style: str, name: str = "") -> Plot:
        """A line across the whole height at x. Returns itself."""
        return self.line((x, x), (self.y.low, self.y.high), style, name)

    def svg(self) -> str:
        """The plot as an SVG element."""
        height = _HEIGHT + _LEGEND_LINE * len(self._legend)
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        parts = [_text(_LEFT, 18, self.title, "title")]
        for tick in self.x.ticks():
            place = self._x(tick)
            parts.append(f'<line class="grid" x1="{place:.1f}" x2="{place:.1f}" y1="{_TOP}" y2="{bottom}"/>')
            parts.append(_text(place, bottom + 15, self.x.written(tick), "tick middle"))
        for tick in self.y.ticks():
            place = self._y(tick)
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{place:.1f}" y2="{place:.1f}"/>')
            parts.append(_text(_LEFT - 6, place + 4, self.y.written(tick), "tick end"))
        parts.append(_text((_LEFT + right) / 2, bottom + 33, self.x.label, "axis middle"))
        across = f'transform="rotate(-90)" {_at(-(_TOP + bottom) / 2, 13)}'
        parts.append(f'<text class="axis middle" {across}>{_escaped(self.y.label)}</text>')
        parts += self._marks
        frame = f'x="{_LEFT}" y="{_TOP}" width="{right - _LEFT}" height="{bottom - _TOP}"'
        parts.append(f'<rect class="frame" {frame}/>')
        for number, entry in enumerate(self._legend):
            across = f"translate({_LEFT} {_HEIGHT + _LEGEND_LINE * number + 8})"
            parts.append(f'<g transform="{across}">{entry}</g>')
        return _svg(_WIDTH, height, self.title, self.description, parts)

    def _named(self, name: str, swatch: str) -> Plot:
        if name:
            self._legend.append(swatch + _text(26, 0, name, "legend"))
        return self

    def _x(self, value: float) -> float:
        return _LEFT + self.x.share(value) * (_WIDTH - _RIGHT - _LEFT)

    def _y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - self.y.share(value) * (_HEIGHT - _BOTTOM - _TOP)


@dataclass(frozen=True, slots=True)
class Group:
    """A row of a box plot: its name, its quartiles, all its values as dots, and its colour."""

    name: str
    quartiles: Quartiles
    values: tuple[float, ...]
    style: str


def box_plot(title: str, description: str, x: Axis, groups: Sequence[Group]) -> str:
    """Rows of boxes from a quarter to three quarters of the values, an SVG element as wide as two plots.

    With the median, lines to the least and the largest value, and the mean as a rhomb.
    """
    width = 2 * _WIDTH
    left = 24 + _CHARACTER * max(len(group.name) for group in groups)
    bottom = _TOP + _ROW * len(groups)

    def at(value: float) -> float:
        return left + x.share(value) * (width - _RIGHT - left)

    parts = [_text(12, 18, title, "title")]
    for tick in x.ticks():
        parts.append(
            f'<line class="grid" x1="{at(tick):.1f}" x2="{at(tick):.1f}" y1="{_TOP}" y2="{bottom}"/>'
        )
        parts.append(_text(at(tick), bottom + 15, x.written(tick), "tick middle"))
    parts.append(_text((left + width - _RIGHT) / 2, bottom + 33, x.label, "axis middle"))
    for number, group in enumerate(groups):
        parts += _box(group, _TOP + _ROW * (number + 0.5), at)
        parts.append(_text(left - 12, _TOP + _ROW * (number + 0.5) + 4, group.name, "legend end"))
    frame = f'x="{left:.1f}" y="{_TOP}" width="{width - _RIGHT - left:.1f}" height="{bottom - _TOP}"'
    parts.append(f'<rect class="frame" {frame}/>')
    return _svg(width, bottom + 42, title, description, parts)


def interval_mark(low: float, value: float, high: float, style: str, words: str) -> str:
    """A value with its interval on a track from 0 to 1, for a line of a table."""
    x = 4.0
    places = [x + 112 * min(1.0, max(0.0, number)) for number in (low, value, high)]
    middle = x + 56
    return (
        f'<svg class="track" viewBox="0 0 120 14" role="img"><title>{_escaped(words)}</title>'
        f'<line class="grid" x1="{x}" x2="{x + 112}" y1="7" y2="7"/>'
        f'<line class="grid" x1="{middle}" x2="{middle}" y1="2" y2="12"/>'
        f'<line class="line {style}" x1="{places[0]:.1f}" x2="{places[2]:.1f}" y1="7" y2="7"/>'
        f'<circle class="dot {style}" cx="{places[1]:.1f}" cy="7" r="3.5"/></svg>'
    )


def _box(group: Group, middle: float, at: Callable[[float], float]) -> list[str]:
    own, style, half = group.quartiles, group.style, 9.0
    first, third = at(own.quarter), at(own.three_quarters)
    least, largest = (
        f'x1="{at(own.least):.1f}" x2="{first:.1f}"',
        f'x1="{third:.1f}" x2="{at(own.largest):.1f}"',
    )
    size = f'width="{max(third - first, 1):.1f}" height="{2 * half}"'
    rhomb = at(own.mean)
    corners = (
        f"{rhomb:.1f},{middle - 5} {rhomb + 5:.1f},{middle} {rhomb:.1f},{middle + 5} {rhomb - 5:.1f},{middle}"
    )
    dots = [  # in two lanes by their order, so that equal values do not hide each other
        f'<circle class="film {style}" cx="{at(value):.1f}" cy="{middle + 13 + 3 * (place % 2)}" r="1.6"/>'
        for place, value in enumerate(sorted(group.values))
    ]
    return [
        f'<line class="line {style}" {least} y1="{middle}" y2="{middle}"/>',
        f'<line class="line {style}" {largest} y1="{middle}" y2="{middle}"/>',
        f'<rect class="bars {style}" x="{first:.1f}" y="{middle - half}" {size}/>',
        f'<line class="median {style}" x1="{at(own.median):.1f}" x2="{at(own.median):.1f}" '
        f'y1="{middle - half}" y2="{middle + half}"/>',
        f'<polygon class="mean" points="{corners}"/>',
        *dots,
    ]


def _stepped(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float]]:
    """Points of a line that is level between two places and jumps at the second."""
    points = [(xs[0], ys[0])]
    for place in range(1, len(xs)):
        points += [(xs[place], ys[place - 1]), (xs[place], ys[place])]
    return points


def _svg(width: float, height: float, title: str, description: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img"><title>{_escaped(title)}</title>'
        f"<desc>{_escaped(description)}</desc>{''.join(parts)}</svg>"
    )


def _escaped(words: str) -> str:
    return html.escape(visible(words))


def _text(x: float, y: float, words: str, style: str) -> str:
    return f'<text class="{style}" {_at(x, y)}>{_escaped(words)}</text>'


def _at(x: float, y: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}"'
