"""Presentation states: read, tied to their images, applied; and rendered as DCMTK renders them."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from PIL import Image
from pydicom.dataset import Dataset
from state_files import lut, reference, voi, write_state

from core.dicom.frames import read_frame
from core.dicom.gate import Refused
from core.dicom.index import scan
from core.dicom.presentation_state import read_presentation, read_presentations
from core.imaging.composition import composed, turned
from core.imaging.display import default_grey, render
from core.imaging.frame import Frame, Window
from core.imaging.presentation import Presented, SizeMode, covers, present

UNSIGNED = (np.add.outer(np.arange(96) * 17, np.arange(128) * 19) % 4096).astype(np.uint16)
SIGNED = UNSIGNED.astype(np.int16) - np.int16(2048)
CURVE = (np.sqrt(np.arange(4096) / 4095) * 4095).astype(np.uint16)
RESCALE: dict[str, object] = {"RescaleSlope": 2, "RescaleIntercept": -1000, "RescaleType": "US"}
WINDOW = [voi(1000, 900)]


def hidden_plane() -> dict[str, object]:
    bits = np.zeros((96, 128), np.bool_)
    bits[10:40, 20:60] = True
    return {
        "_60000010": ("US", 96),
        "_60000011": ("US", 128),
        "_60000040": ("CS", "G"),
        "_60000050": ("SS", [1, 1]),
        "_60000100": ("US", 1),
        "_60000102": ("US", 0),
        "_60003000": ("OW", np.packbits(bits.ravel(), bitorder="little").tobytes()),
    }


CASES: dict[str, dict[str, object]] = {
    "nothing": {},
    "window": {"SoftcopyVOILUTSequence": WINDOW},
    "narrow window": {"SoftcopyVOILUTSequence": [voi(2000, 3)]},
    "rescale": RESCALE | {"SoftcopyVOILUTSequence": [voi(1000, 3000)]},
    "rescale alone": RESCALE,
    "falling rescale": RESCALE | {"RescaleSlope": -1.5, "SoftcopyVOILUTSequence": [voi(1000, 3000)]},
    "modality LUT": {"ModalityLUTSequence": [lut(CURVE, 0, 12)], "SoftcopyVOILUTSequence": [voi(2000, 3000)]},
    "modality LUT alone": {"ModalityLUTSequence": [lut(CURVE, 0, 12)]},
    "falling VOI LUT": {"SoftcopyVOILUTSequence": [voi(0, 0, lut(CURVE[::-1].copy(), 0, 12))]},
    "VOI LUT of a part": {
        "SoftcopyVOILUTSequence": [voi(0, 0, lut((np.arange(1000) * 64).astype(np.uint16), 500, 16))]
    },
    "inverse": {"PresentationLUTShape": "INVERSE", "SoftcopyVOILUTSequence": WINDOW},
    "presentation LUT": {
        "PresentationLUTShape": None,
        "PresentationLUTSequence": [lut(CURVE, 0, 12)],
        "SoftcopyVOILUTSequence": [voi(1000, 2900)],
    },
    "bitmap shutter": hidden_plane()
    | {"ShutterShape": "BITMAP", "ShutterOverlayGroup": 0x6000, "ShutterPresentationValue": 0x4000},
    **{
        f"turned {turns}{' and mirrored' if flip == 'Y' else ''}": {
            "ImageRotation": turns,
            "ImageHorizontalFlip": flip,
            "SoftcopyVOILUTSequence": WINDOW,
        }
        for turns in (0, 90, 180, 270)
        for flip in "NY"
    },
}


def image(tmp_path: Path, stored: np.ndarray = UNSIGNED, **changes: object) -> Dataset:
    """An image whose own grey scale a state must replace."""
    facts = {"BitsStored": 12, "HighBit": 11, "RescaleSlope": 3, "RescaleIntercept": 7}
    facts |= {"WindowCenter": 50, "WindowWidth": 100}
    return write_grey(tmp_path / "image", stored, **(facts | changes))


def shown(tmp_path: Path, **changes: object) -> Presented:
    made = image(tmp_path)
    write_state(tmp_path / "state", made, **changes)
    return present(read_frame(tmp_path / "image"), read_presentation(tmp_path / "state"))


def levels(presented: Presented) -> np.ndarray:
    frame = presented.frame
    return turned(composed(render(frame, default_grey(frame)), frame), presented)


@pytest.mark.skipif(shutil.which("dcmp2pgm") is None, reason="needs dcmp2pgm of DCMTK")
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize("stored", [UNSIGNED, SIGNED], ids=["unsigned", "signed"])
@pytest.mark.parametrize("case", CASES)
def test_an_independent_program_renders_the_same(
    tmp_path: Path, case: str, stored: np.ndarray, photometric: str
) -> None:
    made = image(tmp_path, stored, PhotometricInterpretation=photometric)
    write_state(tmp_path / "state", made, **CASES[case])
    command = [
        "dcmp2pgm",
        "-q",
        "-p",
        str(tmp_path / "state"),
        str(tmp_path / "image"),
        str(tmp_path / "o.pgm"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    theirs = np.asarray(Image.open(tmp_path / "o.pgm")).astype(int)
    ours = levels(present(read_frame(tmp_path / "image"), read_presentation(tmp_path / "state")))
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1


def test_the_frame_itself_stays_as_it_was_read(tmp_path: Path) -> None:
    made = image(tmp_path)
    write_state(tmp_path / "state", made, **CASES["inverse"])
    frame = read_frame(tmp_path / "image")
    presented = present(frame, read_presentation(tmp_path / "state"))
    assert presented.frame.digest == frame.digest
    assert presented.frame.stored is frame.stored
    assert frame.windows == (Window(50, 100),)
    assert presented.frame.windows == (Window(1000, 900),)


def test_only_what_it_names_is_shown_by_it(tmp_path: Path) -> None:
    made = write_grey(tmp_path / "image", np.stack([UNSIGNED] * 3))
    write_state(tmp_path / "state", made, frames=(2,))
    state = read_presentation(tmp_path / "state")
    assert [covers(state.scope, read_frame(tmp_path / "image", n).source) for n in range(3)] == [
        False,
        True,
        False,
    ]
    write_grey(tmp_path / "other", UNSIGNED)
    assert not covers(state.scope, read_frame(tmp_path / "other").source)


def test_each_frame_has_the_window_that_names_it(tmp_path: Path) -> None:
    made = write_grey(tmp_path / "image", np.stack([UNSIGNED] * 2))
    items = [voi(500, 100), voi(900, 200, images=[reference(made, 2)])]
    write_state(tmp_path / "state", made, SoftcopyVOILUTSequence=items)
    state = read_presentation(tmp_path / "state")
    windows = [present(read_frame(tmp_path / "image", n), state).frame.windows for n in range(2)]
    assert windows == [(Window(500, 100),), (Window(900, 200),)]


def test_the_displayed_area_and_its_modes(tmp_path: Path) -> None:
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [11, 21], [50, 60]
    area.PresentationSizeMode, area.PresentationPixelMagnificationRatio = "MAGNIFY", 2.5
    presented = shown(tmp_path, DisplayedAreaSelectionSequence=[area])
    assert presented.area is not None
    assert presented.area.box == (20, 10, 60, 50)
    assert (presented.area.mode, presented.area.magnification) == (SizeMode.MAGNIFY, 2.5)


def test_overlays_of_the_image_show_only_where_the_state_activates_them(tmp_path: Path) -> None:
    from pydicom import dcmread

    made = image(tmp_path)
    ds = dcmread(tmp_path / "image")
    for name, (vr, value) in hidden_plane().items():  # type: ignore[misc]  # pairs
        ds.add_new(int(name[1:], 16), vr, value)
    ds.save_as(tmp_path / "image")
    frame = read_frame(tmp_path / "image")
    write_state(tmp_path / "without", made)
    write_state(tmp_path / "with", made, _60001001=("CS", "LAYER"))
    assert len(frame.overlays) == 1
    assert present(frame, read_presentation(tmp_path / "without")).frame.overlays == ()
    assert present(frame, read_presentation(tmp_path / "with")).frame.overlays == frame.overlays


def test_states_of_other_kinds_are_named_and_not_applied(tmp_path: Path) -> None:
    made = image(tmp_path)
    write_state(tmp_path / "state", made, SOPClassUID="1.2.840.10008.5.1.4.1.1.11.2")
    state = read_presentation(tmp_path / "state")
    assert state.refusal == "Color Softcopy Presentation State: only grayscale states are applied"
    frame = read_frame(tmp_path / "image")
    assert present(frame, state).frame is frame


def test_a_state_about_nothing_is_refused_and_left_out(tmp_path: Path) -> None:
    made = image(tmp_path)
    write_state(tmp_path / "state", made, ReferencedSeriesSequence=[])
    with pytest.raises(Refused, match="names no image"):
        read_presentation(tmp_path / "state")
    (tmp_path / "junk").write_bytes(b"no DICOM at all")
    assert read_presentations([tmp_path / "state", tmp_path / "junk", tmp_path / "missing"]) == ()


def test_the_index_knows_states_among_what_was_skipped(tmp_path: Path) -> None:
    write_state(tmp_path / "state", image(tmp_path))
    index = scan([tmp_path])
    assert len(index.instances) == 1
    assert index.presentation_files == (tmp_path / "state",)


def test_a_real_state(shared_data: Path) -> None:
    state = read_presentation(shared_data / "dicom" / "objects" / "gsps_anonymous_PR.dcm")
    assert state.name == "hip (2019-01-07)"
    assert not state.refusal
    frame = Frame(np.zeros((8, 8), np.uint16))
    assert [type(one).__name__ for one in present(frame, state).graphics] == ["Graphic", "TextNote"]
    note = present(frame, state).graphics[1]
    assert note.lines[-1] == "Area: 119.58 cm² (W: 12.68 cm H:12.01 cm)"  # type: ignore[union-attr]  # a text


def test_states_in_an_archive_are_read_where_they_were_unpacked(tmp_path: Path) -> None:
    write_state(tmp_path / "state", image(tmp_path))
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for name in ("image", "state"):
            archive.write(tmp_path / name, name)
    index = scan([tmp_path / "study.zip"])
    assert len(read_presentations(index.presentation_files)) == 1
