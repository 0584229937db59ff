"""What the reader wishes to see, as one value, and what the three panels therefore show.

Pure but for the image type of the heatmap: no widget here, so every rule has its test. The rule above
all others: nothing that belongs to other pixels is ever shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.imaging.composition import ALL_LAYERS, Layers
from core.imaging.display import Grey
from core.imaging.findings import Finding, Sign
from core.imaging.frame import Frame, Window
from core.imaging.graphics import Graphic, TextNote
from core.imaging.heatmap import HeatmapStyle, contours, overlay, signed_overlay
from core.imaging.marks import Mark
from core.imaging.measurements import Measured
from core.imaging.model_input import ModelInput
from core.imaging.quantities import number_words
from core.imaging.registration import edge_overlay, input_edges
from core.inference.analysis import Analysis, Answer, model_name
from core.inference.healthy_rank import reference_words
from core.reading import AGREEMENT
from core.reporting.panels import (
    AGREEMENT_PICTURE,
    ORIGINAL_PICTURE,
    agreement_labels,
    difference_name,
    same_crop,
    twin_name,
)
from viewer.core_sentences import said
from viewer.language import marked, tr
from viewer.legend import Legend
from viewer.panel import CornerTexts, FindingBox, PanelContent, StatusKind
from viewer.picture import image_of
from viewer.planes import Planes
from viewer.screen_layers import Labels
from viewer.theme import Colour
from viewer.viewpoint import Viewpoint


class Panel(IntEnum):
    """The three panels, from left to right."""

    ORIGINAL = 0
    TWIN = 1
    DIFFERENCE = 2


class TwinMode(StrEnum):
    """Which healthy twin is shown; written on its panel."""

    DETAIL_PRESERVING = marked("detail-preserving")
    NETWORK_OUTPUT = marked("network output")


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """All that decides what the panels show, apart from where one looks.

    `answer` and the twin belong to `frame`, by construction of the comparison. `opinion`: a model kind,
    or `AGREEMENT`, or "" for the first model. `thresholds`: one an analysis of the answer, for their
    agreement; empty = that of `style` for all. `twin_mode`: what the twin on screen is, not what was
    asked for last; None while there is no twin. `frame` may be shown by a presentation state, under its
    `state_name`. `planes`: what lies over the original, and what over twin and difference.
    `title` names the original; a `warning` about whose image it is takes the place of how it was taken, in
    alarm's colour. `aside`: how it differs in place from the image that it follows.
    """

    frame: Frame | None = None
    caption: tuple[str, ...] = ()
    grey: Grey = field(default_factory=lambda: Window(128, 256))
    invert: bool = False
    answer: Answer | None = None
    opinion: str = ""
    style: HeatmapStyle = field(default_factory=lambda: HeatmapStyle(0.1))
    thresholds: tuple[float, ...] = ()
    twin_mode: TwinMode | None = None
    findings: tuple[Finding, ...] = ()
    accepted: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()
    selected: str = ""
    marks: tuple[Mark, ...] = ()
    selected_mark: str = ""
    key_image: bool = False
    measured: tuple[Measured | None, Measured | None, Measured | None] = (None, None, None)
    status: str = "not analyzed"
    status_kind: StatusKind = StatusKind.NOT_RUN
    reasons: tuple[str, ...] = ()
    layers: Layers = ALL_LAYERS
    state_name: str = ""
    planes: tuple[Planes | None, Planes | None] = (None, None)
    graphics: tuple[Graphic | TextNote, ...] = ()
    title: str = ""
    warning: str = ""
    aside: str = ""

    @property
    def shown_analysis(self) -> Analysis | None:
        """The analysis whose twin and map are shown (for the agreement: the first of the two)."""
        if self.answer is None or not self.answer.analyses:
            return None
        for analysis in self.answer.analyses:
            if analysis.card.kind == self.opinion:
                return analysis
        return self.answer.analyses[0]

    @property
    def shows_agreement(self) -> bool:
        """Whether the difference panel shows where two models agree: of one crop, else nothing compares."""
        if self.opinion != AGREEMENT or self.answer is None or len(self.answer.analyses) < 2:
            return False
        return same_crop(*self.answer.analyses[:2])


@dataclass(frozen=True, slots=True, eq=False)
class DrawnMap:
    """What is drawn of the models' answer, worked out once a change: on the crop, or in frame pixels.

    `heat`: the wash. `labels`: the agreement of two models instead. `outlines`: of what lies above the
    threshold, in contour mode or where both signs are shown; `dashed`: of what is more lucent then.
    `edges`: of the model's input.
    """

    heat: QImage | None = None
    labels: Labels | None = None
    outlines: tuple[NDArray[np.floating], ...] = ()
    dashed: tuple[NDArray[np.floating], ...] = ()
    edges: QImage | None = None


NO_MAP = DrawnMap()


def drawn_map(wish: Wish) -> DrawnMap:
    """What is drawn of the answer that is shown; nothing without one."""
    analysis, style = wish.shown_analysis, wish.style
    if analysis is None:
        return NO_MAP
    edges = _edges_of(analysis.model_input) if style.registration else None
    if not style.visible:
        return DrawnMap(edges=edges)
    if wish.shows_agreement and wish.answer is not None:
        analyses = wish.answer.analyses[:2]
        limits = wish.thresholds if len(wish.thresholds) == len(analyses) else (style.threshold,) * 2
        labels = Labels(agreement_labels(analyses, limits, style.sign), style.opacity)
        return DrawnMap(labels=labels, edges=edges)
    if style.both_signs:
        rgba = signed_overlay(analysis.denser, analysis.lucent, style, analysis.analyzed)
        outlines, dashed = (_outlines(analysis, style, sign) for sign in (Sign.DENSER, Sign.LUCENT))
        return DrawnMap(_for_painting(rgba), None, outlines, dashed, edges)
    rgba = overlay(analysis.map_of(style.sign), style, analysis.analyzed)
    outlines = _outlines(analysis, style, style.sign) if style.contour else ()
    return DrawnMap(_for_painting(rgba), None, outlines, (), edges)


@lru_cache(maxsize=2)
def _edges_of(model_input: ModelInput) -> QImage:
    """Edges of a model's input; found once, however often the threshold changes meanwhile."""
    return _for_painting(edge_overlay(input_edges(model_input)))


