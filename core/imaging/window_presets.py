"""Named windows by modality: those of the program, and the reader's own in their place.

A film (DX, CR, MG) has none: its values mean nothing without its own windows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.settings import Table


@dataclass(frozen=True, slots=True)
class NamedWindow:
    """A window by its name, in modality values (HU in a CT). Raises `ValueError` for what is no window."""

    name: str
    width: float
    center: float

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("A window needs a name.")
        if not (math.isfinite(self.width) and math.isfinite(self.center)):
            raise ValueError("Width and centre must be numbers.")
        if not 1 <= self.width <= 1e9 or abs(self.center) > 1e9:
            raise ValueError("The width must be at least 1.")


Presets = Mapping[str, tuple[NamedWindow, ...]]
"""Windows by modality (0008,0060), in the order of their keys."""

DEFAULTS: Presets = {
    # Width and centre in HU, as readers know them from other viewers.
    "CT": (
        NamedWindow("Brain", 110.0, 35.0),
        NamedWindow("Abdomen", 320.0, 50.0),
        NamedWindow("Mediastinum", 400.0, 80.0),
        NamedWindow("Bone", 2000.0, 350.0),
        NamedWindow("Lung", 1500.0, -500.0),
    ),
}


def presets_of(rows: Table) -> Presets:
    """The windows that the settings ask for: of each modality named there, those rows alone.

    A row is (modality, name, width, centre); (modality,) alone says that it has none. What is no window is
    left out, and costs no other.
    """
    own: dict[str, list[NamedWindow]] = {}
    for modality, *window in rows:
        listed = own.setdefault(modality.strip().upper(), [])
        if len(window) == 3:
            try:
                listed.append(NamedWindow(window[0].strip(), float(window[1]), float(window[2])))
            except ValueError:
                continue
    return {**DEFAULTS, **{modality: tuple(windows) for modality, windows in own.items() if modality}}


def rows_of(presets: Presets) -> Table:
    """What differs from the program's windows, for the settings."""
    rows: list[tuple[str, ...]] = []
    for modality in dict.fromkeys((*DEFAULTS, *presets)):
        windows = presets.get(modality, ())
        if windows == DEFAULTS.get(modality, ()):
            continue
        rows += [(modality, one.name, number_words(one.width), number_words(one.center)) for one in windows]
        if not windows:
            rows.append((modality,))
    return tuple(rows)


def number_words(value: float) -> str:
    """A number as short as it is exact."""
    return repr(value).removesuffix(".0")
