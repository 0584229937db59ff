"""The demo study: films that every installation has, so that the main job can be tried at once."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from core.resources import resource_path
from viewer.language import tr

# The JPEG 2000 lossless copy of the NEMA chest CR: 15 bit, MONOCHROME1, several round opacities.
_REAL_FILM = "RG1_J2KR.dcm"
_PACKAGE = "pydicom-data"
_SYNTHETIC_FILMS = ("synthetic-healthy.dcm", "synthetic-lesion.dcm")


def demo_paths() -> tuple[Path, ...]:
    """The real chest film of the package `pydicom-data`, if it is installed, then the two synthetic films."""
    real = _real_film()
    synthetic = tuple(resource_path("demo", name) for name in _SYNTHETIC_FILMS)
    return synthetic if real is None else (real, *synthetic)


def demo_note() -> str:
    """What the reader should know about the demo study: empty when it is whole."""
    if _real_film() is not None:
        return ""
    return tr(
        "The demo study holds only the two synthetic films. For a real chest film as well, install the "
        "package pydicom-data (pip install 'healthytwin[demo]')."
    )


def _real_film() -> Path | None:
    try:
        distribution = importlib.metadata.distribution(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in distribution.files or ():
        path = Path(str(distribution.locate_file(file)))
        if path.name == _REAL_FILM and path.is_file():
            return path
    return None