def _outlines(analysis: Analysis, style: HeatmapStyle, sign: Sign) -> tuple[NDArray[np.floating], ...]:
    """Outlines of what lies above the threshold of a sign, in frame pixels."""
    spot = analysis.model_input
    lines = contours(analysis.map_of(sign), style.threshold_of(sign), analysis.analyzed)
    return tuple(line * spot.side + (spot.row, spot.column) for line in lines)


def legend_of(wish: Wish) -> Legend:
    """What the colours of the difference panel mean."""
    analysis = wish.shown_analysis
    calibration = None if analysis is None else analysis.calibration
    reference = "" if calibration is None else reference_words(calibration)
    names: tuple[str, ...] = ()
    if wish.shows_agreement and wish.answer is not None:
        names = tuple(model_name(analysis.card.kind) for analysis in wish.answer.analyses[:2])
    return Legend(wish.style, names, reference)


def picture_name(wish: Wish, panel: Panel) -> str:
    """Which picture of `core.reporting.panels` saves what a panel shows; "" while it shows none."""
    analysis = wish.shown_analysis
    if wish.frame is None:
        return ""
    if panel is Panel.ORIGINAL:
        return ORIGINAL_PICTURE
    if analysis is None:
        return ""
    if panel is Panel.TWIN:
        return twin_name(analysis) if wish.twin_mode is not None else ""
    return AGREEMENT_PICTURE if wish.shows_agreement else difference_name(analysis)


