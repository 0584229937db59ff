"""What an image is: stored values and all that is needed to show, measure and analyze them.

Stored values go through modality -> VOI -> presentation (`core.imaging.display`); nothing here
computes, everything is frozen. Arrays are `(rows, columns)` and read-only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.imaging.overlay import Mask, Overlay
from core.imaging.quantities import RealWorldMapping, Uptake
from core.imaging.shutter import Shutter


class VoiFunction(StrEnum):
    """VOI LUT Function (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """Window center and width in modality values, with the function that turns them into grey.

    Raises `ValueError` for a width that the function does not allow (PS3.3 C.11.2.1.2: at least 1
    for LINEAR, above 0 for the others) or for numbers that are not finite.
    """

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR
    explanation: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.center) and np.isfinite(self.width)):
            raise ValueError(f"Window {self.center}/{self.width} is not finite.")
        if self.width <= 0 or (self.function is VoiFunction.LINEAR and self.width < 1):
            raise ValueError(f"Window width {self.width} is not allowed for {self.function}.")


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A modality or VOI LUT: `entries[0]` answers input `first_mapped` and all below (PS3.3 C.11.1.1).

    `entries` are unsigned, `bits` wide (8 to 16); the last entry answers everything above.
    """

    first_mapped: int
    bits: int
    entries: NDArray[np.uint16]
    explanation: str = ""

    def __post_init__(self) -> None:
        if self.entries.ndim != 1 or self.entries.size == 0:
            raise ValueError("A lookup table needs at least one entry.")
        if self.entries.dtype.kind != "u" or not 1 <= self.bits <= 16:
            # Signed entries are a misread file: 40000 must not become -25536.
            raise ValueError(f"Entries of a lookup table are unsigned, 16 bits at most, not {self.bits}.")
        entries = self.entries.astype(np.uint16)
        entries.setflags(write=False)
        object.__setattr__(self, "entries", entries)


@dataclass(frozen=True, slots=True)
class ModalityTransform:
    """Stored values to modality values: a LUT if present, else `stored * slope + intercept`."""

    slope: float = 1.0
    intercept: float = 0.0
    table: LookupTable | None = None
    units: str = ""


class SpacingSource(StrEnum):
    """Where a pixel spacing comes from; always shown beside millimetres."""

    PIXEL_SPACING = "pixel spacing"
    CALIBRATED = "calibrated"
    IMAGER = "at detector"
    IMAGER_MAGNIFIED = "at detector, corrected for magnification"
    NOMINAL = "as scanned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PixelSpacing:
    """Distance between pixel centres in mm, down the rows and across the columns, with its source.

    Unknown spacing has no numbers: measurements then speak of pixels, never of millimetres.
    """

    row_mm: float | None = None
    column_mm: float | None = None
    source: SpacingSource = SpacingSource.UNKNOWN
    note: str = ""

    def __post_init__(self) -> None:
        known = self.row_mm is not None and self.column_mm is not None
        if known != (self.source is not SpacingSource.UNKNOWN):
            raise ValueError("A known spacing has two numbers and a source; an unknown one has neither.")
        if known and not (self.row_mm > 0 and self.column_mm > 0):  # type: ignore[operator]  # checked above
            raise ValueError("Pixel spacing must be positive.")

    @property
    def known(self) -> bool:
        """Whether millimetres may be spoken of."""
        return self.source is not SpacingSource.UNKNOWN

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width; 1 while the spacing is unknown."""
        if self.row_mm is None or self.column_mm is None:
            return 1.0
        return self.row_mm / self.column_mm


