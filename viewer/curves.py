"""Curves over the steps of a training run: losses, figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyqtgraph

from viewer.theme import SMALL_TEXT_PX, Colour

_MOST_POINTS = 4000  # of a curve: more than a screen has columns; a long run is thinned out
# Okabe and Ito: told apart by colour-blind readers, on a dark ground.
_COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#8f979f")


class Curves(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Named curves over the steps of a whole run; stages follow one another."""

    def __init__(self, title: str, names: Mapping[str, str] | None = None) -> None:
        super().__init__(background=Colour.RAISED.value, enableMenu=False)
        # Made by pyqtgraph all the same, and by nobody destroyed.
        self.plotItem.ctrlMenu.setParent(self)
        self._names = names
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self._curves: dict[str, Any] = {}  # of pyqtgraph
        self.setAccessibleName(title)
        self.setTitle(title, color=Colour.TEXT.value, size=f"{SMALL_TEXT_PX}px")
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.showGrid(x=True, y=True, alpha=0.15)
        self.setLabel("bottom", "step")
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(Colour.LINE.value)
            axis.setTextPen(Colour.QUIET.value)
        self._legend = self.addLegend(
            offset=(-8, 4), labelTextColor=Colour.TEXT.value, brush=Colour.WINDOW.value + "a0", colCount=2
        )
        self._legend.layout.setVerticalSpacing(-4)

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
        self._legend.clear()

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
                words = (self._names or {}).get(name, _loss_words(name))
                self._curves[name] = self.plot(pen=pen, name=words)
            # A single point is no line: shown as a dot.
            self._curves[name].setData(
                steps,
                values,
                symbol="o" if len(steps) < 12 else None,
                symbolSize=5,
                symbolBrush=_COLOURS[list(self._curves).index(name) % len(_COLOURS)],
                symbolPen=None,
            )


def _loss_words(name: str) -> str:
    known = {"loss_g": "generator", "loss_d": "critic", "loss_e": "encoder"}
    return known.get(name, name.removeprefix("loss_").replace("_", " "))
