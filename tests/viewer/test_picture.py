"""Sampling and look-up: what is on the screen is what the display pipeline says, pixel by pixel."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.imaging.display import default_grey, render, render_modality
from core.imaging.frame import Frame, LookupTable, ModalityTransform, Window
from viewer.picture import BrokenCoding, Picture, WholeCoding, image_of
from viewer.viewpoint import Mapping, Viewpoint

WIDTHS = [*range(1, 10), 641]


def _noise(rows: int, columns: int, bits: int = 12, seed: int = 1) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 2**bits, (rows, columns), dtype=np.uint16)


def _pixels(image: QImage, channels: int) -> NDArray[np.uint8]:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * channels].reshape(image.height(), image.width(), channels).copy()


def _on_screen(image: QImage) -> NDArray[np.uint8]:
    """Red, green and blue of an image that is drawn, `(rows, columns, 3)`."""
    assert image.format() is QImage.Format.Format_RGB32
    return _pixels(image.convertToFormat(QImage.Format.Format_RGB888), 3)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_images_are_neither_skewed_nor_striped(qapp: object, columns: int, channels: int):
    values = np.random.default_rng(columns).integers(0, 256, (7, columns, channels), dtype=np.uint8)
    for view in (values, values[::-1], values[:, ::-1], np.repeat(values, 2, axis=1)[:, ::2]):
        image = image_of(view[..., 0] if channels == 1 else view)
        expected = view.copy()
        gc.collect()
        assert np.array_equal(_pixels(image, channels), expected)


def test_an_image_outlives_its_array(qapp: object):
    image = image_of(np.full((64, 65), 77, np.uint8))
    gc.collect()
    np.full((64, 65), 1, np.uint8)
    assert (_pixels(image, 1) == 77).all()


@pytest.mark.parametrize("columns", WIDTHS)
def test_at_one_to_one_every_code_is_exact(qapp: object, columns: int):
    picture = Picture.of_frame(Frame(_noise(31, columns)))
    sample = picture.sample(Mapping(Viewpoint(15.5, columns / 2, 1.0), columns, 31))
    assert sample is not None
    assert (sample.left, sample.top) == (0, 0)
    assert np.array_equal(sample.codes, picture.codes)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flipped", [False, True])
def test_turning_and_mirroring_move_pixels_and_change_none(qapp: object, turns: int, flipped: bool):
    picture = Picture.of_frame(Frame(_noise(20, 30)))
    width, height = (30, 20) if turns % 2 == 0 else (20, 30)
    sample = picture.sample(Mapping(Viewpoint(10, 15, 1.0, turns, flipped), width, height))
    expected = np.rot90(picture.codes[:, ::-1] if flipped else picture.codes, -turns)
    assert sample is not None
    assert np.array_equal(sample.codes, expected)


def test_large_zooms_show_single_pixels(qapp: object):
    picture = Picture.of_frame(Frame(_noise(9, 11)))
    sample = picture.sample(Mapping(Viewpoint(4.5, 5.5, 6.0), 66, 54))
    assert sample is not None
    assert np.array_equal(sample.codes, np.repeat(np.repeat(picture.codes, 6, 0), 6, 1))


def test_a_screen_of_scale_two_has_its_own_pixels(qapp: object):
    picture = Picture.of_frame(Frame(_noise(40, 50)))
    sample = picture.sample(Mapping(Viewpoint(20, 25, 0.5), 25, 20), 2.0)
    assert sample is not None
    assert np.array_equal(sample.codes, picture.codes)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_but_the_image_is_sampled(qapp: object, seed: int):
    random = np.random.default_rng(seed)
    rows, columns = (int(value) for value in random.integers(1, 700, 2))
    picture = Picture.of_frame(Frame(np.full((rows, columns), 500, np.uint16)))
    view = Viewpoint(
        random.uniform(0, rows),
        random.uniform(0, columns),
        float(10 ** random.uniform(-1.5, 1.2)),
        int(random.integers(4)),
        bool(random.integers(2)),
    )
    sample = picture.sample(
        Mapping(view, 301, 203, float(random.uniform(0.5, 2))), float(random.choice([1, 1.25, 2]))
    )
    if sample is not None:
        # Smooth sampling truncates a few of 65,536 units; a border of foreign pixels would read far less.
        assert abs(sample.codes.astype(int) - int(picture.codes[0, 0])).max() <= 4


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("zoom", [0.3, 1.0, 1.7, 5.0])
@pytest.mark.parametrize("colour", [False, True])
def test_a_panned_picture_is_the_one_that_is_drawn_anew(qapp: object, zoom: float, turns: int, colour: bool):
    random = np.random.default_rng(4)
    stored = random.integers(0, 256, (400, 500, 3), dtype=np.uint8) if colour else _noise(400, 500)
    frame = Frame(stored, "RGB", 8) if colour else Frame(stored)
    picture, fresh = Picture.of_frame(frame), Picture.of_frame(frame)
    levels = picture.levels_of(default_grey(frame), False)
    mapping = Mapping(Viewpoint(200.3, 250.1, zoom, turns), 301, 222)
    for _ in range(30):
        across, down = (int(value) for value in random.integers(-90, 91, 2))
        mapping = Mapping(mapping.dragged(across, down), 301, 222)
        shown, expected = picture.shown(mapping, 1.0, levels), fresh.sample(mapping)
        assert (shown is None) == (expected is None)
        if shown is None or expected is None:
            continue
        image, place = shown
        assert (place.x(), place.y()) == (expected.left, expected.top)
        drawn = _on_screen(image).astype(int)
        anew = levels[expected.codes].astype(int).reshape(*drawn.shape[:2], -1)
        # Where a sample falls on the border of two pixels, either may be taken.
        assert (np.abs(drawn - anew) <= 1).mean() > 0.99


def test_a_pan_by_parts_of_a_pixel_is_drawn_anew(qapp: object):
    picture, fresh = Picture.of_frame(Frame(_noise(90, 90))), Picture.of_frame(Frame(_noise(90, 90)))
    levels = picture.levels_of(Window(2000, 4000), False)
    for step in range(12):
        mapping = Mapping(Viewpoint(45 + step * 0.31, 45, 1.3), 80, 80)
        shown, expected = picture.shown(mapping, 1.0, levels), fresh.sample(mapping)
        assert shown is not None
        assert expected is not None
        grey = levels[expected.codes][..., np.newaxis]
        assert np.array_equal(_on_screen(shown[0]), np.repeat(grey, 3, axis=2))


def test_a_draft_stands_where_the_film_will_stand(qapp: object):
    stored = np.zeros((300, 300), np.uint16)
    stored[100:200, 80:240] = 4000
    mapping = Mapping(Viewpoint(149.3, 151.7, 0.73), 201, 199)
    picture = Picture.of_frame(Frame(stored))
    levels = picture.levels_of(Window(2000, 4000), False)
    draft, exact = (
        picture.shown(mapping, 1.0, levels, draft=draft)  # the draft first: the exact one replaces it
        for draft in (True, False)
    )
    assert draft is not None
    assert exact is not None
    assert draft[1] == exact[1]
    lit, right = (_on_screen(one[0])[..., 0] > 127 for one in (draft, exact))
    for axis in (0, 1):
        ends = [np.flatnonzero(one.any(axis=axis))[[0, -1]] for one in (lit, right)]
        assert (np.abs(ends[0] - ends[1]) <= 1).all()


def test_at_rest_no_pixel_of_a_draft_is_left(qapp: object):
    picture, fresh = Picture.of_frame(Frame(_noise(90, 90))), Picture.of_frame(Frame(_noise(90, 90)))
    levels = picture.levels_of(Window(2000, 4000), False)
    mapping = Mapping(Viewpoint(45.2, 45, 1.3), 80, 80)
    rough = picture.shown(mapping, 1.0, levels, draft=True)
    # A pan within the draft: what it leaves in sight is a draft still.
    mapping = Mapping(mapping.dragged(5, -3), 80, 80)
    picture.shown(mapping, 1.0, levels, draft=True)
    shown, expected = picture.shown(mapping, 1.0, levels), fresh.sample(mapping)
    assert rough is not None
    assert shown is not None
    assert expected is not None
    assert np.array_equal(_on_screen(shown[0])[..., 0], levels[expected.codes])
    assert not np.array_equal(_on_screen(rough[0]), _on_screen(shown[0]))
    # Better pixels than asked for are never thrown away.
    again = picture.shown(mapping, 1.0, levels, draft=True)
    assert again is not None
    assert again[0] is shown[0]


def test_what_a_pan_leaves_in_sight_keeps_up_with_the_window(qapp: object):
    picture, fresh = Picture.of_frame(Frame(_noise(300, 200))), Picture.of_frame(Frame(_noise(300, 200)))
    tables = [picture.levels_of(Window(2000, width), False) for width in (4000, 900)]
    mapping = Mapping(Viewpoint(150, 100, 1.0), 120, 90)
    for step, levels in enumerate((tables[0], tables[0], tables[1], tables[1], tables[0])):
        mapping = Mapping(mapping.dragged(7 - 3 * step, 4), 120, 90)
        shown, expected = picture.shown(mapping, 1.0, levels), fresh.sample(mapping)
        assert shown is not None
        assert expected is not None
        assert np.array_equal(_on_screen(shown[0])[..., 0], levels[expected.codes])


def test_far_from_the_image_there_is_nothing(qapp: object):
    picture = Picture.of_frame(Frame(_noise(10, 10)))
    assert picture.sample(Mapping(Viewpoint(0, 4000, 1.0), 100, 100)) is None


def test_small_zooms_show_means_not_a_choice_of_lines(qapp: object):
    stripes = np.zeros((512, 512), np.uint16)
    stripes[::2] = 4000
    picture = Picture.of_frame(Frame(stripes))
    sample = picture.sample(Mapping(Viewpoint(256, 256, 0.125), 64, 64))
    assert sample is not None
    assert np.ptp(sample.codes.astype(int)) <= 64
    assert abs(int(sample.codes.mean()) - int(picture.codes.mean())) <= 64


_FRAMES = {
    "12 bit": Frame(_noise(40, 33), windows=(Window(1000, 1500),)),
    "signed with slope": Frame(
        _noise(40, 33).astype(np.int16) - 1024, modality_transform=ModalityTransform(-2.5, 100)
    ),
    "MONOCHROME1": Frame(_noise(40, 33, 15), "MONOCHROME1"),
    "all 16 bits": Frame(np.arange(65536, dtype=np.uint16).reshape(256, 256)),
    "32 bit in a narrow range": Frame((_noise(40, 33) + np.uint32(4_000_000_000)).astype(np.uint32)),
    "8 bit": Frame(_noise(40, 33, 8).astype(np.uint8)),
    "one value": Frame(np.full((5, 5), 7, np.uint16)),
    "padding": Frame(_noise(40, 33), padding=(0, 200)),
    "VOI LUT": Frame(
        _noise(40, 33), voi_tables=(LookupTable(0, 12, np.arange(4096, dtype=np.uint16)[::-1].copy()),)
    ),
    "modality LUT": Frame(
        _noise(40, 33),
        modality_transform=ModalityTransform(
            table=LookupTable(0, 16, (np.arange(4096, dtype=np.uint16) ** 2 // 300).astype(np.uint16))
        ),
    ),
}


@pytest.mark.parametrize("name", _FRAMES)
@pytest.mark.parametrize("invert", [False, True])
def test_the_screen_shows_what_the_display_pipeline_says(qapp: object, name: str, invert: bool):
    frame = _FRAMES[name]
    grey = default_grey(frame)
    picture = Picture.of_frame(frame)
    assert np.array_equal(picture.levels_of(grey, invert)[picture.codes], render(frame, grey, invert))


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint32, np.int32])
def test_wide_values_are_shown_within_one_level(qapp: object, kind: type[np.generic]):
    values = (np.random.default_rng(3).normal(size=(50, 60)) * 1e6 + 2e7).astype(kind)
    frame = Frame(values)
    grey = default_grey(frame)
    picture = Picture.of_frame(frame)
    shown = picture.levels_of(grey, False)[picture.codes].astype(int)
    assert np.abs(shown - render(frame, grey)).max() <= 1


def test_colour_stays_colour(qapp: object):
    colour = np.random.default_rng(5).integers(0, 256, (13, 17, 3), dtype=np.uint8)
    frame = Frame(colour, "RGB", 8)
    picture = Picture.of_frame(frame)
    sample = picture.sample(Mapping(Viewpoint(6.5, 8.5, 1.0), 17, 13))
    assert sample is not None
    levels = picture.levels_of(default_grey(frame), False)
    assert np.array_equal(levels[sample.codes], colour)
    assert picture.shape == (13, 17)


def test_a_twin_is_shown_with_the_window_of_its_film(qapp: object):
    frame = Frame(_noise(40, 50), "MONOCHROME1")
    grey = default_grey(frame)
    twin = frame.stored.astype(np.float32) * 0.8 + 0.3
    twin[0, 0] = np.nan
    picture = Picture.of_modality_values(twin, frame)
    shown = picture.levels_of(grey, False)[picture.codes].astype(int)
    expected = render_modality(twin, frame, grey).astype(int)
    assert np.abs(shown - expected)[1:].max() <= 1
    with pytest.raises(ValueError, match="does not lie on a frame"):
        Picture.of_modality_values(twin[:10], frame)


def test_the_range_of_modality_values_follows_a_negative_slope(qapp: object):
    frame = Frame(np.array([[0, 10]], np.uint16), modality_transform=ModalityTransform(-2.0, 5.0))
    assert Picture.of_frame(frame).value_range == (-15.0, 5.0)
    assert Picture.of_frame(_FRAMES["modality LUT"]).value_range[0] == 0.0


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.int32, np.uint8])
def test_one_coding_serves_all_pictures_of_a_range(dtype: type[np.generic]):
    low = -900 if np.issubdtype(dtype, np.signedinteger) else 0
    values = np.arange(low, low + 250, dtype=dtype).repeat(2).reshape(20, 25)
    frame = Frame(values, modality_transform=ModalityTransform(2.0, -5.0))
    coding, window = WholeCoding(frame, low - 100 if low else 0, low + 255), Window(low + 300, 700)
    levels = coding.levels_of(window, False)
    for part in (values, values[::-1], values.T, values[::2, ::3]):
        codes = coding.codes_of(part)
        assert codes.flags.c_contiguous
        assert np.array_equal(levels[codes], _shown(frame, part, window))


def _shown(frame: Frame, part: NDArray[np.generic], window: Window) -> NDArray[np.uint8]:
    return render(Frame(np.ascontiguousarray(part), modality_transform=frame.modality_transform), window)


def test_a_coding_of_all_16_bits():
    values = np.array([[-32768, 32767], [0, -1]], np.int16)
    coding = WholeCoding(Frame(values), -32768, 32767)
    assert np.array_equal(coding.codes_of(values), [[0, 65535], [32768, 32767]])


def test_broken_numbers_share_a_range_too():
    values = np.linspace(-3, 7, 24, dtype=np.float32).reshape(4, 6)
    coding, window = BrokenCoding(Frame(values), -3.0, 7.0), Window(2, 8)
    levels = coding.levels_of(window, False)
    for part in (values, values.T, values[:, ::-1]):
        shown = levels[coding.codes_of(part)].astype(int)
        assert np.abs(shown - _shown(Frame(values), part, window)).max() <= 1
    flat = BrokenCoding(Frame(values), 5.0, 5.0)
    assert not flat.codes_of(np.full((2, 2), 5.0, np.float32)).any()


def test_a_picture_can_stay_smooth_at_every_zoom(qapp: object):
    codes = np.array([[0, 40000], [0, 40000]], np.uint16)
    squares, smooth = (
        Picture(codes, lambda grey, invert: np.zeros(65536, np.uint8), (0, 1), nearest_from_zoom=zoom)
        for zoom in (4.0, 1000.0)
    )
    mapping = Mapping(Viewpoint(1, 1, 10.0), 20, 20)
    found = [np.unique(one.sample(mapping).codes).size for one in (squares, smooth)]  # type: ignore[union-attr]
    assert found[0] == 2
    assert found[1] > 5
