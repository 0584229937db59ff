"""Pictures that somebody has looked at and approved: what is painted now must look like them.

`tests/images` holds them. After a wanted change run the test with `--approve-images`, look at what git shows
as changed, and commit it. Comparison is tolerant: letters and lines may move by a shade between versions of
Qt, not by their place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage

APPROVED = Path(__file__).parent / "images"
_MEAN_LEVELS = 1.0
_CLEARLY = 64
_MOST_CLEAR = 0.004


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """RGB `(rows, columns, 3)` of an image in its device pixels."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def unlike(seen: NDArray[np.uint8], approved: NDArray[np.uint8]) -> str:
    """Why two pictures do not look alike; "" if they do."""
    if seen.shape != approved.shape:
        return f"it is {seen.shape}, approved is {approved.shape}"
    difference = np.abs(seen.astype(int) - approved).max(axis=2)
    mean, clear = float(difference.mean()), float((difference > _CLEARLY).mean())
    if mean > _MEAN_LEVELS or clear > _MOST_CLEAR:
        return f"mean difference {mean:.2f} levels, {clear:.2%} of the pixels clearly different"
    return ""


class Approved:
    """Compares pictures with the approved ones by name, or takes them over when asked to `renew`."""

    def __init__(self, renew: bool, folder: Path) -> None:
        self._renew = renew
        self._folder = folder

    def __call__(self, name: str, picture: QImage | NDArray[np.uint8]) -> None:
        """Fail with both pictures at hand if this one does not look like the approved one."""
        seen = pixels_of(picture) if isinstance(picture, QImage) else picture
        path = APPROVED / f"{name}.png"
        if self._renew:
            APPROVED.mkdir(exist_ok=True)
            Image.fromarray(seen).save(path, optimize=True)
            return
        assert path.is_file(), f"{path.name} is not approved yet: run with --approve-images and look at it"
        with Image.open(path) as stored:
            complaint = unlike(seen, np.asarray(stored.convert("RGB")))
        if complaint:
            Image.fromarray(seen).save(self._folder / path.name)
        assert not complaint, f"{name}: {complaint}; see {self._folder / path.name} beside {path}"
