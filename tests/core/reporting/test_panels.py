"""The pictures: the film's pixels stay, what is invented and what was not seen is marked."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from report_cases import AT_DETECTOR, analysis, film, findings

from core.imaging.display import default_grey, render
from core.imaging.findings import Sign
from core.imaging.frame import Frame, PixelSpacing, SpacingSource
from core.imaging.heatmap import HeatmapStyle
from core.imaging.marks import Drawings, Mark, MarkKind
from core.reporting.panels import (
    AGREEMENT_PICTURE,
    ORIGINAL_PICTURE,
    Look,
    Panel,
    difference_name,
    render_panels,
    twin_name,
)

BORDER_PX = 8


def panels_of(frame: Frame, look: Look | None = None, longest_side_px: int | None = None) -> dict[str, Panel]:
    result = analysis(frame)
    made = render_panels(
        frame,
        [result],
        [result.threshold],
        look or Look(),
        findings(frame, result),
        longest_side_px=longest_side_px,
    )
    return {panel.name: panel for panel in made}


def without_directions(frame: Frame) -> Frame:
    return replace(frame, source=replace(frame.source, patient_orientation=("", "")))


def is_coloured(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(np.ptp(pixels.astype(int), axis=-1) > 12)


def test_the_original_at_image_resolution_is_the_film_pixel_for_pixel() -> None:
    frame = without_directions(film())
    (panel,) = render_panels(frame, [], [], Look())
    pixels = panel.pixels
    expected = render(frame, default_grey(frame))
    assert pixels.shape[1] == frame.columns
    assert np.array_equal(pixels[: frame.rows], np.repeat(expected[..., None], 3, axis=2))


def test_directions_stand_at_the_edges_where_the_file_states_them() -> None:
    """L towards the right of a row, F towards the foot: the patient's right is on the left."""
    frame = film()
    bare = render_panels(without_directions(frame), [], [], Look())[0].pixels[: frame.rows]
    lettered = render_panels(frame, [], [], Look())[0].pixels[: frame.rows]
    rows, columns = np.nonzero((bare != lettered).any(axis=-1))
    reach = 30
    at_edges = (rows < reach) | (rows >= frame.rows - reach)
    at_edges |= (columns < reach) | (columns >= frame.columns - reach)
    assert at_edges.all()
    for near in (rows < reach, rows >= frame.rows - reach, columns < reach, columns >= frame.columns - reach):
        assert near.any()
    mirrored = replace(frame, source=replace(frame.source, patient_orientation=("R", "F")))
    other = render_panels(mirrored, [], [], Look())[0].pixels[: frame.rows]
    assert not np.array_equal(other[:, :reach], lettered[:, :reach])


@pytest.mark.parametrize("side_px", [None, 900])
def test_lengths_and_arrows_stand_on_the_original_where_they_were_drawn(side_px: int | None) -> None:
    frame = film()
    drawings = Drawings(
        (
            Mark(MarkKind.LENGTH, ((200, 100), (200, 200)), name="M1"),
            Mark(MarkKind.ARROW, ((60, 60), (120, 160)), name="A1"),
        )
    )
    result = analysis(frame)
    bare, drawn = (
        render_panels(frame, [result], [0.1], Look(), drawings=one, longest_side_px=side_px)
        for one in (Drawings(), drawings)
    )
    scale = bare[0].pixels.shape[1] / frame.columns
    for row, column in ((200, 100), (200, 150), (200, 199), (90, 110), (118, 157)):
        place = round(row * scale), round(column * scale)
        assert is_coloured(drawn[0].pixels[place]), (row, column)
        assert not is_coloured(bare[0].pixels[place])
    for before, after in zip(bare[1:], drawn[1:], strict=True):
        assert np.array_equal(before.pixels, after.pixels)


def test_a_length_at_the_rim_keeps_its_words_on_the_film() -> None:
    frame = without_directions(film())
    rim = Drawings((Mark(MarkKind.LENGTH, ((10, 250), (frame.rows - 1, frame.columns - 1)), name="M1"),))
    bare, drawn = (render_panels(frame, [], [], Look(), drawings=one)[0].pixels for one in (Drawings(), rim))
    rows, columns = np.nonzero((bare != drawn).any(axis=-1))
    assert rows.max() < frame.rows
    assert columns.min() < 200, "moved to the left as a whole"


def test_one_picture_alone_is_the_same_picture() -> None:
    frame = film()
    one, other = analysis(frame), analysis(frame, "sr-anogan")
    wishes = (frame, [one, other], [one.threshold, other.threshold], Look(), findings(frame, one))
    everything = {panel.name: panel.pixels for panel in render_panels(*wishes)}
    assert list(everything) == [
        ORIGINAL_PICTURE,
        *(twin_name(one), difference_name(one), twin_name(other), difference_name(other)),
        AGREEMENT_PICTURE,
    ]
    for name, pixels in everything.items():
        (alone,) = render_panels(*wishes, only=name)
        assert np.array_equal(alone.pixels, pixels)


