"""One image as the screen needs it: resampled to the viewport first, made grey afterwards.

Only what shows is worked on. The stored values are resampled once per pan, zoom or resize (exact without
smoothing); a window change then costs one table of 65,536 levels and one
look-up per screen pixel; what a pan leaves in sight is moved, grey and all. Halved copies serve small zooms,
so that fine lines do not flicker. A draft, for a film whose size changes under the hand, takes the nearest
pixel instead of straight lines between pixels: every place stands where it will stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QTransform

from core.imaging.display import Grey, display_table, render_modality, to_modality
from core.imaging.frame import Frame
from core.imaging.resampling import resample
from viewer.screen_area import Area, carried, common, shifted, slices_of, uncovered
from viewer.viewpoint import Mapping

Levels = NDArray[np.uint8]
Codes = NDArray[np.uint16] | NDArray[np.uint8]

NEAREST_FROM_ZOOM = 4.0
"""From so many screen pixels a frame pixel on, single pixels are shown as squares."""

_CODES = 65536
_WHOLE_PIXEL = 0.01
_ROWS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What shows of a picture: codes on device pixels, with the place of the first one in the viewport."""

    codes: Codes
    left: int
    top: int

    @property
    def area(self) -> Area:
        """The device pixels of the viewport that it covers."""
        rows, columns = self.codes.shape[:2]
        return self.left, self.top, self.left + columns, self.top + rows


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """The last sample, for `mapping`. `drawn_for`: the mapping of which it was last drawn as a whole.

    `before`: the sample from which it was panned, and by how many device pixels across and down.
    """

    mapping: Mapping
    drawn_for: Mapping
    device_ratio: float
    sample: Sample
    draft: bool
    before: tuple[Sample, int, int] | None = None

    def whole_shift_to(self, mapping: Mapping) -> tuple[int, int] | None:
        """Device pixels (across, down) to `mapping` if it differs by a pan of whole pixels only.

        Measured from where the sample was last drawn as a whole, so that remainders cannot add up.
        """
        view, origin = mapping.viewpoint, self.drawn_for.viewpoint
        if replace(mapping, viewpoint=replace(view, row=origin.row, column=origin.column)) != self.drawn_for:
            return None
        ratio = self.device_ratio
        corner = mapping.to_screen(0, 0)
        for drawn, now in zip(self.drawn_for.to_screen(0, 0), corner, strict=True):
            if abs((now - drawn) * ratio - round((now - drawn) * ratio)) > _WHOLE_PIXEL:
                return None
        last = self.mapping.to_screen(0, 0)
        return round((corner[0] - last[0]) * ratio), round((corner[1] - last[1]) * ratio)


