"""Colours by the file's ICC profile (PS3.3 C.11.15): converted to sRGB, which screens expect.

The colour engine is C code fed with bytes from anywhere, so a profile is looked at before: its size, its
signature, and that it is of RGB colours.
"""

from __future__ import annotations

import io
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PIL.ImageCms import ImageCmsTransform

    from core.dicom.tags import Attributes

COLOUR_PROFILE_KEYWORDS = ("ICCProfile", "OpticalPathSequence")
_MAX_PROFILE_BYTES = 4 * 2**20
_HEADER_BYTES = 128
_one_at_a_time = threading.Lock()  # the engine's transforms are shared by reading threads


def to_srgb(rgb: NDArray[np.uint8], profile: bytes | None, note: Callable[[str], None]) -> NDArray[np.uint8]:
    """Converted colours if there is a profile other than sRGB, else the same; a note says which.

    `rgb`: `(rows, columns, 3)`. A profile that cannot be used leaves the colours as they are, with a note.
    """
    if not profile:
        return rgb
    problem = _problem(profile)
    if problem:
        note(f"The colour profile of the file is not applied: {problem}.")
        return rgb
    with _one_at_a_time:
        made = _transform(profile)
        if isinstance(made, str):
            note(f"The colour profile of the file is not applied: {made}.")
            return rgb
        name, transform = made
        if transform is None:
            return rgb
        picture = Image.fromarray(rgb)
        transform.apply_in_place(picture)
    note(f"Colours were converted from the file's colour profile ({name}) to sRGB.")
    return np.array(picture)


def colour_profile(attributes: Attributes) -> bytes | None:
    """The ICC profile at the top of the data set, else that of the optical path (whole slide images)."""
    path = attributes.item("OpticalPathSequence")
    return attributes.raw("ICCProfile") or (path.raw("ICCProfile") if path is not None else None)


def _problem(profile: bytes) -> str:
    """Why a profile is not given to the engine, or nothing (ICC.1 7.2)."""
    if len(profile) > _MAX_PROFILE_BYTES:
        return f"it has {len(profile):,} bytes"
    if len(profile) <= _HEADER_BYTES or profile[36:40] != b"acsp":
        return "it is damaged"
    if not _HEADER_BYTES < int.from_bytes(profile[:4], "big") <= len(profile):
        return "it is damaged"
    if profile[16:20] != b"RGB ":
        return "it is not of RGB colours"
    return ""


@lru_cache(maxsize=4)
def _transform(profile: bytes) -> tuple[str, ImageCmsTransform | None] | str:
    """Name of the profile and its conversion to sRGB, None if it is sRGB; or why there is none."""
    try:
        from PIL import ImageCms
    except ImportError:
        return "the colour engine is not installed"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = visible(ImageCms.getProfileDescription(source)).strip()[:60] or "without a name"
        if "srgb" in name.lower():
            return name, None
        # Relative: the profile's white is the screen's, as with all other pictures.
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            "RGB",
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return "it is damaged"
    return name, transform
