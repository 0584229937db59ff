"""Millimetres with their source: which attribute a pixel spacing comes from, and what it means.

PS3.3 10.7.1.1 to 10.7.1.3: in projection images the spacing at the detector is larger than in the
patient by the magnification, and Pixel Spacing may or may not be corrected for it. So a number never
travels without its `SpacingSource`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.imaging.frame import PixelSpacing, SpacingSource

if TYPE_CHECKING:
    from core.dicom.tags import Attributes

SPACING_KEYWORDS = (
    "Modality",
    "PixelSpacing",
    "PixelSpacingCalibrationType",
    "PixelSpacingCalibrationDescription",
    "ImagerPixelSpacing",
    "EstimatedRadiographicMagnificationFactor",
    "NominalScannedPixelSpacing",
)
_PROJECTION = frozenset({"CR", "DX", "MG", "XA", "RF", "RG", "PX", "IO", "RTIMAGE", "XC"})
# Two spacings that differ by less are the same number written twice.
_SAME_PART = 1e-3


def pixel_spacing(attributes: Attributes, measures: Attributes | None = None) -> PixelSpacing:
    """Spacing of the pixels; `measures` is the frame's Pixel Measures item of an enhanced object, if any."""
    pixel = _pair(measures, "PixelSpacing") if measures is not None else None
    pixel = pixel or _pair(attributes, "PixelSpacing")
    imager = _pair(attributes, "ImagerPixelSpacing")
    if pixel is not None and imager is not None and not _same(pixel, imager):
        return PixelSpacing(*pixel, SpacingSource.CALIBRATED, _calibration(attributes))
    if pixel is not None and imager is None:
        if attributes.code("PixelSpacingCalibrationType"):
            return PixelSpacing(*pixel, SpacingSource.CALIBRATED, _calibration(attributes))
        note = ""
        if attributes.code("Modality") in _PROJECTION:
            note = "The file does not say whether this projection image was corrected for magnification."
        return PixelSpacing(*pixel, SpacingSource.PIXEL_SPACING, note)
    if imager is not None:
        return _at_detector(attributes, imager)
    nominal = _pair(attributes, "NominalScannedPixelSpacing")
    if nominal is not None:
        return PixelSpacing(
            *nominal, SpacingSource.NOMINAL, "Spacing of the scanned film, not of the patient."
        )
    return PixelSpacing()


def _at_detector(attributes: Attributes, imager: tuple[float, float]) -> PixelSpacing:
    """Spacing at the detector, divided by the magnification where the file estimates one."""
    factor = attributes.number("EstimatedRadiographicMagnificationFactor")
    if factor is not None and factor > 0:
        row_mm, column_mm = imager[0] / factor, imager[1] / factor
        return PixelSpacing(
            row_mm,
            column_mm,
            SpacingSource.IMAGER_MAGNIFIED,
            f"Divided by the estimated magnification {factor:g}.",
        )
    return PixelSpacing(
        *imager, SpacingSource.IMAGER, "Measured at the detector: larger than in the patient."
    )


def _calibration(attributes: Attributes) -> str:
    """How the spacing was calibrated, in the file's words."""
    kind = attributes.code("PixelSpacingCalibrationType")
    description = attributes.text("PixelSpacingCalibrationDescription")
    return ": ".join(part for part in (kind, description) if part)


def _pair(attributes: Attributes, keyword: str) -> tuple[float, float] | None:
    """Row and column spacing in mm, or None with a note if they are no two positive numbers."""
    numbers = attributes.numbers(keyword)
    if not numbers:
        return None
    if len(numbers) != 2 or min(numbers) <= 0:
        attributes.note(
            f"{keyword} holds {', '.join(f'{n:g}' for n in numbers)}: no usable spacing; ignored."
        )
        return None
    return numbers[0], numbers[1]


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= _SAME_PART * b for a, b in zip(one, other, strict=True))