class Picture:
    """The pixels of a frame, or of a twin in modality values, ready to be sampled.

    `codes`: uint16 `(rows, columns)` for grey, uint8 `(rows, columns, 3)` for colour; each code stands for
    one value. `levels_of(grey, invert)` answers the presentation value of every code. `value_range`: lowest
    and highest modality value. `nearest_from_zoom`: see `NEAREST_FROM_ZOOM`. Read-only after birth; sampling
    keeps halved copies and belongs to the GUI thread.
    """

    def __init__(
        self,
        codes: Codes,
        levels_of: Callable[[Grey, bool], Levels],
        value_range: tuple[float, float],
        nearest_from_zoom: float = NEAREST_FROM_ZOOM,
    ) -> None:
        self.codes = codes
        self._nearest_from_zoom = nearest_from_zoom
        self.levels_of = levels_of
        self.value_range = value_range
        self._halved: list[Codes] = [codes]
        self._images: dict[int, QImage] = {}
        self._kept: _Kept | None = None
        # The last of the four is the memory of the image.
        self._made_grey: tuple[Sample, Levels, QImage, NDArray[np.uint32]] | None = None

    @classmethod
    def of_frame(cls, frame: Frame) -> Picture:
        """The frame's stored values, one code each wherever they span no more than 16 bits."""
        stored = frame.stored
        if not frame.is_grey:
            # Colour frames are uint8 by definition.
            colour = np.ascontiguousarray(stored, np.uint8)
            every = np.arange(256, dtype=np.uint8)
            return cls(
                colour, lambda grey, invert: display_table(frame, grey, invert).apply(every), (0.0, 255.0)
            )
        if stored.dtype.kind not in "iu" or int(stored.max()) - int(stored.min()) >= _CODES:
            low, high, codes = _quantized(stored)
            values = np.linspace(low, high, _CODES)
            return cls(
                codes,
                lambda grey, invert: display_table(frame, grey, invert).apply(values),
                _modality_range(low, high, frame),
            )
        low, high = int(stored.min()), int(stored.max())
        coding = WholeCoding(frame, low, high)
        return cls(coding.codes_of(stored), coding.levels_of, _modality_range(low, high, frame))

    @classmethod
    def of_modality_values(cls, values: NDArray[np.float32], frame: Frame) -> Picture:
        """Modality values on the grid of `frame` (its twin), to be shown with the frame's own window."""
        if values.shape != frame.stored.shape[:2]:
            raise ValueError(
                f"A twin of shape {values.shape} does not lie on a frame of {frame.stored.shape}."
            )
        low, high, codes = _quantized(values)
        every = np.linspace(low, high, _CODES).astype(np.float32)
        return cls(codes, lambda grey, invert: render_modality(every, frame, grey, invert), (low, high))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return int(self.codes.shape[0]), int(self.codes.shape[1])

    def shown(
        self, mapping: Mapping, device_ratio: float, levels: Levels, *, draft: bool = False
    ) -> tuple[QImage, QPointF] | None:
        """What shows of the picture, made grey by `levels`, and its place in the viewport.

        The last answer is kept, so that panels of one size that show one picture share the work, and a
        repaint without a change costs nothing. `levels` is known by identity. With `draft` the nearest
        pixels will do, unless better ones are at hand.
        """
        kept = self._kept_for(mapping, device_ratio, draft)
        if kept is None:
            return None
        sample, made = kept.sample, self._made_grey
        if made is None or made[0] is not sample or made[1] is not levels:
            before = kept.before
            if made is not None and before is not None and made[0] is before[0] and made[1] is levels:
                pixels = _moved_pixels(made[3], before, sample, levels)
            else:
                pixels = _screen_pixels(levels, sample.codes)
            image = QImage(
                pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], QImage.Format.Format_RGB32
            )
            image.setDevicePixelRatio(device_ratio)
            made = self._made_grey = (sample, levels, image, pixels)
        return made[2], QPointF(sample.left / device_ratio, sample.top / device_ratio)

    def drawn(self, mapping: Mapping, device_ratio: float, levels: Levels) -> tuple[QImage, QPointF] | None:
        """Like `shown`, for a view beside the panel's own (a magnifier), whose last answer stays kept."""
        sample = self.sample(mapping, device_ratio)
        if sample is None:
            return None
        pixels = _screen_pixels(levels, sample.codes)
        size = (pixels.shape[1], pixels.shape[0], pixels.strides[0])
        image = QImage(pixels.data, *size, QImage.Format.Format_RGB32).copy()
        image.setDevicePixelRatio(device_ratio)
        return image, QPointF(sample.left / device_ratio, sample.top / device_ratio)

    def sample(self, mapping: Mapping, device_ratio: float = 1.0) -> Sample | None:
        """Codes on those device pixels of the viewport whose centres lie on the image; None where none do."""
        area = self._covered(mapping, device_ratio)
        if area is None:
            return None
        return Sample(self._drawn(mapping, device_ratio, area, False), area[0], area[1])

    def _kept_for(self, mapping: Mapping, device_ratio: float, draft: bool) -> _Kept | None:
        """The sample for a mapping: the last one if nothing changed, its better part after a pan."""
        kept = self._kept
        if kept is not None and kept.device_ratio == device_ratio and (draft or not kept.draft):
            if kept.mapping == mapping:
                return kept
            panned = self._panned(kept, mapping)
            if panned is not None:
                self._kept = panned
                return panned
        area = self._covered(mapping, device_ratio)
        self._kept = None
        if area is not None:
            codes = self._drawn(mapping, device_ratio, area, draft)
            self._kept = _Kept(mapping, mapping, device_ratio, Sample(codes, area[0], area[1]), draft)
        return self._kept

    def _panned(self, kept: _Kept, mapping: Mapping) -> _Kept | None:
        """The sample after a pan by whole screen pixels: moved, with only the uncovered strips drawn."""
        shift = kept.whole_shift_to(mapping)
        area = self._covered(mapping, kept.device_ratio)
        if shift is None or area is None:
            return None
        moved = shifted(kept.sample.area, *shift)
        if common(moved, area) is None:
            return None
        codes = cast("Codes", carried(kept.sample.codes, moved, area))
        for strip in uncovered(area, moved):
            codes[slices_of(strip, area)] = self._drawn(mapping, kept.device_ratio, strip, kept.draft)
        sample = Sample(codes, area[0], area[1])
        return replace(kept, mapping=mapping, sample=sample, before=(kept.sample, *shift))

    def _covered(self, mapping: Mapping, device_ratio: float) -> Area | None:
        """(left, top, right, bottom) of the device pixels whose centres lie on the image."""
        ends = [mapping.to_screen(row, column) for row, column in ((0, 0), self.shape)]
        limits = (mapping.width * device_ratio, mapping.height * device_ratio)
        (left, right), (top, bottom) = (
            _pixel_span([end[axis] * device_ratio for end in ends], limits[axis]) for axis in (0, 1)
        )
        return None if right <= left or bottom <= top else (left, top, right, bottom)

    def _drawn(self, mapping: Mapping, device_ratio: float, area: Area, draft: bool) -> Codes:
        """Codes on the device pixels of an area."""
        zoom = mapping.viewpoint.zoom * device_ratio
        level = max(0, math.floor(math.log2(1 / zoom) + 0.25)) if zoom < 1 else 0
        codes, level = self._level(level)
        # One to one is exact: nothing between the pixels is asked for.
        exact = zoom == 1.0 and mapping.aspect == 1.0
        smooth = mapping.viewpoint.zoom < self._nearest_from_zoom and not exact and not draft
        if codes.ndim == 3 and smooth:
            if level not in self._images:
                self._images[level] = _image_on(codes).convertToFormat(QImage.Format.Format_RGB32)
            return _drawn_by_qt(self._images[level], level, mapping, device_ratio, area, smooth)
        left, top, right, bottom = area
        a, b, c, d, x, y = (value * device_ratio for value in mapping.matrix)
        scale = 2.0**level
        across: NDArray[np.float64] = np.arange(left, right, dtype=np.float64) + (0.5 - x)
        down: NDArray[np.float64] = np.arange(top, bottom, dtype=np.float64) + (0.5 - y)
        if mapping.viewpoint.quarter_turns % 2:
            turned = resample(codes, across / b / scale, down / c / scale, smooth=smooth)
            return np.ascontiguousarray(np.swapaxes(turned, 0, 1))
        return resample(codes, down / d / scale, across / a / scale, smooth=smooth)

    def _level(self, level: int) -> tuple[Codes, int]:
        """The codes halved `level` times (or as often as they can be), and how often that was."""
        while len(self._halved) <= level and min(self._halved[-1].shape[:2]) >= 64:
            self._halved.append(_halved(self._halved[-1]))
        level = min(level, len(self._halved) - 1)
        return self._halved[level], level


