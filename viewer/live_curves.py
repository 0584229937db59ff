"""Curves over the steps of a training run: losses, figures."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from viewer.theme import SMALL_TEXT_PX, Colour, scaled

_MOST_POINTS = 1500  # of a curve: about the columns of a screen; a long run is thinned out
_FEW_POINTS = 12  # shown as dots, too: a single one is no line
# Okabe and Ito: told apart by colour-blind readers, on a dark ground.
_COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#8f979f")


class Curves(QWidget):
    """Named curves over the steps of a whole run; stages follow one another.

    `names`: which values of a line of metrics become a curve, with words for them; without it each loss does.
    """

    def __init__(self, title: str, names: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self._curves: dict[str, Any] = {}  # of pyqtgraph
        self._plot = _plot()
        self._plot.setAccessibleName(title)
        # Above the plot: a legend over the curves would hide some.
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._legend.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._legend.setStyleSheet(f"background: {Colour.RAISED}; padding: 3px;")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._legend)
        column.addWidget(self._plot, 1)
        self._show_legend()

    @property
    def names(self) -> tuple[str, ...]:
        """Curves that have points."""
        return tuple(self._points)

    @property
    def steps_shown(self) -> tuple[float, float]:
        """First and last step on the axis."""
        low, high = self._plot.plotItem.vb.viewRange()[0]
        return low, high

    def points(self, name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Steps and values of a curve."""
        steps, values = self._points.get(name, ([], []))
        return tuple(steps), tuple(values)

    def clear(self) -> None:
        """Forget all points."""
        self._points.clear()
        for curve in self._curves.values():
            self._plot.removeItem(curve)
        self._curves.clear()
        self._show_legend()

    def add(self, step: float, line: Mapping[str, Any]) -> None:
        """Take what a line of metrics says at this step of the run; `redraw` shows it."""
        for name, value in line.items():
            wanted = name in self._names if self._names else name.startswith("loss")
            if wanted and isinstance(value, int | float):
                steps, values = self._points.setdefault(name, ([], []))
                steps.append(step)
                values.append(float(value))
                if len(steps) > _MOST_POINTS:
                    self._points[name] = (steps[::2], values[::2])

    def redraw(self, total: int) -> None:
        """Show all points, on an axis as long as the whole run of `total` steps."""
        for name, (steps, values) in self._points.items():
            if name not in self._curves:
                pen = pyqtgraph.mkPen(_COLOURS[len(self._curves) % len(_COLOURS)], width=2)
                self._curves[name] = self._plot.plot(pen=pen)
                self._show_legend()
            self._curves[name].setData(
                steps,
                values,
                symbol="o" if len(steps) < _FEW_POINTS else None,
                symbolSize=5,
                symbolBrush=_COLOURS[list(self._curves).index(name) % len(_COLOURS)],
                symbolPen=None,
            )
        last = max((steps[-1] for steps, _ in self._points.values()), default=0.0)
        if max(total, last) > 1:
            self._plot.setXRange(0, max(total, last), padding=0.02)

    def _show_legend(self) -> None:
        named = "".join(
            f'&nbsp;&nbsp; <span style="color: {colour}">━&nbsp;{self._words(name)}</span>'
            for name, colour in zip(self._curves, cycle(_COLOURS), strict=False)
        )
        self._legend.setText(self._title + named)

    def _words(self, name: str) -> str:
        known = {"loss_g": "generator", "loss_d": "critic", "loss_e": "encoder"} | dict(self._names or {})
        return known.get(name, name.removeprefix("loss_").replace("_", " ")).replace(" ", "&nbsp;")


def _plot() -> Any:  # pyqtgraph.PlotWidget, which has no types
    before = set(QApplication.topLevelWidgets())
    plot = pyqtgraph.PlotWidget(background=Colour.RAISED.value, enableMenu=False)
    # pyqtgraph makes its menu and its form all the same, which nobody destroys with the plot.
    for stray in set(QApplication.topLevelWidgets()) - before:
        if stray is not plot and stray.parent() is None:
            stray.setParent(plot)
            stray.hide()
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.showGrid(x=True, y=True, alpha=0.15)
    plot.setLabel("bottom", "step")
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(Colour.LINE.value)
        axis.setTextPen(Colour.QUIET.value)
        font = plot.font()
        font.setPixelSize(scaled(SMALL_TEXT_PX))
        axis.setTickFont(font)
    return plot
