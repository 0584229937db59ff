from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing

from core.imaging.display import (
    default_grey,
    display_table,
    equivalent_window,
    presets,
    render,
    render_modality,
    to_modality,
)
from core.imaging.frame import (
    Frame,
    FrameSource,
    LookupTable,
    ModalityTransform,
    VoiFunction,
    Window,
)
from core.imaging.model_input import modality_values

FULL = Window(127.5, 255.0, VoiFunction.LINEAR_EXACT)


def grey_frame(stored: NDArray[Any], **facts: Any) -> Frame:
    return Frame(stored, **facts)


def row(*values: float, kind: Any = np.uint16) -> NDArray[Any]:
    return np.array([values], kind)


def windowed_by_the_standard(value: float, window: Window) -> float:
    """PS3.3 C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2, case by case, to 0..255."""
    center, width = window.center, window.width
    if window.function is VoiFunction.SIGMOID:
        with np.errstate(over="ignore"):
            return float(255.0 / (1.0 + np.exp(np.float64(-4.0 * (value - center) / width))))
    if window.function is VoiFunction.LINEAR:
        center, width = center - 0.5, width - 1.0
    if value <= center - width / 2:
        return 0.0
    if value > center + width / 2:
        return 255.0
    return ((value - center) / width + 0.5) * 255.0


@st.composite
def windows(draw: st.DrawFn) -> Window:
    function = draw(st.sampled_from(VoiFunction))
    least = 1.0 if function is VoiFunction.LINEAR else 1e-3
    center = draw(st.floats(-40_000, 70_000))
    width = draw(st.one_of(st.floats(least, 100_000), st.integers(1, 65_536).map(float)))
    return Window(center, width, function)


stored_types = st.sampled_from([np.uint8, np.int8, np.uint16, np.int16])
slopes = st.sampled_from([1.0, 2.5, 0.01, 1e-6, -1.0, -10.0])
intercepts = st.sampled_from([0.0, -1024.0, 0.5, 3000.0])


def some_values(kind: type[np.integer[Any]], seed: int, count: int = 60) -> NDArray[Any]:
    limits = np.iinfo(kind)
    values = np.random.default_rng(seed).integers(limits.min, limits.max + 1, count)
    return np.append(values, [limits.min, limits.max]).astype(kind)[None, :]


@given(stored_types, slopes, intercepts, windows(), st.booleans(), st.integers(0, 2**32 - 1))
def test_table_is_the_standards_formula_to_the_bit(
    kind: type[np.integer[Any]], slope: float, intercept: float, window: Window, invert: bool, seed: int
) -> None:
    stored = some_values(kind, seed)
    frame = grey_frame(stored, modality_transform=ModalityTransform(slope, intercept))

    shown = render(frame, window, invert)

    wanted = [
        round(windowed_by_the_standard(float(v) * slope + intercept, window)) for v in stored[0].tolist()
    ]
    assert shown[0].tolist() == [255 - level if invert else level for level in wanted]