class WholeCoding:
    """Whole stored values of one range as codes, and what each code looks like; the same for many pictures.

    `frame` says how its stored values are shown; `lowest` to `highest` span no more than 16 bits.
    """

    def __init__(self, frame: Frame, lowest: int, highest: int) -> None:
        self._frame = frame
        self._lowest = lowest
        # Spread over all 16 bits: Qt's smooth sampling truncates a few units; these stay below one value.
        self._shift = 16 - max((highest - lowest).bit_length(), 1)
        present = np.arange(lowest, lowest + (1 << (16 - self._shift))).clip(None, highest)
        self._present = present.astype(frame.stored.dtype)

    def codes_of(self, stored: NDArray[np.generic]) -> NDArray[np.uint16]:
        """Codes of stored values of any shape and strides; contiguous."""
        if stored.dtype.kind in "iu" and stored.dtype.itemsize == 2 and stored.dtype.isnative:
            # Unsigned arithmetic wraps: what lies in the range comes out right, whatever the sign.
            low = np.uint16(self._lowest & 0xFFFF)
            codes: NDArray[np.uint16] = np.subtract(stored.view(np.uint16), low, order="C")
        else:
            wide = stored.astype(np.int32 if stored.dtype.itemsize <= 2 else np.int64, order="C")
            codes = (wide - self._lowest).astype(np.uint16)
        codes <<= np.uint16(self._shift)
        codes += np.uint16((1 << self._shift) >> 1)
        return codes

    def levels_of(self, grey: Grey, invert: bool) -> Levels:
        """Presentation value of every code."""
        levels = display_table(self._frame, grey, invert).apply(self._present)
        return np.repeat(levels, 1 << self._shift) if self._shift else levels


