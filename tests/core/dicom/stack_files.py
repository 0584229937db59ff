"""Files as the rules of order see them, made without a disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.dicom.frame_places import FramePlace, Orientation, Triple
from core.imaging.frame import PixelSpacing

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


@dataclass(frozen=True)
class File:
    """A file with one image or several."""

    path: Path
    instance_number: int | None = None
    position_mm: Triple | None = None
    orientation: Orientation | None = None
    sop_class_uid: str = "1.2"
    number_of_frames: int = 1
    rows: int = 8
    columns: int = 8
    image_type: tuple[str, ...] = ()
    echo: str = ""
    acquisition_time: str = ""
    splitting_values: tuple[str, ...] = ()
    frame_places: tuple[FramePlace, ...] = ()
    spacing: PixelSpacing = field(default_factory=PixelSpacing)

    @property
    def named_path(self) -> Path:
        return self.path


def axial(z: float, number: int | None = None, name: str = "", **more: object) -> File:
    return File(Path(name or f"{z}"), number, (1.0, 2.0, z), AXIAL, **more)  # type: ignore[arg-type]
