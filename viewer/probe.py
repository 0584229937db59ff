"""What stands under the cursor, said once for all panels: film, twin, difference, healthy reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.imaging.display import to_modality
from core.imaging.findings import OPPOSITE, Sign
from core.imaging.frame import Frame
from core.imaging.quantities import number_words
from core.inference.healthy_rank import HealthyRank, healthy_rank, map_value
from viewer.core_sentences import said
from viewer.language import tr

if TYPE_CHECKING:
    from viewer.wish import Wish

_BETWEEN = "  │  "


def readout(
    wish: Wish, place: tuple[float, float], shown: int | None, twin_values: NDArray[np.float32] | None
) -> str:
    """What stands under the cursor: original, twin, signed difference, map with its healthy rank, place.

    `shown`: presentation value of the pixel. `twin_values`: the twin on the frame, or None. The signed
    difference is original - twin in modality values; the map's own value follows in its own units. The place
    comes last: where the line has no room for all, it is what is cut off.
    """
    frame = wish.frame
    if frame is None:
        return ""
    row, column = int(place[0]), int(place[1])
    where = _place_words(frame, row, column)
    stored = frame.stored[row, column]
    if not frame.is_grey:
        return _BETWEEN.join([tr("red {}  green {}  blue {}").format(*(int(part) for part in stored)), where])
    value = float(to_modality(np.asarray([stored]), frame.modality_transform)[0])
    units = f" {frame.modality_transform.units}" if frame.modality_transform.units else ""
    parts = [
        tr("stored {stored}  value {value}").format(
            stored=number_words(float(stored)), value=f"{number_words(value)}{units}"
        )
        + ("  " + tr("shown {grey}").format(grey=shown) if shown is not None else "")
        + "".join(f"  {words}" for words in _where(frame, float(stored), row, column)),
        *_quantities(frame, float(stored), value),
    ]
    if twin_values is not None:
        twin = float(twin_values[row, column])
        difference = number_words(value - twin, sign="+")
        parts.append(
            tr("twin {twin}  difference {difference}").format(twin=number_words(twin), difference=difference)
        )
    parts += [words for words in (_map_words(wish, row, column), where) if words]
    return _BETWEEN.join(parts)


def _place_words(frame: Frame, row: int, column: int) -> str:
    """The pixel, and the millimetres of its centre from the film's corner where they are known."""
    words = tr("row {row}  column {column}").format(row=row, column=column)
    spacing = frame.spacing
    if spacing.row_mm is not None and spacing.column_mm is not None:
        down, across = (row + 0.5) * spacing.row_mm, (column + 0.5) * spacing.column_mm
        words += f"  ({down:.1f}, {across:.1f} mm {said(spacing.source.value)})"
    return words


def _where(frame: Frame, stored: float, row: int, column: int) -> tuple[str, ...]:
    """What keeps a pixel from being seen as a part of the image."""
    words = () if frame.shows_image(np.asarray([stored]))[0] else (tr("padding"),)
    hidden = frame.hidden() if frame.shutter is not None else None
    return (*words, tr("behind the shutter")) if hidden is not None and hidden[row, column] else words


def _quantities(frame: Frame, stored: float, value: float) -> list[str]:
    """Real-world values with their units, and the uptake of a PET image or why it is not known."""
    parts = []
    for mapping in frame.real_world:
        real = mapping.value(stored)
        if real is not None:
            parts.append(f"{mapping.label or 'real world'} {number_words(real)} {mapping.units}".rstrip())
    uptake = frame.uptake
    if uptake is not None and uptake.factor is not None:
        parts.append(f"SUVbw {number_words(value * uptake.factor)} g/ml")
    elif uptake is not None:
        parts.append(f"no SUV: {uptake.reason}")
    return parts


def _map_words(wish: Wish, row: int, column: int) -> str:
    """The difference map at a frame pixel and its healthy rank, or that the model saw nothing there."""
    analysis = wish.shown_analysis
    if analysis is None:
        return ""
    spot = row + 0.5, column + 0.5
    sign = _stronger(wish, *spot)
    value = map_value(analysis, sign, *spot)
    if value is None:
        return tr("not analyzed")
    rank = healthy_rank(analysis, sign, *spot)
    return f"{said(sign.value)} {value:.3f}" + ("" if rank is None else f"  {_rank_words(rank)}")


def _rank_words(rank: HealthyRank) -> str:
    """Where a value stands among healthy films: at its own place, then beside whole films."""
    if not rank.above_local:
        return tr("≤ P90 here")
    local = tr("> P90 here")
    if rank.spreads is not None:
        local += f" ({rank.spreads:+.1f} SD)"
    return f"{local}, " + tr("> {share} of healthy films").format(share=f"{rank.films_below:.0%}")


def _stronger(wish: Wish, row: float, column: float) -> Sign:
    """The sign that is spoken of: the shown one, or of both the one with the larger difference."""
    sign, analysis = wish.style.sign, wish.shown_analysis
    if analysis is None or not wish.style.both_signs or wish.shows_agreement:
        return sign
    values = {one: map_value(analysis, one, row, column) or 0.0 for one in (sign, OPPOSITE[sign])}
    return max(values, key=lambda one: values[one])