class BrokenCoding:
    """Finite float values of one range as codes, the nearest of 65,536 steps in it; see `WholeCoding`."""

    def __init__(self, frame: Frame, lowest: float, highest: float) -> None:
        self._frame = frame
        self._lowest = lowest
        self._scale = (_CODES - 1) / (highest - lowest) if highest > lowest else 0.0
        self._present = np.linspace(lowest, highest, _CODES).astype(np.float32)

    def codes_of(self, values: NDArray[np.floating]) -> NDArray[np.uint16]:
        """Codes of values of any shape and strides; contiguous."""
        wide = np.subtract(values, self._lowest, dtype=np.float32, order="C")
        wide *= self._scale
        wide += 0.5
        codes: NDArray[np.uint16] = wide.astype(np.uint16)
        return codes

    def levels_of(self, grey: Grey, invert: bool) -> Levels:
        """Presentation value of every code."""
        return display_table(self._frame, grey, invert).apply(self._present)


def sheet_transform(mapping: Mapping, device_ratio: float = 1.0) -> QTransform:
    """Frame (column, row) to screen pixels as a Qt transform."""
    a, b, c, d, x, y = (value * device_ratio for value in mapping.matrix)
    return QTransform(a, c, b, d, x, y)


def image_of(levels: Levels) -> QImage:
    """8-bit grey `(rows, columns)`, RGB `(..., 3)` or RGBA `(..., 4)` as an image that owns its pixels."""
    return _image_on(np.ascontiguousarray(levels)).copy()


def _image_on(pixels: Codes) -> QImage:
    """An image on the memory of a contiguous array, which must outlive it; the stride is explicit."""
    rows, columns = pixels.shape[:2]
    if pixels.ndim == 2:
        kind = (
            QImage.Format.Format_Grayscale16 if pixels.dtype == np.uint16 else QImage.Format.Format_Grayscale8
        )
    else:
        kind = QImage.Format.Format_RGB888 if pixels.shape[2] == 3 else QImage.Format.Format_RGBA8888
    return QImage(pixels.data, columns, rows, pixels.strides[0], kind)


def _drawn_by_qt(
    source: QImage,
    level: int,
    mapping: Mapping,
    device_ratio: float,
    area: Area,
    smooth: bool,
) -> NDArray[np.uint8]:
    """Colour on the device pixels of an area, in the format that Qt draws fastest."""
    left, top, right, bottom = area
    target = QImage(right - left, bottom - top, QImage.Format.Format_RGB32)
    target.fill(0)
    transform = sheet_transform(mapping, device_ratio).scale(2**level, 2**level)
    with QPainter(target) as painter:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setTransform(transform * QTransform.fromTranslate(-left, -top))
        painter.drawImage(0, 0, source)
    packed = np.frombuffer(target.constBits(), np.uint32).reshape(target.height(), target.width())
    colour = np.empty((*packed.shape, 3), np.uint8)
    for channel, shift in enumerate((16, 8, 0)):
        colour[..., channel] = packed >> shift
    return colour