def test_pictures_are_read_only_rgb_and_of_one_size() -> None:
    panels = panels_of(film(), longest_side_px=240)
    assert len({panel.pixels.shape for panel in panels.values()}) == 1
    for panel in panels.values():
        assert not panel.pixels.flags.writeable
        with Image.open(io.BytesIO(panel.png())) as picture:
            assert np.array_equal(np.array(picture), panel.pixels)
    with pytest.raises(ValueError, match="RGB"):
        Panel("a", "A", np.zeros((4, 4), np.uint8))


def test_the_twin_has_its_border_and_the_word_burned_in() -> None:
    frame = film()
    twin = panels_of(frame)["twin-healthygan"]
    film_part = twin.pixels[: frame.rows]
    edge = np.concatenate([film_part[0], film_part[:, 0], film_part[:, -1]])
    assert is_coloured(edge).all()
    assert is_coloured(film_part[BORDER_PX:40, BORDER_PX:120]).sum() > 100, "no word on the film itself"
    assert "synthetic" in twin.title


def test_the_wash_lies_where_the_map_is_lit_and_nowhere_else() -> None:
    frame = film()
    result = analysis(frame)
    (panel,) = (
        panel
        for panel in render_panels(frame, [result], [result.threshold], Look())
        if panel.name == "difference-healthygan"
    )
    coloured = is_coloured(panel.pixels[: frame.rows])
    first, second = findings(frame, result)
    inside = np.zeros_like(coloured)
    for finding in (first, second):
        row, column, end_row, end_column = finding.box
        inside[max(row - 2, 0) : end_row + 2, max(column - 2, 0) : end_column + 2] = True
        centre = tuple(int(place) for place in finding.centre)
        assert coloured[centre]
    assert not coloured[~inside].any()


def test_what_the_model_did_not_see_is_hatched() -> None:
    frame = film()
    crop = analysis(frame).model_input
    assert (crop.side, crop.side) != (frame.rows, frame.columns)
    plain, shown = (panels_of(frame)[name].pixels for name in ("original", "difference-healthygan"))
    outside = np.ones((frame.rows, frame.columns), bool)
    outside[crop.row : crop.row + crop.side, crop.column : crop.column + crop.side] = False
    changed = (plain[: frame.rows] != shown[: frame.rows]).any(axis=-1)
    lit = plain[: frame.rows].any(axis=-1)
    assert changed[outside & lit].mean() > 0.95


def test_lines_instead_of_a_wash() -> None:
    frame = film()
    look = Look(style=HeatmapStyle(threshold=0.1, contour=True))
    result = analysis(frame)
    wash, lines = (
        render_panels(frame, [result], [result.threshold], one)[2].pixels[: frame.rows]
        for one in (Look(), look)
    )
    assert 0 < is_coloured(lines).sum() < is_coloured(wash).sum()


@pytest.mark.parametrize("sign", list(Sign))
def test_only_findings_of_the_shown_sign_are_outlined(sign: Sign) -> None:
    frame = film()
    result = analysis(frame)
    look = Look(style=HeatmapStyle(threshold=0.1, sign=sign))
    without, outlined = (
        render_panels(frame, [result], [float("inf")], look, found)[2].pixels
        for found in ((), findings(frame, result))
    )
    assert np.array_equal(without, outlined) is (sign is Sign.LUCENT)


def test_unequal_pixels_become_equal_millimetres() -> None:
    tall = PixelSpacing(0.5, 1.0, SpacingSource.PIXEL_SPACING)
    frame = film(tall)
    picture = render_panels(frame, [], [], Look(), longest_side_px=300)[0].pixels
    assert picture.shape[1] == 300
    strip = picture.shape[0] - 300 * frame.rows * 0.5 / (frame.columns * 1.0)
    assert 30 < strip < 60
    assert render_panels(film(AT_DETECTOR), [], [], Look())[0].pixels.shape[1] == frame.columns


def test_inversion_is_the_readers() -> None:
    frame = without_directions(film())
    plain, inverted = (
        render_panels(frame, [], [], Look(invert=invert))[0].pixels[: frame.rows] for invert in (False, True)
    )
    assert np.array_equal(255 - plain, inverted)


def test_panels_of_another_frame_are_refused() -> None:
    frame = film()
    other = Frame(np.flipud(frame.stored).copy(), bits_stored=12)
    with pytest.raises(ValueError, match="another frame"):
        render_panels(other, [analysis(frame)], [0.1], Look())
