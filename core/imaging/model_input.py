"""From a frame to the square grid that the networks see, and back to the frame's own pixels.

One value, `ModelInput`, owns crop, grey mapping and resampling *and their inverse*; training and
viewing use the same functions, so that what a network learns is what it is asked.

Why histogram matching: on public chest films brightness and sharpness alone separate healthy from
diseased folders (a shortcut, not an anatomy). Mapping the quantiles of each film to those of the mean
healthy film takes most of it away. All mappings are monotone, so the display window never matters.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import ModelDoesNotFit
from core.imaging.display import to_modality
from core.imaging.frame import Frame

FloatImage = NDArray[np.float32]

PAPER_TOP_CROP = 0.08
"""Share of the height that the reference cuts off at the top (models.md 1.8)."""

_KNOTS = 256
_MINIMUM_SIDE_PX = 64
_BLOCK_ROWS = 64
_THUMBNAIL = 32


@dataclass(frozen=True, slots=True)
class ModelInputSpec:
    """How a frame becomes model input; part of every model card and of its digest.

    `size`: side of the square grid in pixels. `low_percentile`, `high_percentile`: grey range, taken
    inside the central `percentile_region` (share of the side). `reference_quantiles`: mean sorted
    quantile curve of the healthy training films, values in [0, 1] inside the central
    `histogram_region`; empty = no histogram matching.
    """

    size: int = 128
    low_percentile: float = 0.5
    high_percentile: float = 99.5
    percentile_region: float = 0.92
    histogram_region: float = 0.88
    reference_quantiles: tuple[float, ...] = ()
    top_crop: float = 0.0
    version: int = 1

    def __post_init__(self) -> None:
        if not 16 <= self.size <= 4096:
            raise ValueError(f"A model grid of {self.size} pixels is not supported.")
        if self.reference_quantiles and len(self.reference_quantiles) != _KNOTS:
            raise ValueError(
                f"The reference curve needs {_KNOTS} quantiles, not {len(self.reference_quantiles)}."
            )

    @property
    def digest(self) -> str:
        """SHA-256 that binds a calibration to this preprocessing."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class ModelInput:
    """A frame on the model grid, with all that is needed to go back.

    `pixels`: float32 `(size, size)` in [0, 1], bright = dense whatever the photometric interpretation.
    `valid`: False where the grid shows padding. `row`, `column`, `side`: the square crop in frame pixels.
    `sign`, `low`, `high`: modality value v becomes clip((sign*v - low) / (high - low), 0, 1).
    `film_knots` -> `grey_knots`: the monotone histogram mapping that follows (both in [0, 1], increasing).
    """

    pixels: FloatImage
    valid: NDArray[np.bool_]
    row: int
    column: int
    side: int
    sign: int
    low: float
    high: float
    film_knots: FloatImage
    grey_knots: FloatImage
    frame_shape: tuple[int, int]
    frame_digest: str
    spec_digest: str

    @property
    def size(self) -> int:
        """Side of the model grid in pixels."""
        return int(self.pixels.shape[0])

    @property
    def pixels_per_cell(self) -> float:
        """Frame pixels along one side of a grid cell."""
        return self.side / self.size


def modality_values(frame: Frame) -> FloatImage:
    """Stored values of a grey frame through the modality transform, float32 `(rows, columns)`."""
    values = np.empty(frame.stored.shape, np.float32)
    with np.errstate(over="ignore"):  # beyond float32 is infinite, hence not valid
        for first in range(0, frame.rows, _BLOCK_ROWS):
            rows = slice(first, first + _BLOCK_ROWS)
            values[rows] = to_modality(frame.stored[rows], frame.modality_transform)
    return values