def _modality_range(low: float, high: float, frame: Frame) -> tuple[float, float]:
    """Modality values at the ends of the stored range, in order: a slope may be negative."""
    table = frame.modality_transform.table
    if table is not None:
        return float(table.entries.min()), float(table.entries.max())
    ends = to_modality(np.array([low, high]), frame.modality_transform)
    return float(ends.min()), float(ends.max())


def _pixel_span(ends: list[float], limit: float) -> tuple[int, int]:
    """First and one past the last device pixel whose centre lies between `ends` and inside the viewport."""
    return max(0, math.ceil(min(ends) - 0.5)), min(math.ceil(limit), math.ceil(max(ends) - 0.5))


def _screen_pixels(levels: Levels, codes: Codes) -> NDArray[np.uint32]:
    """The level of each code as the screen takes it, 0xffRRGGBB: Qt draws that three times as fast as grey.

    A few rows at a time: numpy widens codes, and the cache holds small parts.
    """
    shown = np.empty(codes.shape[:2], np.uint32)
    wide = levels.astype(np.uint32)
    tables = (
        (wide * 0x010101 | 0xFF000000,) if codes.ndim == 2 else (wide << 16 | 0xFF000000, wide << 8, wide)
    )
    for first in range(0, codes.shape[0], _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        if codes.ndim == 2:
            np.take(tables[0], codes[rows], out=shown[rows], mode="wrap")
            continue
        parts = [np.take(table, codes[rows, :, channel], mode="wrap") for channel, table in enumerate(tables)]
        np.bitwise_or(parts[0], parts[1], out=shown[rows])
        shown[rows] |= parts[2]
    return shown


def _moved_pixels(
    pixels: NDArray[np.uint32], before: tuple[Sample, int, int], sample: Sample, levels: Levels
) -> NDArray[np.uint32]:
    """Screen pixels after a pan with the same levels: only what came into sight is looked up."""
    moved, area = shifted(before[0].area, *before[1:]), sample.area
    shown = carried(pixels, moved, area)
    for strip in uncovered(area, moved):
        place = slices_of(strip, area)
        shown[place] = _screen_pixels(levels, sample.codes[place])
    return shown


def _quantized(values: NDArray[np.generic]) -> tuple[float, float, NDArray[np.uint16]]:
    """The range of the finite values, and each value as the nearest of 65,536 steps in it."""
    narrow = values.dtype.kind == "f" and values.dtype.itemsize <= 4
    wide: NDArray[np.floating] = values.astype(np.float32 if narrow else np.float64)
    finite = np.isfinite(wide)
    if not finite.all():
        wide[~finite] = wide[finite].min() if finite.any() else 0.0
    low, high = float(wide.min()), float(wide.max())
    wide -= low
    wide *= (_CODES - 1) / (high - low) if high > low else 0.0
    wide += 0.5
    return low, high, wide.astype(np.uint16)


def _halved(codes: Codes) -> Codes:
    """Means of 2 x 2 pixels; an odd last row or column stands in for its missing neighbour."""
    if codes.shape[0] % 2:
        codes = np.concatenate([codes, codes[-1:]], axis=0)
    if codes.shape[1] % 2:
        codes = np.concatenate([codes, codes[:, -1:]], axis=1)
    if codes.ndim == 3:
        # Channel by channel: over runs of three samples each, numpy takes five times as long.
        halved = np.empty((codes.shape[0] // 2, codes.shape[1] // 2, codes.shape[2]), codes.dtype)
        for channel in range(codes.shape[2]):
            halved[..., channel] = _halved(codes[..., channel])
        return halved
    wide = np.uint16 if codes.dtype == np.uint8 else np.uint32
    rows = np.add(codes[0::2], codes[1::2], dtype=wide)
    total = rows[:, 0::2] + rows[:, 1::2]
    total += 2
    total >>= 2
    return total.astype(np.uint8) if codes.dtype == np.uint8 else total.astype(np.uint16)