def resolve(
    wish: Wish,
    viewpoint: Viewpoint,
    drawn: DrawnMap = NO_MAP,
) -> tuple[PanelContent, PanelContent, PanelContent]:
    """What original, healthy twin and difference show. `drawn`: the map of this wish."""
    frame = wish.frame
    if frame is None:
        blank = PanelContent(wish.title or tr("ORIGINAL"), Colour.LINE)
        twin = PanelContent(tr("HEALTHY TWIN"), Colour.TWIN, subtitle=tr("synthetic"))
        return blank, twin, PanelContent(tr("DIFFERENCE"), Colour.LINE)
    analysis = wish.shown_analysis
    crop = _crop(analysis) if analysis is not None else None
    shape = (frame.rows, frame.columns)
    boxes = _boxes(wish)
    chosen = tuple(box for box in boxes if box.selected)
    orientation = frame.source.patient_orientation
    original = PanelContent(
        wish.title or tr("ORIGINAL"),
        Colour.FAILURE if wish.warning else Colour.LINE,
        subtitle=tr("lines: edges of the model's input") if drawn.edges is not None else "",
        status=wish.warning or _acquisition(frame),
        status_kind=StatusKind.FAILED if wish.warning else StatusKind.NOT_RUN,
        frame_shape=shape,
        spacing=frame.spacing,
        patient_orientation=orientation,
        corners=CornerTexts(
            top_left=wish.caption,
            top_right=_warnings(wish, frame),
            bottom_left=_display_lines(wish, viewpoint),
        ),
        boxes=chosen,
        marks=wish.marks,
        edges=(drawn.edges, crop) if drawn.edges is not None and crop is not None else None,
        selected_mark=wish.selected_mark,
        measured=wish.measured[0],
        planes=wish.planes[0],
        graphics=wish.graphics if wish.layers.overlays else (),
    )
    twin = PanelContent(
        tr("HEALTHY TWIN"),
        Colour.TWIN,
        subtitle=tr("synthetic"),
        status="" if wish.twin_mode is not None else wish.status,
        status_kind=wish.status_kind,
        message="" if wish.twin_mode is not None else _why_empty(wish, tr("Drawing the healthy twin …")),
        frame_shape=shape,
        spacing=frame.spacing,
        patient_orientation=orientation,
        corners=CornerTexts(top_left=_twin_lines(wish)),
        crop=crop,
        boxes=chosen,
        planes=wish.planes[1],
        marks=wish.marks,
        selected_mark=wish.selected_mark,
        measured=wish.measured[1],
    )
    difference = PanelContent(
        tr("DIFFERENCE"),
        Colour.LINE,
        subtitle=_difference_words(wish),
        status=wish.status,
        status_kind=wish.status_kind,
        message="" if analysis is not None else _why_empty(wish, tr("Drawing the difference …")),
        frame_shape=shape,
        spacing=frame.spacing,
        patient_orientation=orientation,
        crop=crop,
        heat=drawn.heat,
        labels=drawn.labels,
        outlines=drawn.outlines,
        dashed=drawn.dashed,
        boxes=boxes,
        planes=wish.planes[1],
        marks=wish.marks,
        selected_mark=wish.selected_mark,
        measured=wish.measured[2],
    )
    return original, twin, difference


def _for_painting(rgba: NDArray[np.uint8]) -> QImage:
    """In the one format that Qt blends without converting it at each repaint."""
    return image_of(rgba).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _crop(analysis: Analysis) -> tuple[int, int, int]:
    spot = analysis.model_input
    return spot.row, spot.column, spot.side