def to_model_grid(frame: Frame, spec: ModelInputSpec) -> ModelInput:
    """Crop, map and resample a grey frame for a model; the result knows the way back.

    Raises `ModelDoesNotFit` for colour, constant or tiny frames.
    """
    if not frame.is_grey:
        raise ModelDoesNotFit(
            "The image is in colour; the model reads grey X-ray images.", "Choose a grey image."
        )
    values = modality_values(frame)
    valid = _valid_pixels(frame, values)
    sign = -1 if _dense_is_low(frame) else 1
    row, column, side = _square_crop(values, valid, spec.top_crop)
    if side == 0:
        raise _shows_nothing()
    if side < _MINIMUM_SIDE_PX:
        raise ModelDoesNotFit(
            f"The image area is only {side} pixels wide; the model needs at least {_MINIMUM_SIDE_PX}.",
            "Open the image in its original size.",
        )
    crop = values[row : row + side, column : column + side] * np.float32(sign)
    valid = valid[row : row + side, column : column + side]
    low, high = _grey_range(crop, valid, spec)
    filled = np.where(valid, crop, np.float32(low)) if not valid.all() else crop
    small = _resample(np.clip((filled - low) / (high - low), 0.0, 1.0), spec.size, Image.Resampling.LANCZOS)
    small = np.clip(small, 0.0, 1.0)
    film_knots, grey_knots = _histogram_mapping(small, spec)
    pixels = np.interp(small, film_knots, grey_knots).astype(np.float32)
    grid_valid = _resample(valid.astype(np.float32), spec.size, Image.Resampling.BOX) > 0.5
    for array in (pixels, grid_valid, film_knots, grey_knots):
        array.setflags(write=False)
    return ModelInput(
        pixels=pixels,
        valid=grid_valid,
        row=row,
        column=column,
        side=side,
        sign=sign,
        low=low,
        high=high,
        film_knots=film_knots,
        grey_knots=grey_knots,
        frame_shape=(frame.rows, frame.columns),
        frame_digest=frame.digest,
        spec_digest=spec.digest,
    )


def to_frame_grid(grid: FloatImage, model_input: ModelInput, outside: float = np.nan) -> FloatImage:
    """A map on the model grid, bilinear on the frame's pixels; `outside` where the model saw nothing."""
    frame_map = np.full(model_input.frame_shape, outside, np.float32)
    row, column, side = model_input.row, model_input.column, model_input.side
    frame_map[row : row + side, column : column + side] = _resample(grid, side, Image.Resampling.BILINEAR)
    return frame_map


def twin_in_modality_values(
    frame: Frame, model_input: ModelInput, twin: FloatImage, *, detail_preserving: bool = True
) -> FloatImage:
    """The healthy twin on the frame's own pixels, in modality values: the original's window serves both.

    `twin`: `(size, size)` in [0, 1] on the model grid. Detail-preserving: original + upsampled
    (twin - input), carried through the inverse grey mapping, so that nothing is blurred where nothing
    was changed. Else the network's own picture, upsampled. Outside the crop and in padding the original
    stands.
    Raises `ValueError` if the input was made from another frame.
    """
    if frame.digest != model_input.frame_digest:
        raise ValueError("This model input belongs to another frame.")
    values = modality_values(frame)
    row, column, side = model_input.row, model_input.column, model_input.side
    crop = values[row : row + side, column : column + side]
    valid = _valid_pixels(frame, values)[row : row + side, column : column + side]
    grid = twin - model_input.pixels if detail_preserving else twin
    method = Image.Resampling.BILINEAR if detail_preserving else Image.Resampling.BICUBIC
    large = _resample(grid, side, method)
    # In blocks that stay in the cache: half the time on a film of 3,000 pixels.
    for first in range(0, side, _BLOCK_ROWS):
        rows = slice(first, first + _BLOCK_ROWS)
        original = crop[rows]
        moved = (
            _changed(original, large[rows], model_input)
            if detail_preserving
            else _modality(large[rows], model_input)
        )
        # Padding is no anatomy: it stays what it is.
        crop[rows] = np.where(valid[rows], moved, original)
    return values


def _changed(original: FloatImage, change: FloatImage, model_input: ModelInput) -> FloatImage:
    """Modality values moved by a change on the matched grey scale; no change leaves them exactly."""
    span = model_input.high - model_input.low
    grey = np.clip((original * model_input.sign - model_input.low) / span, 0, 1)
    matched_grey = np.interp(grey, model_input.film_knots, model_input.grey_knots)
    moved = np.interp(np.clip(matched_grey + change, 0, 1), model_input.grey_knots, model_input.film_knots)
    step = ((moved - grey) * (span * model_input.sign)).astype(np.float32)
    # There and back again is off by the last bits, which would show where the original is zero.
    return np.where(change == 0, original, original + step)


def _modality(grey: FloatImage, model_input: ModelInput) -> FloatImage:
    """Matched grey values back to modality values."""
    film = np.interp(np.clip(grey, 0, 1), model_input.grey_knots, model_input.film_knots)
    span = model_input.high - model_input.low
    return np.asarray((film * span + model_input.low) * model_input.sign, np.float32)


