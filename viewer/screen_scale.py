"""How large a millimetre is on a screen: as measured by the reader, else as the screen says of itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtGui import QScreen

from core.settings import Table

CARD_WIDTH_MM, CARD_HEIGHT_MM = 85.60, 53.98
"""A bank card (ISO/IEC 7810, ID-1)."""
LEAST_PX_PER_MM, MOST_PX_PER_MM = 1.0, 40.0
"""From a large television to a telephone."""
_MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class ScreenScale:
    """Device-independent pixels in a millimetre; `measured`: by the reader, else the screen's own word."""

    px_per_mm: float
    measured: bool


def screen_key(screen: QScreen) -> str:
    """A name that tells one screen from another, also when they change places."""
    parts = (screen.manufacturer(), screen.model(), screen.serialNumber(), screen.name())
    return " ".join(part for part in parts if part) or "unnamed screen"


def scale_of(screen: QScreen, rows: Table) -> ScreenScale | None:
    """The scale of a screen; `rows` are those of the settings. None where nobody knows it."""
    measured = measured_px_per_mm(screen_key(screen), rows)
    if measured is not None:
        return ScreenScale(measured / screen.devicePixelRatio(), True)
    if screen.physicalSize().isEmpty():
        return None
    said = screen.physicalDotsPerInch() / _MM_PER_INCH
    device = said * screen.devicePixelRatio()
    return ScreenScale(said, False) if LEAST_PX_PER_MM <= device <= MOST_PX_PER_MM else None


def measured_px_per_mm(key: str, rows: Table) -> float | None:
    """Device pixels in a millimetre as the settings have them for a screen; None without a usable row."""
    for row in rows:
        if row[0] == key and len(row) == 2:
            try:
                value = float(row[1])
            except ValueError:
                continue
            if math.isfinite(value) and LEAST_PX_PER_MM <= value <= MOST_PX_PER_MM:
                return value
    return None


def with_measure(key: str, px_per_mm: float | None, rows: Table) -> Table:
    """The rows with another measure of a screen, or without one."""
    others = tuple(row for row in rows if row[0] != key)
    return others if px_per_mm is None else (*others, (key, f"{px_per_mm:.6g}"))