@dataclass(frozen=True, slots=True)
class FrameSource:
    """Where a frame comes from and what the file says of it. Empty strings and None mean: not said.

    `patient_orientation` holds the two letters groups of PS3.3 C.7.6.1.1.1, as (towards the right of a
    row, towards the bottom of a column), e.g. ("L", "F") for a frontal chest film.
    """

    path: str = ""
    frame_index: int = 0
    number_of_frames: int = 1
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    sop_class_uid: str = ""
    frame_of_reference_uid: str = ""
    transfer_syntax_uid: str = ""
    modality: str = ""
    body_part_examined: str = ""
    view_position: str = ""
    image_laterality: str = ""
    patient_orientation: tuple[str, str] = ("", "")
    patient_age_years: float | None = None
    patient_sex: str = ""
    patient_id: str = ""
    lossy: bool = False
    burned_in_annotation: bool | None = None
    is_dicom: bool = True


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Frame:
    """One image as stored: `(rows, columns)` grey or `(rows, columns, 3)` uint8 RGB, read-only.

    `photometric_interpretation` is MONOCHROME1, MONOCHROME2 or RGB (palette and YBR are converted
    when the frame is read). `padding` is the inclusive range of stored values that mean "no image here".
    `overlays` and `shutter` lie over the picture and change no value. `presentation_table`: VOI output to
    presentation values, of a presentation state alone; there it takes the place of the inversion.
    `real_world`, `uptake`: what stored values mean beside modality values, for the read-out.
    `digest` is the SHA-256 of shape, type and stored values: the identity that results are bound to.
    """

    stored: NDArray[np.generic]
    photometric_interpretation: str = "MONOCHROME2"
    bits_stored: int = 16
    modality_transform: ModalityTransform = field(default_factory=ModalityTransform)
    windows: tuple[Window, ...] = ()
    voi_tables: tuple[LookupTable, ...] = ()
    inverse_presentation: bool = False
    presentation_table: LookupTable | None = None
    padding: tuple[float, float] | None = None
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None
    real_world: tuple[RealWorldMapping, ...] = ()
    uptake: Uptake | None = None
    spacing: PixelSpacing = field(default_factory=PixelSpacing)
    source: FrameSource = field(default_factory=FrameSource)
    notes: tuple[str, ...] = ()
    _digest: str = field(init=False, repr=False, default="")
    _hidden: tuple[Mask | None] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.photometric_interpretation not in {"MONOCHROME1", "MONOCHROME2", "RGB"}:
            raise ValueError(f"A frame cannot be {self.photometric_interpretation}.")
        wanted = 3 if self.photometric_interpretation == "RGB" else 2
        if self.stored.ndim != wanted or 0 in self.stored.shape:
            raise ValueError(
                f"Stored values of shape {self.stored.shape} are no {self.photometric_interpretation} frame."
            )
        pixels = np.ascontiguousarray(self.stored)
        if pixels is self.stored and pixels.flags.writeable:
            pixels = pixels.view()
        pixels.setflags(write=False)
        object.__setattr__(self, "stored", pixels)

    @property
    def digest(self) -> str:
        """SHA-256 of shape, type and stored values: the identity that results are bound to.

        Computed when first asked for (0.3 ms for a slice, 10 ms for a film); safe in any thread.
        """
        if not self._digest:
            identity = hashlib.sha256(f"{self.stored.shape}{self.stored.dtype.str}".encode())
            identity.update(self.stored.reshape(-1).view(np.uint8).data)
            object.__setattr__(self, "_digest", identity.hexdigest())
        return self._digest

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.stored.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns."""
        return int(self.stored.shape[1])

    @property
    def is_grey(self) -> bool:
        """Whether the frame has one value a pixel."""
        return self.photometric_interpretation != "RGB"

    def shows_image(self, stored: NDArray[np.generic]) -> NDArray[np.bool_]:
        """Which of `stored` (values of this frame, any shape) are image rather than padding."""
        if self.padding is None or not self.is_grey:
            return np.ones(stored.shape, np.bool_)
        first, last = sorted(self.padding)
        return np.asarray((stored < first) | (stored > last))  # type: ignore[operator]  # stored are numbers

    def hidden(self) -> Mask | None:
        """Which pixels the shutter hides, `(rows, columns)`, read-only; None where it hides none.

        Computed when first asked for; safe in any thread.
        """
        if self._hidden is None:
            mask = None if self.shutter is None else self.shutter.hides(self.rows, self.columns)
            if mask is not None:
                mask.setflags(write=False)
            object.__setattr__(self, "_hidden", (mask if mask is not None and mask.any() else None,))
        return None if self._hidden is None else self._hidden[0]

    @property
    def inverted(self) -> bool:
        """Whether the largest modality value is shown darkest (MONOCHROME1, or presentation LUT INVERSE).

        MONOCHROME1 already implies INVERSE (PS3.3 C.7.6.3.1.2, C.11.6.1.2): it is applied once, and last.
        """
        return self.photometric_interpretation == "MONOCHROME1" or self.inverse_presentation


_OPPOSITES = str.maketrans("RLAPHF", "LRPAFH")


def opposite_direction(letters: str) -> str:
    """The patient direction opposite to a letter group of PS3.3 C.7.6.1.1.1; "" stays unknown."""
    return letters.translate(_OPPOSITES)