def thumbnails(films: FloatImage) -> FloatImage:
    """Films of the model grid `(n, size, size)` as block means of 32 x 32: what is left without detail."""
    step = max(1, films.shape[1] // _THUMBNAIL)
    side = films.shape[1] // step
    blocks = films[:, : side * step, : side * step].reshape(len(films), side, step, side, step)
    return np.asarray(blocks.mean(axis=(2, 4)), np.float32)


def central_quantiles(pixels: FloatImage, region: float) -> FloatImage:
    """The quantile curve (256 values) of the central `region` (share of the side) of a square image."""
    margin = round(pixels.shape[0] * (1 - region) / 2)
    centre = pixels[margin : pixels.shape[0] - margin, margin : pixels.shape[1] - margin]
    return np.quantile(centre, np.linspace(0, 1, _KNOTS)).astype(np.float32)


def matched(pixels: FloatImage, spec: ModelInputSpec) -> FloatImage:
    """Match the grey values of a plain grid (made without reference curve) to the spec's reference curve."""
    return np.interp(pixels, *_histogram_mapping(pixels, spec)).astype(np.float32)


def _valid_pixels(frame: Frame, values: FloatImage) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values) & frame.shows_image(frame.stored))


def _dense_is_low(frame: Frame) -> bool:
    """Whether a low modality value is shown bright: MONOCHROME1, unless a falling VOI LUT turns it round."""
    falling = bool(frame.voi_tables) and int(frame.voi_tables[0].entries[0]) > int(
        frame.voi_tables[0].entries[-1]
    )
    return frame.inverted != falling


def _square_crop(values: FloatImage, valid: NDArray[np.bool_], top_crop: float) -> tuple[int, int, int]:
    """Central square of what is left when uniform border lines and padding are cut away."""
    first_row, last_row = _informative_span(values, valid, axis=1)
    if first_row == last_row:
        return 0, 0, 0
    first_column, last_column = _informative_span(
        values[first_row:last_row], valid[first_row:last_row], axis=0
    )
    first_row += int((last_row - first_row) * top_crop)
    height, width = last_row - first_row, last_column - first_column
    side = min(height, width)
    return first_row + (height - side) // 2, first_column + (width - side) // 2, side


def _informative_span(values: FloatImage, valid: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    """First and one-past-last line along the other axis that holds more than one value."""
    low = np.where(valid, values, np.inf).min(axis=axis)
    high = np.where(valid, values, -np.inf).max(axis=axis)
    places = np.flatnonzero(high > low)
    return (int(places[0]), int(places[-1]) + 1) if places.size else (0, 0)


def _grey_range(crop: FloatImage, valid: NDArray[np.bool_], spec: ModelInputSpec) -> tuple[float, float]:
    margin = round(crop.shape[0] * (1 - spec.percentile_region) / 2)
    inner = slice(margin, crop.shape[0] - margin)
    # At most about 512 x 512 samples: percentiles of 9 million pixels cost 0.2 s and do not differ.
    step = max(1, crop.shape[0] // 512)
    sample = crop[inner, inner][::step, ::step]
    inside = sample[valid[inner, inner][::step, ::step]]
    if inside.size == 0:
        raise _shows_nothing()
    low, high = np.percentile(inside, (spec.low_percentile, spec.high_percentile))
    if not high > low:
        raise _shows_nothing()
    return float(low), float(high)


def _shows_nothing() -> ModelDoesNotFit:
    return ModelDoesNotFit(
        "The image has the same value everywhere or shows nothing but padding.", "Choose another image."
    )


def _histogram_mapping(small: FloatImage, spec: ModelInputSpec) -> tuple[FloatImage, FloatImage]:
    if not spec.reference_quantiles:
        straight = np.array([0.0, 1.0], np.float32)
        return straight, straight.copy()
    film = _strictly_increasing(central_quantiles(small, spec.histogram_region))
    grey = _strictly_increasing(np.asarray(spec.reference_quantiles, np.float32))
    return film, grey


def _strictly_increasing(curve: FloatImage) -> FloatImage:
    """The curve through (0 ... 1) without flat parts, so that the mapping has an inverse."""
    slope = np.linspace(0, 1, curve.size, dtype=np.float64)
    rising = 0.999 * np.maximum.accumulate(curve.astype(np.float64)) + 0.001 * slope
    inner = np.clip(rising, 1e-6, 1 - 1e-6)
    return np.concatenate([[0.0], inner, [1.0]]).astype(np.float32)


def _resample(image: FloatImage, size: int, method: Image.Resampling) -> FloatImage:
    source = Image.fromarray(np.ascontiguousarray(image, np.float32))
    return np.array(source.resize((size, size), method), np.float32)