def _boxes(wish: Wish) -> tuple[FindingBox, ...]:
    """Accepted solid; undecided of the map in front dashed; dismissed none; the selected one last, on top."""
    analysis = wish.shown_analysis
    boxes = []
    for finding in wish.findings:
        accepted, selected = finding.identifier in wish.accepted, finding.identifier == wish.selected
        # An undecided box without the colour that it surrounds would be a riddle; a decision is not.
        drawn = finding.sign is wish.style.sign or (wish.style.both_signs and not wish.shows_agreement)
        coloured = drawn and (
            wish.shows_agreement or (analysis is not None and finding.model_kind == analysis.card.kind)
        )
        if finding.identifier not in wish.dismissed and (accepted or selected or coloured):
            boxes.append(FindingBox(finding.identifier, finding.box, accepted, selected))
    return tuple(sorted(boxes, key=lambda box: box.selected))


def _why_empty(wish: Wish, preparing: str) -> str:
    """Words for an empty panel: what the analysis is doing or why there is none."""
    if wish.status_kind in {StatusKind.FOUND, StatusKind.CLEAR}:
        return preparing
    return "\n".join([wish.status[:1].upper() + wish.status[1:], *wish.reasons])


def _difference_words(wish: Wish) -> str:
    if wish.shown_analysis is None:
        return ""
    if not wish.style.visible:
        return tr("map hidden")
    sign = wish.style.sign
    if wish.shows_agreement:
        return tr("agreement: {sign}").format(sign=said(sign.value))
    if wish.style.both_signs:
        return tr("denser and more lucent than twin")
    return tr("denser than twin") if sign is Sign.DENSER else tr("more lucent than twin")


def _twin_lines(wish: Wish) -> tuple[str, ...]:
    analysis = wish.shown_analysis
    if analysis is None or wish.twin_mode is None:
        return ()
    return (tr("SYNTHETIC"), f"{analysis.card.name}, {tr(wish.twin_mode.value)}")


def _acquisition(frame: Frame) -> str:
    source = frame.source
    number = f"{source.frame_index + 1}/{source.number_of_frames}" if source.number_of_frames > 1 else ""
    size = f"{frame.columns} × {frame.rows}"
    return "  ".join(part for part in (source.modality, source.view_position, size, number) if part)


def _warnings(wish: Wish, frame: Frame) -> tuple[str, ...]:
    """What a reader must know of the pixels themselves."""
    source = frame.source
    return tuple(
        words
        for words, true in (
            (tr("★ key image"), wish.key_image),
            (tr("lossy"), source.lossy),
            (tr("not DICOM"), not source.is_dicom),
            (tr("overlays hidden"), bool(frame.overlays or wish.graphics) and not wish.layers.overlays),
            (tr("shutter open"), frame.shutter is not None and not wish.layers.shutter),
            (wish.aside, bool(wish.aside)),
        )
        if true
    )


def _display_lines(wish: Wish, viewpoint: Viewpoint) -> tuple[str, ...]:
    frame = wish.frame
    if frame is None:
        return ()
    grey = wish.grey
    if isinstance(grey, Window):
        shown_as = f"W {number_words(grey.width)}  C {number_words(grey.center)}"
        shown_as += f"  {grey.function.value}" if grey.function.value == "SIGMOID" else ""
    else:
        shown_as = grey.explanation or "VOI LUT"
    if not frame.is_grey:
        shown_as = tr("colour")
    spacing = frame.spacing
    if spacing.row_mm is not None and spacing.column_mm is not None:
        both = (
            f"{spacing.column_mm:.3g}"
            if spacing.row_mm == spacing.column_mm
            else (f"{spacing.row_mm:.3g} × {spacing.column_mm:.3g}")
        )
        measure = f"{both} mm/px {said(spacing.source.value)}"
    else:
        measure = tr("pixel spacing unknown")
    shown_by = (tr("shown by: {state}").format(state=wish.state_name),) if wish.state_name else ()
    # The longest lines first: beside the lower two stands the scale bar.
    return (
        *shown_by,
        measure,
        shown_as + ("  " + tr("inverted") if wish.invert else ""),
        tr("zoom {percent:.0f} %").format(percent=viewpoint.zoom * 100),
    )
