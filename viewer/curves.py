"""Curves over the steps of a training run: losses, figures."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pyqtgraph
from PySide6.QtWidgets import QApplication

from viewer.theme import SMALL_TEXT_PX, Colour

_MOST_POINTS = 4000  # of a curve: more than a screen has columns; a long run is thinned out
# Okabe and Ito: told apart by colour-blind readers, on a dark ground.
_COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#8f979f")


class Curves(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Named curves over the steps of a whole run; stages follow one another."""

    def __init__(self, title: str, names: Mapping[str, str] | None = None) -> None:
        before = set(QApplication.topLevelWidgets())
        super().__init__(background=Colour.RAISED.value, enableMenu=False)
        # pyqtgraph makes its menu and its form all the same, which nobody destroys with the plot.
        for stray in set(QApplication.topLevelWidgets()) - before:
            if stray is not self and stray.parent() is None:
                stray.setParent(self)
                stray.hide()
        self._title = title
        self._names = names
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self._curves: dict[str, Any] = {}  # of pyqtgraph
        self.setAccessibleName(title)
        self._show_title()
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.showGrid(x=True, y=True, alpha=0.15)
        self.setLabel("bottom", "step")
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(Colour.LINE.value)
            axis.setTextPen(Colour.QUIET.value)

    @property
    def names(self) -> tuple[str, ...]:
        """Curves that have points."""
        return tuple(self._points)

    def count(self, name: str) -> int:
        """Points of a curve."""
        return len(self._points.get(name, ((), ()))[0])

    def clear_curves(self) -> None:
        """Forget all points."""
        self._points.clear()
        for curve in self._curves.values():
            self.removeItem(curve)
        self._curves.clear()
        self._show_title()

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
        """Show all points, on an axis as long as the whole run."""
        if total > 1:
            self.setXRange(0, total, padding=0.02)
        for name, (steps, values) in self._points.items():
            if name not in self._curves:
                pen = pyqtgraph.mkPen(_COLOURS[len(self._curves) % len(_COLOURS)], width=2)
                self._curves[name] = self.plot(pen=pen)
                self._show_title()
            # A single point is no line: shown as a dot.
            self._curves[name].setData(
                steps,
                values,
                symbol="o" if len(steps) < 12 else None,
                symbolSize=5,
                symbolBrush=_COLOURS[list(self._curves).index(name) % len(_COLOURS)],
                symbolPen=None,
            )

    def _show_title(self) -> None:
        """The title names the curves in their colours: a legend over them would hide some."""
        named = "".join(
            f'&nbsp;&nbsp; <span style="color: {colour}">━ {self._words(name)}</span>'
            for name, colour in zip(self._curves, cycle(_COLOURS), strict=False)
        )
        self.setTitle(self._title + named, color=Colour.TEXT.value, size=f"{SMALL_TEXT_PX}px")

    def _words(self, name: str) -> str:
        return (self._names or {}).get(name, _loss_words(name))


def _loss_words(name: str) -> str:
    known = {"loss_g": "generator", "loss_d": "critic", "loss_e": "encoder"}
    return known.get(name, name.removeprefix("loss_").replace("_", " "))
