"""The pictures that leave the program: original, healthy twin, difference, agreement.

The window paints its panels itself, viewport first (`viewer.image_view`); whatever is saved, as a report
or as a picture, is drawn here, from the film's own pixels and without any window.

Each carries its own explanation in a strip below the film (window, threshold, legend), so that no picture
is ever seen without it; the film's own pixels stay free but for the marks that a picture needs. The twin
is invented: SYNTHETIC is burned into it, and it has a border of its own colour. What the model did not
see is hatched, never shown as clean. Directions stand at the edges where the file states them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core import RESEARCH_USE
from core.imaging.composition import ALL_LAYERS, OVERLAY_LEVEL, Layers, composed
from core.imaging.display import Grey, Levels, default_grey, render, render_modality
from core.imaging.findings import Finding, Sign
from core.imaging.frame import Frame, Window, opposite_direction
from core.imaging.heatmap import (
    HeatmapStyle,
    agreement,
    agreement_overlay,
    contours,
    overlay,
    signed_overlay,
)
from core.imaging.marks import Drawings, Point
from core.imaging.measurements import Measured
from core.imaging.model_input import ModelInput, twin_in_modality_values
from core.imaging.overlay import drawn_mask
from core.imaging.presentation import Presented, carried_over
from core.imaging.registration import edge_overlay, input_edges
from core.inference.analysis import Analysis, model_name
from core.reporting.drawn_graphics import draw_graphics
from core.reporting.drawn_marks import MARK_COLOUR, Spot, draw_marks
from core.reporting.lettering import fitting, picture_font, write_rimmed
from core.reporting.picture_legend import (
    QUIET_COLOUR,
    STRIP_COLOUR,
    TEXT_COLOUR,
    draw_legend,
    draw_swatches,
    stripe_period,
)

Rgb = NDArray[np.uint8]

ORIGINAL_PICTURE = "original"
AGREEMENT_PICTURE = "agreement"
"""Names of pictures; each model adds those of `twin_name` and `difference_name`."""

_TWIN_COLOUR = (214, 103, 196)
_RIM_COLOUR = (0, 0, 0)
_HATCH_COLOUR = (150, 154, 160)
_OUTLINE_COLOUR = (251, 168, 58)
_NO_DRAWINGS = Drawings()


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How the reader looks at a frame; an export shows the same.

    `grey` None: as the file wants to be shown. The threshold in `style` is not used: each model has
    its own. `detail_preserving`: the film with the model's change, else the network's own picture.
    `opposite_thresholds`: one an analysis for the sign that `style.sign` is not, where both are shown.
    `presented`: the same frame as a presentation state wants it; `grey` and `invert` are then of that one.
    `layers`: which of shutter, overlays and graphics lie over the film.
    """

    grey: Grey | None = None
    invert: bool = False
    style: HeatmapStyle = field(default_factory=lambda: HeatmapStyle(threshold=float("inf")))
    detail_preserving: bool = True
    opposite_thresholds: tuple[float, ...] = ()
    presented: Presented | None = None
    layers: Layers = ALL_LAYERS

    def shows(self, sign: Sign) -> bool:
        """Whether differences of this sign are drawn."""
        return sign is self.style.sign or bool(self.opposite_thresholds)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture: `pixels` uint8 RGB `(rows, columns, 3)`, read-only. `name` suits a file name."""

    name: str
    title: str
    pixels: Rgb

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8:
            raise ValueError("A panel is an RGB picture of 8 bits.")
        self.pixels.setflags(write=False)

    def png(self) -> bytes:
        """The picture as the bytes of a PNG file."""
        stored = io.BytesIO()
        Image.fromarray(self.pixels).save(stored, "PNG")
        return stored.getvalue()


def render_panels(
    frame: Frame,
    analyses: Sequence[Analysis],
    thresholds: Sequence[float],
    look: Look,
    findings: Sequence[Finding] = (),
    drawings: Drawings = _NO_DRAWINGS,
    longest_side_px: int | None = None,
    only: str = "",
) -> tuple[Panel, ...]:
    """Original; twin and difference of each analysis; agreement where two saw the same crop.

    `thresholds`: one an analysis. `findings` are outlined with their number (1 is the first),
    `drawings` stand on the original with their names and lengths.
    `longest_side_px`: the film is brought to this size; None keeps its own pixels, one to one.
    `only`: the name of the one picture that is wanted. Raises `ValueError` for the analysis of another frame.
    """
    if any(analysis.frame_digest != frame.digest for analysis in analyses):
        raise ValueError("This analysis belongs to another frame.")
    sheet = _Sheet(frame, look, longest_side_px)
    registered = analyses[0].model_input if analyses and look.style.registration else None
    drawn: dict[str, Callable[[], Panel]] = {ORIGINAL_PICTURE: partial(sheet.original, drawings, registered)}
    opposite = look.opposite_thresholds or (float("inf"),) * len(analyses)
    for analysis, threshold, other in zip(analyses, thresholds, opposite, strict=True):
        style = replace(look.style, threshold=threshold, opposite_threshold=other, visible=True)
        style = replace(style, both_signs=bool(look.opposite_thresholds))
        drawn[twin_name(analysis)] = partial(sheet.twin, analysis)
        drawn[difference_name(analysis)] = partial(sheet.difference, analysis, style, findings)
    if len(analyses) == 2 and same_crop(analyses[0], analyses[1]):
        drawn[AGREEMENT_PICTURE] = partial(sheet.agreement, analyses, thresholds, findings)
    return tuple(draw() for name, draw in drawn.items() if only in ("", name))


def twin_name(analysis: Analysis) -> str:
    """The name of the picture of a twin."""
    return f"twin-{analysis.card.kind}"


def difference_name(analysis: Analysis) -> str:
    """The name of the picture of a difference."""
    return f"difference-{analysis.card.kind}"


def same_crop(one: Analysis, other: Analysis) -> bool:
    """Whether two analyses looked at the same part of the frame, so that their maps can be compared."""
    return _crop(one.model_input) == _crop(other.model_input)


def agreement_labels(
    analyses: Sequence[Analysis], thresholds: Sequence[float], sign: Sign
) -> NDArray[np.uint8]:
    """Labels of `core.imaging.heatmap.agreement` for two analyses of the same crop."""
    maps = [np.where(analysis.analyzed, analysis.map_of(sign), np.float32(np.nan)) for analysis in analyses]
    return agreement(maps[0], thresholds[0], maps[1], thresholds[1])


class _Sheet:
    """A frame at the size of the pictures, and what is drawn on and below it."""

    def __init__(self, frame: Frame, look: Look, longest_side_px: int | None) -> None:
        self._frame, self._look = frame, look
        self._shown = frame if look.presented is None else look.presented.frame
        self._grey = default_grey(self._shown) if look.grey is None else look.grey
        self._size = _picture_size(frame, longest_side_px)
        # Of the shorter side, so that a narrow film's words still fit; never below what can be read.
        self._font_px = max(11, round(min(self._size) * 0.040))
        self._levels = render(self._shown, self._grey, look.invert)
        self._film = self._scaled(self._behind_shutter(self._levels))

    def original(self, drawings: Drawings, registered: ModelInput | None = None) -> Panel:
        """The untouched film in the reader's window, with what the reader drew on it.

        `registered`: edges of this model input lie over it.
        """
        film = self._film
        if registered is not None:
            film = self._washed(edge_overlay(input_edges(registered)), registered)
        image = Image.fromarray(self._with_overlays(film))
        draw = ImageDraw.Draw(image)
        presented, state = self._look.presented, ""
        if presented is not None and presented.state is not None:
            state = f"as in {presented.state.name}"
        if presented is not None and self._look.layers.overlays:
            letters_px = max(11, round(0.6 * self._font_px))
            draw_graphics(draw, presented.graphics, self._spot, letters_px)
        measured = Measured(self._frame, shown=self._shown_value if self._frame.is_grey else None)
        draw_marks(draw, drawings.shown, measured, self._place, self._size, self._font_px)
        inverted = ", inverted" if self._look.invert else ""
        edges = "lines: edges of the model's input" if registered is not None else ""
        words = (f"{_grey_words(self._grey)}{inverted}", state, self._size_words(), edges)
        below = " · ".join(part for part in words if part)
        return self._panel(ORIGINAL_PICTURE, "Original", np.array(image), "ORIGINAL", below)

    def twin(self, analysis: Analysis) -> Panel:
        """The healthy twin in the same window, marked as invented."""
        values = twin_in_modality_values(
            self._frame, analysis.model_input, analysis.twin, detail_preserving=self._look.detail_preserving
        )
        values = carried_over(values, self._frame, self._shown)
        levels = render_modality(values, self._shown, self._grey, self._look.invert)
        picture = self._scaled(self._behind_shutter(levels))
        self._hatch_outside(picture, analysis.model_input)
        image = Image.fromarray(picture)
        draw = ImageDraw.Draw(image)
        border = max(2, self._font_px // 6)
        draw.rectangle((0, 0, image.width - 1, image.height - 1), outline=_TWIN_COLOUR, width=border)
        place = (2 * border + self._font_px // 2, 2 * border + self._font_px // 4)
        write_rimmed(draw, place, "SYNTHETIC", picture_font(round(1.3 * self._font_px)), _TWIN_COLOUR)
        kind = "film with the model's change" if self._look.detail_preserving else "the network's own picture"
        name = model_name(analysis.card.kind)
        return self._panel(
            twin_name(analysis),
            f"Healthy twin (synthetic), {name}",
            np.array(image),
            "HEALTHY TWIN · SYNTHETIC",
            f"{name} · {kind}",
            _TWIN_COLOUR,
        )

    def difference(self, analysis: Analysis, style: HeatmapStyle, findings: Sequence[Finding]) -> Panel:
        """The film under the heatmap, with numbered outlines of the findings of this model."""
        crop, seen = analysis.model_input, analysis.analyzed
        if style.both_signs:
            rgba = signed_overlay(analysis.denser, analysis.lucent, style, seen)
        else:
            rgba = overlay(analysis.map_of(style.sign), style, seen)
        image = Image.fromarray(self._overlaid(rgba, crop))
        draw = ImageDraw.Draw(image)
        for sign in Sign:
            if style.both_signs or (style.contour and sign is style.sign):
                lines = contours(analysis.map_of(sign), style.threshold_of(sign), seen)
                self._draw_contours(draw, lines, crop, dashed=style.both_signs and sign is Sign.LUCENT)
        self._draw_findings(draw, findings, (analysis,))
        name = model_name(analysis.card.kind)
        what = "denser and more lucent" if style.both_signs else style.sign
        return self._panel(
            difference_name(analysis),
            f"Difference, {name}",
            np.array(image),
            f"DIFFERENCE · {what} than twin · {name}",
            lambda image, place, width: draw_legend(image, place, width, style, self._font_px),
        )

    def agreement(
        self, analyses: Sequence[Analysis], thresholds: Sequence[float], findings: Sequence[Finding]
    ) -> Panel:
        """Where both models, or only one of them, light up."""
        sign = self._look.style.sign
        labels = agreement_labels(analyses, thresholds, sign)
        image = Image.fromarray(self._with_agreement(labels, analyses[0].model_input))
        self._draw_findings(ImageDraw.Draw(image), findings, analyses)
        names = [model_name(analysis.card.kind) for analysis in analyses]
        return self._panel(
            AGREEMENT_PICTURE,
            "Agreement of the two models",
            np.array(image),
            f"AGREEMENT · {sign} than twin",
            lambda image, place, width: draw_swatches(image, place, width, names, self._font_px),
        )

    def _scaled(self, levels: NDArray[np.uint8]) -> Rgb:
        image = Image.fromarray(np.ascontiguousarray(levels))
        if image.size != self._size:
            image = image.resize(self._size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        return np.array(image.convert("RGB"))

    def _behind_shutter(self, levels: Levels) -> Levels:
        return composed(levels, self._shown, Layers(shutter=self._look.layers.shutter, overlays=False))

    def _with_overlays(self, picture: Rgb) -> Rgb:
        """The film with its overlay planes: a bit that is set stays set, so that thin lines do not vanish."""
        if not (self._look.layers.overlays and self._shown.overlays):
            return picture
        rows, columns = self._frame.rows, self._frame.columns
        drawn, picture = drawn_mask(self._shown.overlays, rows, columns), picture.copy()
        high, wide = picture.shape[:2]
        down, across = np.nonzero(drawn)
        picture[down * high // rows, across * wide // columns] = OVERLAY_LEVEL
        if high > rows or wide > columns:
            larger = drawn[np.arange(high) * rows // high][:, np.arange(wide) * columns // wide]
            picture[larger] = OVERLAY_LEVEL
        return picture

    def _shown_value(self, row: int, column: int) -> int:
        return int(self._levels[row, column])

    def _box(self, crop: ModelInput) -> tuple[int, int, int, int]:
        """First row and column and one past the last of the model's crop, in picture pixels."""
        down, across = self._size[1] / self._frame.rows, self._size[0] / self._frame.columns
        return (
            round(crop.row * down),
            round(crop.column * across),
            round((crop.row + crop.side) * down),
            round((crop.column + crop.side) * across),
        )

    def _overlaid(self, rgba: NDArray[np.uint8], crop: ModelInput) -> Rgb:
        """The film with a wash over the model's crop, and a hatch where the model saw nothing."""
        picture = self._washed(rgba, crop)
        self._hatch_outside(picture, crop)
        return picture

    def _washed(self, rgba: NDArray[np.uint8], crop: ModelInput) -> Rgb:
        """The film with a picture of the model's crop, brought to its place and smoothly to its size."""
        first_row, first_column, end_row, end_column = self._box(crop)
        # Colours are multiplied by alpha before they are interpolated, or the rims would turn dark.
        wash = Image.fromarray(rgba).convert("RGBa")
        wash = wash.resize((end_column - first_column, end_row - first_row), Image.Resampling.BILINEAR)
        return self._under(np.asarray(wash), (first_row, first_column))

    def _with_agreement(self, labels: NDArray[np.uint8], crop: ModelInput) -> Rgb:
        """The film under the agreement: labels are never mixed, and stripes are those of the strip below."""
        first_row, first_column, end_row, end_column = self._box(crop)
        cells = labels.shape[0]
        rows, columns = (
            ((np.arange(size) + 0.5) / size * cells).astype(np.intp)
            for size in (end_row - first_row, end_column - first_column)
        )
        opacity, period = self._look.style.opacity, stripe_period(self._font_px)
        rgba = agreement_overlay(labels[np.ix_(rows, columns)], opacity, period)
        picture = self._under(np.asarray(Image.fromarray(rgba).convert("RGBa")), (first_row, first_column))
        self._hatch_outside(picture, crop)
        return picture

    def _under(self, layer: NDArray[np.uint8], corner: tuple[int, int]) -> Rgb:
        """The film under a layer RGBA, multiplied by its alpha, whose first pixel lies at (row, column)."""
        rows, columns = (slice(first, first + size) for first, size in zip(corner, layer.shape, strict=False))
        picture = self._film.copy()
        colours = layer.astype(np.float32)
        mixed = colours[..., :3] + picture[rows, columns].astype(np.float32) * (
            1.0 - colours[..., 3:] / 255.0
        )
        picture[rows, columns] = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
        return picture

    def _hatch_outside(self, picture: Rgb, crop: ModelInput) -> None:
        first_row, first_column, end_row, end_column = self._box(crop)
        outside = np.ones(picture.shape[:2], np.bool_)
        outside[first_row:end_row, first_column:end_column] = False
        if not outside.any():
            return
        rows, columns = np.nonzero(outside)
        period = max(6, self._font_px)
        striped = (rows + columns) % period < max(2, period // 5)
        values = picture[rows, columns].astype(np.float32) * 0.75
        values[striped] = 0.45 * values[striped] + 0.55 * np.array(_HATCH_COLOUR, np.float32)
        picture[rows, columns] = np.rint(values).astype(np.uint8)

    def _draw_contours(
        self,
        draw: ImageDraw.ImageDraw,
        outlines: Sequence[NDArray[np.float64]],
        crop: ModelInput,
        *,
        dashed: bool = False,
    ) -> None:
        """Outlines of the map; `dashed`: of what is more lucent, beside denser."""
        first_row, first_column, end_row, end_column = self._box(crop)
        wide, thin = max(3, self._font_px // 5), max(2, self._font_px // 9)
        colour = MARK_COLOUR if dashed else _OUTLINE_COLOUR
        for outline in outlines:
            rows = first_row + outline[:, 0] * (end_row - first_row)
            columns = first_column + outline[:, 1] * (end_column - first_column)
            points = [(float(column), float(row)) for row, column in zip(rows, columns, strict=True)]
            for part in _dashes(points, 0.5 * self._font_px) if dashed else [points]:
                draw.line(part, fill=_RIM_COLOUR, width=wide)
                draw.line(part, fill=colour, width=thin)

    def _draw_findings(
        self, draw: ImageDraw.ImageDraw, findings: Sequence[Finding], analyses: Sequence[Analysis]
    ) -> None:
        """Those that the picture's own maps and sign speak of, with their number in the whole list."""
        kinds = {analysis.card.kind for analysis in analyses}
        for number, finding in enumerate(findings, 1):
            if finding.model_kind in kinds and self._look.shows(finding.sign):
                self._draw_number(draw, number, finding)

    def _place(self, point: Point) -> Spot:
        """A (row, column) of the frame as (x, y) of the picture."""
        return self._spot(*point)

    def _spot(self, row: float, column: float) -> Spot:
        return column * self._size[0] / self._frame.columns, row * self._size[1] / self._frame.rows

    def _draw_letters(self, draw: ImageDraw.ImageDraw) -> None:
        """Patient directions in the middle of the four edges of the film, where the file states them."""
        right, bottom = self._frame.source.patient_orientation
        font = picture_font(round(1.1 * self._font_px))
        (wide, high), gap = self._size, self._font_px * 0.4
        for letters, place, anchor in (
            (opposite_direction(right), (gap, high / 2), "lm"),
            (right, (wide - gap, high / 2), "rm"),
            (opposite_direction(bottom), (wide / 2, gap), "ma"),
            (bottom, (wide / 2, high - gap), "md"),
        ):
            if letters:
                write_rimmed(draw, place, letters, font, TEXT_COLOUR, anchor)

    def _draw_number(self, draw: ImageDraw.ImageDraw, number: int, finding: Finding) -> None:
        down, across = self._size[1] / self._frame.rows, self._size[0] / self._frame.columns
        first_row, first_column, end_row, end_column = finding.box
        box = (first_column * across, first_row * down, end_column * across - 1, end_row * down - 1)
        width = max(1, self._font_px // 10)
        draw.rectangle(box, outline=MARK_COLOUR, width=width)
        font = picture_font(round(1.2 * self._font_px))
        text_width = draw.textlength(str(number), font=font)
        beside = box[2] + self._font_px * 0.3
        if beside + text_width > self._size[0]:
            beside = box[0] - text_width - self._font_px * 0.3
        row = min(max(box[1] - self._font_px * 0.3, 0), self._size[1] - 1.5 * self._font_px)
        write_rimmed(draw, (beside, row), str(number), font, MARK_COLOUR)

    def _panel(
        self,
        name: str,
        title: str,
        picture: Rgb,
        headline: str,
        below: str | Callable[[Image.Image, tuple[int, int], int], None],
        colour: tuple[int, int, int] = TEXT_COLOUR,
    ) -> Panel:
        """A picture with its strip: a headline, a line of words or a drawing, and what it may be used for."""
        line = round(1.45 * self._font_px)
        margin = round(0.5 * self._font_px)
        image = Image.new("RGB", (picture.shape[1], picture.shape[0] + 3 * line + margin), STRIP_COLOUR)
        image.paste(Image.fromarray(picture), (0, 0))
        draw = ImageDraw.Draw(image)
        self._draw_letters(draw)
        top = picture.shape[0] + margin // 2
        draw.text((margin, top), headline, font=picture_font(self._font_px), fill=colour)
        width = picture.shape[1] - 2 * margin
        if isinstance(below, str):
            font = fitting(draw, below, width, round(0.82 * self._font_px))
            draw.text((margin, top + line), below, font=font, fill=QUIET_COLOUR)
        else:
            below(image, (margin, top + line), width)
        font = fitting(draw, RESEARCH_USE, width, round(0.82 * self._font_px))
        draw.text((margin, top + 2 * line), RESEARCH_USE, font=font, fill=QUIET_COLOUR)
        return Panel(name, title, np.array(image))

    def _size_words(self) -> str:
        frame, spacing = self._frame, self._frame.spacing
        words = f"{frame.columns} × {frame.rows} px"
        if spacing.row_mm is None:
            return f"{words}, spacing unknown"
        return f"{words}, {spacing.row_mm:.3g} mm/px ({spacing.source})"


def _dashes(points: Sequence[Spot], dash: float) -> list[list[Spot]]:
    """A line in dashes of about this length, with gaps half as long."""
    dashes: list[list[Spot]] = [[]]
    left, drawn = dash, True
    for start, end in pairwise(points):
        length = hypot(end[0] - start[0], end[1] - start[1])
        if drawn:
            dashes[-1] += [start, end]
        left -= length
        if left <= 0:
            drawn = not drawn
            left = dash if drawn else dash / 2
            if drawn:
                dashes.append([])
    return [dash for dash in dashes if dash]


def _picture_size(frame: Frame, longest_side_px: int | None) -> tuple[int, int]:
    """(width, height): the frame's own, or scaled so that mm are equally long both ways."""
    if longest_side_px is None:
        return frame.columns, frame.rows
    spacing = frame.spacing
    ratio = 1.0
    if spacing.row_mm is not None and spacing.column_mm is not None:
        ratio = spacing.column_mm / spacing.row_mm
    wide, high = frame.columns * ratio, float(frame.rows)
    scale = longest_side_px / max(wide, high)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def _crop(model_input: ModelInput) -> tuple[int, int, int]:
    return model_input.row, model_input.column, model_input.side


def _grey_words(grey: Grey) -> str:
    if isinstance(grey, Window):
        return f"W {grey.width:.6g} C {grey.center:.6g}"
    return "VOI LUT"
