"""The pictures: the film's pixels stay, what is invented and what was not seen is marked."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from report_cases import AT_DETECTOR, analysis, film, findings

from core.imaging.composition import Layers
from core.imaging.display import default_grey, render
from core.imaging.findings import Sign
from core.imaging.frame import Frame, ModalityTransform, PixelSpacing, SpacingSource, Window
from core.imaging.graphics import Graphic, GraphicKind, TextNote
from core.imaging.heatmap import HeatmapStyle
from core.imaging.marks import Drawings, Mark, MarkKind
from core.imaging.overlay import Overlay
from core.imaging.presentation import Presentation, Voi, present
from core.imaging.shutter import Shutter
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


def _with_everything_over_it() -> Frame:
    frame = without_directions(film())
    bits = np.zeros((frame.rows, frame.columns), np.bool_)
    bits[100, 40:160] = True
    shutter = Shutter(rectangle=(20, 20, frame.rows - 21, frame.columns - 21), level=90)
    return replace(frame, overlays=(Overlay(0x6000, bits),), shutter=shutter)


@pytest.mark.parametrize("side_px", [None, 900, 200])
def test_overlays_lie_over_the_original_and_the_shutter_over_all_as_in_the_window(
    side_px: int | None,
) -> None:
    frame = _with_everything_over_it()
    pictures = panels_of(frame, longest_side_px=side_px)
    open_ones = panels_of(frame, Look(layers=Layers(shutter=False, overlays=False)), side_px)
    scale = pictures[ORIGINAL_PICTURE].pixels.shape[1] / frame.columns
    line = slice(int(100 * scale) - 1, int(100 * scale) + 3), slice(round(60 * scale), round(140 * scale))
    for name, picture in pictures.items():
        drawn = (picture.pixels[line] == 255).all(axis=2).any(axis=0).mean()
        assert (drawn > 0.95) == (name == ORIGINAL_PICTURE), name
        rim = round(10 * scale), round(frame.columns * scale / 2)
        if name == ORIGINAL_PICTURE:
            assert picture.pixels[rim].tolist() == [90, 90, 90]
        assert not np.array_equal(picture.pixels[rim], open_ones[name].pixels[rim])


def test_a_presentation_state_is_in_the_pictures_with_its_graphics_and_its_name() -> None:
    frame = without_directions(film())
    frame = replace(frame, source=replace(frame.source, sop_instance_uid="1.2"))
    line = Graphic(GraphicKind.POLYLINE, ((50.5, 40.5), (50.5, 160.5)), colour=(255, 255, 0))
    window = Window(40, 55)
    state = Presentation(
        Path("state"),
        "state",
        {"1.2": frozenset()},
        label="BRIGHT",
        modality_transform=ModalityTransform(0.01, 3.0),
        vois=(Voi(None, (window,)),),
        graphics=((None, line), (None, TextNote(("seen",), anchor=(150.0, 60.0)))),
    )
    presented = present(frame, state)
    look = Look(grey=window, presented=presented)
    result = analysis(frame)
    original, twin, difference = render_panels(frame, [result], [result.threshold], look)
    shown = render(presented.frame, window)
    drawn = original.pixels[: frame.rows]
    assert (drawn[50, 60:140] == (255, 255, 0)).all()
    same = (drawn == shown[..., None]).all(axis=2)
    assert same.mean() > 0.95
    assert not same[140:160, 60:110].all(), "the text of the state"
    # The twin in the same values: where the model changed nothing it is the film.
    assert (twin.pixels[: frame.rows] == shown[..., None]).all(axis=2).mean() > 0.2
    assert not (difference.pixels[50, 60:140] == (255, 255, 0)).all()
    hidden = replace(look, layers=Layers(overlays=False))
    (plain,) = render_panels(frame, [], [], hidden)
    assert np.array_equal(plain.pixels[: frame.rows], np.repeat(shown[..., None], 3, axis=2))
    (as_stored,) = render_panels(frame, [], [], Look())
    assert not np.array_equal(as_stored.pixels, plain.pixels)
