"""Shutter under overlays on presentation values, and the picture turned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.imaging.composition import Layers, composed, turned
from core.imaging.frame import Frame
from core.imaging.overlay import Overlay
from core.imaging.presentation import Presented
from core.imaging.shutter import Shutter

BITS = np.zeros((4, 6), np.bool_)
BITS[0, 0] = BITS[1, 2] = True
FRAME = Frame(
    np.arange(24, dtype=np.uint8).reshape(4, 6),
    overlays=(Overlay(0x6000, BITS),),
    shutter=Shutter(rectangle=(1, 1, 2, 4), level=9),
)


def test_overlays_lie_over_the_shutter_and_both_over_the_picture() -> None:
    levels = np.full((4, 6), 100, np.uint8)
    whole = composed(levels, FRAME)
    assert whole[0, 0] == whole[1, 2] == 255
    assert whole[0, 1] == 9
    assert whole[1, 1] == 100
    assert (levels == 100).all()


def test_each_layer_can_be_taken_away() -> None:
    levels = np.full((4, 6), 100, np.uint8)
    assert composed(levels, FRAME, Layers(shutter=False))[0, 1] == 100
    assert composed(levels, FRAME, Layers(overlays=False))[0, 0] == 9
    assert composed(levels, FRAME, Layers(False, False)) is levels


def test_colour_pictures_too() -> None:
    assert composed(np.full((4, 6, 3), 7, np.uint8), FRAME)[0, 0].tolist() == [255, 255, 255]


def test_mirrored_first_then_turned_clockwise() -> None:
    levels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    shown = turned(levels, Presented(FRAME, quarter_turns=1, flipped=True))
    assert shown.shape == (6, 4)
    # The left column of the mirrored picture, read upwards, is the top row.
    assert shown[0].tolist() == levels[::-1, -1].tolist()


def test_what_lies_over_a_frame_is_no_part_of_it() -> None:
    plain = replace(FRAME, overlays=(), shutter=None)
    assert plain.digest == FRAME.digest
    assert np.array_equal(plain.stored, FRAME.stored)


def test_real_overlays_as_an_independent_program_draws_them(shared_data: Path, tmp_path: Path) -> None:
    """dcmj2pnm of DCMTK, on all real files with overlays: none more than one level off."""
    import shutil
    import subprocess

    import pytest
    from PIL import Image

    from core.dicom.frames import read_frame
    from core.imaging.display import default_grey, render
    from core.imaging.frame import LookupTable

    if shutil.which("dcmj2pnm") is None:
        pytest.skip("needs dcmj2pnm of DCMTK, which is not installed")
    objects = shared_data / "dicom" / "objects"
    for name in ("mg_overlay_out_of_bounds.dcm", "mr_siemens_overlays.dcm", "ovly_p01.dcm"):
        frame = read_frame(objects / name)
        grey = default_grey(frame)
        wish = ["+Wl", "1"] if isinstance(grey, LookupTable) else ["+Ww", str(grey.center), str(grey.width)]
        subprocess.run(
            ["dcmj2pnm", "+op", *wish, str(objects / name), str(tmp_path / "o.pgm")],
            check=True,
            capture_output=True,
        )
        theirs = np.asarray(Image.open(tmp_path / "o.pgm")).astype(int)
        assert np.abs(composed(render(frame, grey), frame) - theirs).max() <= 1, name