@given(
    stored_types,
    st.one_of(st.floats(1e-9, 1e4), st.floats(-1e4, -1e-9)),
    st.sampled_from(VoiFunction),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_any_slope_rises_or_falls_as_its_sign_says(
    kind: type[np.integer[Any]], slope: float, function: VoiFunction, monochrome1: bool, seed: int
) -> None:
    """A window over the values that there are: the darkest is black and the brightest white, at any scale."""
    stored = np.sort(some_values(kind, seed))
    ends = np.array([float(stored[0, 0]), float(stored[0, -1])]) * slope
    span = abs(ends[1] - ends[0])
    if function is VoiFunction.LINEAR and span < 1:
        function = VoiFunction.LINEAR_EXACT
    width = span + 1 if function is VoiFunction.LINEAR else span
    middle = ends.mean() + (0.5 if function is VoiFunction.LINEAR else 0.0)
    photometric = "MONOCHROME1" if monochrome1 else "MONOCHROME2"
    frame = grey_frame(
        stored, modality_transform=ModalityTransform(slope), photometric_interpretation=photometric
    )
    shown = render(frame, Window(middle, width, function))[0].astype(int)
    rising = (slope > 0) != monochrome1
    steps = np.diff(shown)
    assert (steps >= 0).all() if rising else (steps <= 0).all()
    if function is not VoiFunction.SIGMOID:
        assert (shown[0], shown[-1]) == ((0, 255) if rising else (255, 0))


@given(stored_types, slopes, windows(), st.integers(0, 2**32 - 1))
def test_float_pixels_give_what_the_table_gives(
    kind: type[np.integer[Any]], slope: float, window: Window, seed: int
) -> None:
    frame = grey_frame(some_values(kind, seed), modality_transform=ModalityTransform(slope, 7.0))
    table = display_table(frame, window)
    np.testing.assert_array_equal(
        table.apply(frame.stored.astype(np.float64)),  # type: ignore[union-attr]  # numbers
        table.apply(frame.stored),
    )


@pytest.mark.parametrize("function", list(VoiFunction))
@pytest.mark.parametrize(
    ("center", "width"), [(40.0, 400.0), (2048.0, 4096.0), (100.5, 1.5), (-600.0, 1500.0)]
)
def test_windows_agree_with_pydicom(function: VoiFunction, center: float, width: float) -> None:
    stored = np.arange(-2048, 2048, dtype=np.int16).reshape(64, 64)
    dataset = Dataset()
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelRepresentation, dataset.BitsStored = 1, 12
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = center, width, function.value

    with np.errstate(over="ignore"):
        exact = (apply_windowing(stored, dataset) + 2048) / 4095 * 255

    shown = render(grey_frame(stored), Window(center, width, function)).astype(np.float64)
    assert np.abs(shown - exact).max() <= 0.5 + 1e-9


def lut_dataset(entries: NDArray[np.uint16], first: int, bits: int) -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [entries.size, first, bits]
    item.add_new("LUTData", "US", entries.tolist())
    return item


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("first", [0, 100])
def test_voi_luts_agree_with_pydicom(bits: int, first: int) -> None:
    entries = np.random.default_rng(bits).integers(0, 2**bits, 150).astype(np.uint16)
    # The oracle counts the places of an 8 bit LUT in 8 bits: it is only right up to 255.
    stored = np.arange(256, dtype=np.uint16).reshape(16, 16)
    dataset = Dataset()
    dataset.VOILUTSequence = [lut_dataset(entries, first, bits)]

    wanted = apply_voi(stored.astype(np.int32), dataset).astype(np.float64) * 255 / (2**bits - 1)

    shown = render(grey_frame(stored), LookupTable(first, bits, entries)).astype(np.float64)
    assert np.abs(shown - wanted).max() <= 0.5 + 1e-9


def test_modality_luts_agree_with_pydicom() -> None:
    entries = np.array([7, 40_000, 65_535, 3], np.uint16)
    stored = np.arange(12, dtype=np.int16).reshape(3, 4)
    dataset = Dataset()
    dataset.ModalityLUTSequence = [lut_dataset(entries, 2, 16)]

    values = to_modality(stored, ModalityTransform(table=LookupTable(2, 16, entries)))

    np.testing.assert_array_equal(values, apply_modality_lut(stored, dataset))


def test_voi_lut_entries_are_unsigned_and_the_ends_are_clamped() -> None:
    table = LookupTable(-2, 16, np.array([0, 40_000, 65_535], np.uint16))
    frame = grey_frame(row(-30_000, -2, -1, 0, 1, 30_000, kind=np.int16))
    assert render(frame, table)[0].tolist() == [0, 0, 156, 255, 255, 255]


def test_voi_lut_of_values_between_whole_numbers_takes_the_nearest_entry() -> None:
    table = LookupTable(0, 8, np.array([0, 100, 200], np.uint16))
    frame = grey_frame(row(0, 1, 2, 3), modality_transform=ModalityTransform(0.4, 0.0))
    assert render(frame, table)[0].tolist() == [0, 0, 100, 100]


def test_window_of_width_one_is_a_step() -> None:
    frame = grey_frame(row(99, 100, 101))
    assert render(frame, Window(100.0, 1.0))[0].tolist() == [0, 255, 255]


def test_extreme_sigmoid_does_not_overflow() -> None:
    frame = grey_frame(row(0, 30_000, 65_535))
    assert render(frame, Window(30_000, 1e-3, VoiFunction.SIGMOID))[0].tolist() == [0, 128, 255]


@given(windows(), st.integers(0, 2**32 - 1))
def test_brighter_stays_brighter(window: Window, seed: int) -> None:
    stored = np.sort(some_values(np.int16, seed), axis=1)
    steps = np.diff(render(grey_frame(stored), window)[0].astype(int))
    assert (steps >= 0).all()


@given(windows(), st.sampled_from(["MONOCHROME1", "MONOCHROME2"]), st.booleans(), st.integers(0, 2**32 - 1))
def test_inversion_is_symmetric_and_applied_once(
    window: Window, photometric: str, inverse: bool, seed: int
) -> None:
    stored = some_values(np.uint16, seed)
    plain = render(grey_frame(stored), window)
    frame = grey_frame(stored, photometric_interpretation=photometric, inverse_presentation=inverse)
    turned = photometric == "MONOCHROME1" or inverse
    np.testing.assert_array_equal(render(frame, window), 255 - plain if turned else plain)
    np.testing.assert_array_equal(render(frame, window, invert=True), 255 - render(frame, window))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("invert", [False, True])
def test_padding_is_black_after_all_else(photometric: str, invert: bool) -> None:
    frame = grey_frame(
        row(0, 10, 11, 12, 200, kind=np.int16), photometric_interpretation=photometric, padding=(12.0, 10.0)
    )
    shown = render(frame, FULL, invert)[0].tolist()
    assert shown[1:4] == [0, 0, 0]
    assert (shown[0], shown[4]) == ((255, 55) if (photometric == "MONOCHROME1") != invert else (0, 200))


def test_padding_does_not_move_the_automatic_window() -> None:
    stored = np.tile(np.arange(100, 300, dtype=np.int16), (50, 1))
    alone = default_grey(grey_frame(stored))
    padded = np.pad(stored, ((0, 0), (0, 60)), constant_values=-2000)
    assert default_grey(grey_frame(padded, padding=(-2000.0, -2000.0))) == alone


@pytest.mark.parametrize(
    "kind", [np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32, np.float64, ">u2"]
)
def test_all_stored_types_are_shown_alike(kind: Any) -> None:
    stored = np.arange(0, 127, dtype=np.uint8).reshape(1, -1)
    wanted = render(grey_frame(stored), Window(60.0, 80.0))
    np.testing.assert_array_equal(render(grey_frame(stored.astype(kind)), Window(60.0, 80.0)), wanted)


def test_values_that_are_no_numbers_are_black_and_kept_out_of_windows() -> None:
    stored = row(np.nan, np.inf, -np.inf, 10.0, 20.0, kind=np.float32)
    frame = grey_frame(stored)
    full = presets(frame)[-1].grey
    assert isinstance(full, Window)
    assert (full.center, full.width) == (15.0, 10.0)
    assert render(frame, full)[0].tolist() == [0, 255, 0, 0, 255]
    assert render(frame, full, invert=True)[0].tolist() == [0, 0, 255, 255, 0]
    table = LookupTable(10, 8, np.array([5, 250], np.uint16))
    assert render(frame, table)[0].tolist() == [0, 250, 5, 5, 250]


def test_parts_of_a_frame_in_any_shape_and_stride() -> None:
    stored = np.random.default_rng(1).integers(0, 4096, (301, 87)).astype(np.int16)
    frame = grey_frame(stored, modality_transform=ModalityTransform(1.0, -1024.0))
    table = display_table(frame, Window(40.0, 400.0))
    whole = table.apply(frame.stored)
    assert whole.shape == (301, 87)
    np.testing.assert_array_equal(table.apply(frame.stored[250:3:-2, ::3]), whole[250:3:-2, ::3])
    np.testing.assert_array_equal(table.apply(frame.stored.T), whole.T)
    assert table.apply(frame.stored[:0]).shape == (0, 87)
    assert table.apply(frame.stored[3, 4:7]).shape == (3,)


def test_twin_is_shown_as_the_frame_itself() -> None:
    stored = np.random.default_rng(2).integers(0, 4096, (70, 30)).astype(np.uint16)
    stored[:, :4] = 4000
    frame = grey_frame(
        stored,
        photometric_interpretation="MONOCHROME1",
        padding=(4000.0, 4000.0),
        modality_transform=ModalityTransform(0.1, -100.0),
    )
    twin = modality_values(frame)
    for grey in (Window(50.0, 200.0), LookupTable(-100, 8, np.arange(256, dtype=np.uint16))):
        shown = render_modality(twin, frame, grey, invert=True)
        assert np.abs(shown.astype(int) - render(frame, grey, invert=True)).max() <= 1
        assert not shown[:, :4].any()
    twin[0, 9] = np.nan
    assert render_modality(twin, frame, FULL)[0, 9] == 0
    assert render_modality(twin, grey_frame(stored), FULL)[:, :4].all(), (
        "without padding nothing is background"
    )


def test_colour_passes_unchanged() -> None:
    stored = np.random.default_rng(3).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    frame = grey_frame(
        stored, photometric_interpretation="RGB", windows=(Window(10, 20),), padding=(0.0, 9.0)
    )
    np.testing.assert_array_equal(render(frame, default_grey(frame)), stored)
    np.testing.assert_array_equal(render(frame, default_grey(frame), invert=True), 255 - stored)
    assert [preset.name for preset in presets(frame)] == ["As stored"]


def test_voi_lut_comes_before_window_before_automatic() -> None:
    table = LookupTable(0, 8, np.arange(4, dtype=np.uint16))
    window, other = Window(10.0, 20.0), Window(30.0, 40.0)
    stored = row(1, 2)
    assert default_grey(grey_frame(stored, windows=(window, other), voi_tables=(table,))) is table
    assert default_grey(grey_frame(stored, windows=(window, other))) is window
    assert default_grey(grey_frame(stored)).explanation.startswith("Auto")


def test_presets_name_all_that_the_file_offers() -> None:
    frame = grey_frame(
        row(1, 2),
        windows=(
            Window(450, 790, explanation="WINDOW1"),
            Window(200, 443, explanation="WINDOW1"),
            Window(1, 2),
        ),
        voi_tables=(LookupTable(0, 8, np.arange(4, dtype=np.uint16), "NORMAL"),),
        source=FrameSource(modality="CT"),
    )
    offered = {preset.name: preset.grey for preset in presets(frame)}
    assert list(offered) == [
        *("NORMAL", "WINDOW1", "WINDOW1 (2)", "Window 3"),
        *("Brain", "Abdomen", "Mediastinum", "Bone", "Lung"),
        *("Auto (0.5-99.5 %)", "Full range"),
    ]
    assert offered["Lung"] == Window(-500.0, 1500.0, explanation="Lung")
    assert offered["Window 3"] == Window(1, 2)


def test_one_bright_pixel_counts_for_the_full_range_only() -> None:
    stored = np.zeros((3001, 251), np.uint16)
    stored[:1500] = 100
    stored[1500, 100] = 4095
    auto, full = (preset.grey for preset in presets(grey_frame(stored)))
    assert isinstance(auto, Window)
    assert isinstance(full, Window)
    assert (full.center, full.width) == (2047.5, 4095.0)
    assert (auto.center, auto.width) == (50.0, 100.0)
    assert render(grey_frame(stored), full)[1500, 100] == 255


def test_a_sparse_mask_is_white_on_black() -> None:
    """Where nearly all pixels are alike, percentiles span nothing: the full range shows the rest."""
    stored = np.zeros((512, 512), np.uint8)
    stored[100:110, 200:210] = 1
    shown = render(grey_frame(stored), default_grey(grey_frame(stored)))
    assert (shown[0, 0], shown[105, 205]) == (0, 255)


@given(st.integers(0, 2**32 - 1), slopes, st.sampled_from([np.uint8, np.int16, np.float32]))
def test_automatic_window_spans_the_percentiles(seed: int, slope: float, kind: Any) -> None:
    stored = np.random.default_rng(seed).normal(100, 20, (40, 30)).clip(0, 255).astype(kind)
    frame = grey_frame(stored, modality_transform=ModalityTransform(slope, 3.0))
    values = to_modality(frame.stored, frame.modality_transform)
    low, high = np.percentile(values, (0.5, 99.5), method="inverted_cdf")
    auto = presets(frame)[0].grey
    assert isinstance(auto, Window)
    if high > low:
        assert auto.center - auto.width / 2 == pytest.approx(low)
        assert auto.center + auto.width / 2 == pytest.approx(high)


@pytest.mark.parametrize(
    ("stored", "facts"),
    [
        (row(5, 5, 5), {}),
        (row(5, 5), {"padding": (5.0, 5.0)}),
        (row(np.nan, np.inf, kind=np.float32), {}),
        (row(-1.7e308, 1.7e308, kind=np.float64), {}),
    ],
)
def test_frames_without_contrast_still_have_windows(stored: NDArray[Any], facts: dict[str, Any]) -> None:
    frame = grey_frame(stored, **facts)
    for preset in presets(frame):
        assert render(frame, preset.grey).shape == stored.shape


def test_constant_frame_is_middle_grey() -> None:
    frame = grey_frame(row(5, 5, 5))
    assert render(frame, default_grey(frame))[0].tolist() == [128, 128, 128]


def test_first_drag_from_a_lut_starts_at_an_equivalent_window() -> None:
    stored = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    rising = LookupTable(0, 16, np.linspace(0, 65_535, 4096).astype(np.uint16), "NORMAL")
    window, turned = equivalent_window(rising)
    assert not turned
    assert window.explanation == "NORMAL"
    difference = render(grey_frame(stored), window).astype(int) - render(grey_frame(stored), rising)
    assert np.abs(difference).max() <= 1

    falling = LookupTable(0, 16, rising.entries[::-1].copy())
    window, turned = equivalent_window(falling)
    assert turned
    difference = render(grey_frame(stored), window, turned).astype(int) - render(grey_frame(stored), falling)
    assert np.abs(difference).max() <= 1


def test_equivalent_window_of_a_curved_and_of_a_flat_lut() -> None:
    curve = 65_535 / (1 + np.exp(-4 * (np.arange(4096) - 1500.0) / 800))
    window, _ = equivalent_window(LookupTable(0, 16, curve.astype(np.uint16)))
    assert window.center == pytest.approx(1500, abs=3)
    assert window.width == pytest.approx(880, rel=0.05)
    flat, turned = equivalent_window(LookupTable(10, 8, np.full(5, 7, np.uint16)))
    assert (flat.center, flat.width, turned) == (12.0, 4.0, False)


def test_equivalent_window_of_a_window_is_itself() -> None:
    assert equivalent_window(Window(1, 2)) == (Window(1, 2), False)


def table_of(item: Dataset) -> LookupTable:
    count, first, bits = item.LUTDescriptor
    data = item.LUTData
    entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.array(data).astype(np.uint16)
    return LookupTable(first, bits, entries[: count or 65_536])


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "chest/CR-MONO1-10-chest.dcm",
        "chest/udacity_nih_test1.dcm",
        "nema/CT2_UNC",
        "objects/mlut_18.dcm",
        "objects/vlut_04.dcm",
    ],
)
def test_real_files_are_shown_as_pydicom_shows_them(shared_data: Path, name: str) -> None:
    dataset = dcmread(shared_data / "dicom" / name)
    transform = ModalityTransform(
        float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
    )
    if "ModalityLUTSequence" in dataset:
        transform = ModalityTransform(table=table_of(dataset.ModalityLUTSequence[0]))
    frame = grey_frame(
        dataset.pixel_array,
        photometric_interpretation=dataset.PhotometricInterpretation,
        modality_transform=transform,
        windows=(Window(float(dataset.WindowCenter), float(dataset.WindowWidth)),)
        if "WindowWidth" in dataset
        else (),
        voi_tables=tuple(table_of(item) for item in dataset.get("VOILUTSequence", [])),
    )
    grey = default_grey(frame)
    values = apply_modality_lut(dataset.pixel_array, dataset)
    if isinstance(grey, LookupTable):
        exact = apply_voi(values, dataset).astype(np.float64) * 255 / (2**grey.bits - 1)
    else:
        dataset.WindowCenter, dataset.WindowWidth = grey.center, grey.width
        dataset.VOILUTFunction = grey.function.value
        # The oracle answers in the range of the modality values that the file could hold.
        least, bits = -(2 ** (dataset.BitsStored - 1)) * dataset.PixelRepresentation, dataset.BitsStored
        if transform.table is not None:
            least, bits = 0, transform.table.bits
        start = least * transform.slope + transform.intercept
        exact = (apply_windowing(values, dataset) - start) / ((2**bits - 1) * transform.slope) * 255
    wanted = 255 - exact if frame.inverted else exact
    assert np.abs(render(frame, grey) - wanted).max() <= 0.5 + 1e-6
