"""Threshold -> connected regions -> findings with side, zone, size and peak."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.imaging.frame import FrameSource, PixelSpacing, SpacingSource
from core.imaging.model_input import ModelInput
from core.imaging.residuals import UPSAMPLING, FloatImage, upsampled

# Smaller regions are specks of the threshold's edge: 0.05 % of a film is about 8 x 8 mm. Of the whole grid,
# not of the analyzed part: one size where it is calibrated on healthy films, counted and listed.
_SMALLEST_SHARE = 0.0005
_MIDLINE_SHARE = 0.05
_FRONTAL_VIEWS = ("PA", "AP")


class Sign(StrEnum):
    """How a region differs from the healthy twin."""

    DENSER = "denser"
    LUCENT = "more lucent"


OPPOSITE = {Sign.DENSER: Sign.LUCENT, Sign.LUCENT: Sign.DENSER}
"""The other sign of each."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A connected region above the threshold, in frame pixels.

    `box`: (first row, first column, one past last row, one past last column). `centre`: (row, column) of
    its centre of area, in the same measure as the box (0 is the outer edge of the first pixel).
    `side`: "R", "L" (the patient's), "midline" or "" when the orientation is not known for sure.
    `zone`: "upper", "middle", "lower". `size_mm` (height, width) and `area_mm2` are None unless the spacing
    is known; `spacing_source` says which. `threshold`: where the region was cut out of the map; box and size
    belong to it. `peak`: the map's largest value inside. Both in units of the matched grey range.
    `p_value`: share of healthy films whose map peaks as high anywhere, `percentile`: share (0 to 1) of those
    that peak lower everywhere; None when uncalibrated.
    `identifier` is stable for the same map and threshold-independent as far as its peak's place goes.
    """

    identifier: str
    model_kind: str
    sign: Sign
    box: tuple[int, int, int, int]
    centre: tuple[float, float]
    side: str
    zone: str
    area_px: float
    area_mm2: float | None
    size_mm: tuple[float, float] | None
    spacing_source: SpacingSource
    threshold: float
    peak: float
    p_value: float | None
    percentile: float | None = None


def extract_findings(
    difference_map: FloatImage,
    *,
    sign: Sign,
    threshold: float,
    model_input: ModelInput,
    analyzed: NDArray[np.bool_],
    frame_spacing: PixelSpacing,
    frame_source: FrameSource,
    model_kind: str,
    peak_p_value: Callable[[float], float] | None = None,
    peak_percentile: Callable[[float], float] | None = None,
) -> tuple[Finding, ...]:
    """The regions of a map `(size, size)` that reach `threshold`, largest peak first.

    `analyzed`: where the map speaks, `(size, size)`; the rest is drawn hatched and holds no finding.
    Regions below 0.05 % of the grid are dropped. `peak_p_value`, `peak_percentile`: the calibration's
    answers for a peak of this sign. Zone and side are thirds and halves of what the grid shows of the film,
    so that all models name a place alike. Side as `side_basis` says: by the file's orientation letters, else
    by the convention of PA and AP films that the patient's right is on the image's left; else not stated.
    """
    fine = upsampled(difference_map, analyzed)
    labels, kept = _regions(fine, threshold)
    film = model_input.valid.repeat(UPSAMPLING, axis=0).repeat(UPSAMPLING, axis=1)
    scale = model_input.side / fine.shape[0]
    image_left, _ = _image_left(frame_source)
    found = []
    for label in kept:
        rows, columns = np.nonzero(labels == label)
        values = fine[rows, columns]
        top = int(np.argmax(values))
        peak = float(values[top])
        extent = (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        centre = (float(rows.mean()) + 0.5, float(columns.mean()) + 0.5)
        area_px = rows.size * scale**2
        row_mm, column_mm = frame_spacing.row_mm, frame_spacing.column_mm
        known = row_mm is not None and column_mm is not None
        finding = Finding(
            identifier=_identifier(model_input, model_kind, sign, int(rows[top]), int(columns[top])),
            model_kind=model_kind,
            sign=sign,
            box=_frame_box(extent, model_input, scale),
            centre=(model_input.row + centre[0] * scale, model_input.column + centre[1] * scale),
            side=_side(centre[1], film, image_left),
            zone=_zone(centre[0], film),
            area_px=area_px,
            area_mm2=area_px * row_mm * column_mm if known else None,
            size_mm=(
                float((extent[2] - extent[0]) * scale * row_mm),
                float((extent[3] - extent[1]) * scale * column_mm),
            )
            if known
            else None,
            spacing_source=frame_spacing.source,
            threshold=threshold,
            peak=peak,
            p_value=None if peak_p_value is None else peak_p_value(peak),
            percentile=None if peak_percentile is None else peak_percentile(peak),
        )
        found.append(finding)
    return tuple(sorted(found, key=lambda finding: (-finding.peak, -finding.area_px, finding.identifier)))


def count_regions(
    difference_map: FloatImage, threshold: float, analyzed: NDArray[np.bool_] | None = None
) -> int:
    """How many findings a map `(size, size)` has at `threshold`."""
    return region_counts(difference_map, (threshold,), analyzed)[0]


def region_counts(
    difference_map: FloatImage, thresholds: Sequence[float], analyzed: NDArray[np.bool_] | None = None
) -> tuple[int, ...]:
    """`count_regions` at each of `thresholds`.

    Hundreds of them cost little: what a lower threshold leaves dark, a higher one never lights.
    """
    fine = upsampled(difference_map, analyzed)
    smallest = _SMALLEST_SHARE * fine.size
    counts = dict.fromkeys(map(float, thresholds), 0)
    for threshold in sorted(counts):
        lit = lit_cells(fine, threshold)
        rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
        if rows.size * columns.size < smallest:
            break
        part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        fine = fine[part]
        counts[threshold] = len(_large_regions(lit[part], smallest)[1])
    return tuple(counts[float(threshold)] for threshold in thresholds)


def lit_cells(fine: FloatImage, threshold: float) -> NDArray[np.bool_]:
    """Where an upsampled map reaches the threshold. Zero is never a difference, not-a-number never lit."""
    return np.asarray((fine >= np.float32(threshold)) & (fine > 0))


def side_basis(frame_source: FrameSource) -> str:
    """What the side of the findings rests on, in words for the reader; "" when no side is stated."""
    return _image_left(frame_source)[1]


def _regions(fine: FloatImage, threshold: float) -> tuple[NDArray[np.uint32], list[int]]:
    """Labels of the connected regions and those that are large enough, in the order of their labels."""
    lit = lit_cells(fine, threshold)
    if not lit.any():
        return np.zeros(fine.shape, np.uint32), []
    return _large_regions(lit, _SMALLEST_SHARE * fine.size)


def _large_regions(lit: NDArray[np.bool_], smallest: float) -> tuple[NDArray[np.uint32], list[int]]:
    import SimpleITK as sitk  # 60 ms: for the first finding, not before the window shows

    image = sitk.GetImageFromArray(lit.astype(np.uint8))
    # Regions that touch at a corner are one.
    components = sitk.ConnectedComponent(image, True)
    labels = np.asarray(sitk.GetArrayFromImage(components), np.uint32)
    areas = np.bincount(labels.ravel())
    return labels, [label for label in range(1, areas.size) if areas[label] >= smallest]


def _identifier(model_input: ModelInput, model_kind: str, sign: Sign, row: int, column: int) -> str:
    identity = f"{model_input.frame_digest}|{model_kind}|{sign}|{row}|{column}"
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def _frame_box(
    extent: tuple[int, int, int, int], model_input: ModelInput, scale: float
) -> tuple[int, int, int, int]:
    rows, columns = model_input.frame_shape
    # A hair of tolerance, so that 3 * (64 / 192) does not become the next pixel.
    first_row = int(np.floor(model_input.row + extent[0] * scale + 1e-6))
    first_column = int(np.floor(model_input.column + extent[1] * scale + 1e-6))
    end_row = int(np.ceil(model_input.row + extent[2] * scale - 1e-6))
    end_column = int(np.ceil(model_input.column + extent[3] * scale - 1e-6))
    return max(first_row, 0), max(first_column, 0), min(end_row, rows), min(end_column, columns)


def _image_left(source: FrameSource) -> tuple[str, str]:
    """The patient's side that is on the image's left ("R", "L" or ""), and how that is known."""
    towards_right = source.patient_orientation[0][:1].upper()
    if towards_right in ("L", "R"):
        return ("R" if towards_right == "L" else "L"), "patient orientation stated in the file"
    if not towards_right and source.view_position.strip().upper() in _FRONTAL_VIEWS:
        return "R", "convention for PA and AP films: the patient's right is on the image's left"
    return "", ""


def _side(column: float, film: NDArray[np.bool_], image_left: str) -> str:
    """Side of a place on the fine grid; the midline is the middle tenth of the film's width."""
    if not image_left:
        return ""
    first, end = _span(film, axis=0)
    share = (column - first) / (end - first) - 0.5
    if abs(share) <= _MIDLINE_SHARE:
        return "midline"
    image_right = "L" if image_left == "R" else "R"
    return image_left if share < 0 else image_right


def _zone(row: float, film: NDArray[np.bool_]) -> str:
    first, end = _span(film, axis=1)
    third = int(3 * (row - first) / (end - first))
    return ("upper", "middle", "lower")[min(max(third, 0), 2)]


def _span(film: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    """First and one-past-last line that shows the film, lines being counted across `axis`."""
    lines = np.flatnonzero(film.any(axis=axis))
    return int(lines[0]), int(lines[-1]) + 1
