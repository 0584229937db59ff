"""Key images: those that the reader chose in a study, and their frames for a report.

Which they are is part of each image's review; this looks them up, also those of earlier times that were not
shown since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ProductError
from core.imaging.frame import Frame
from core.imaging.marks import Drawings
from core.review import Review

if TYPE_CHECKING:
    from core.dicom.study import Instance, Study
    from core.review_journal import ImageKey


@dataclass(frozen=True, slots=True)
class KeyImage:
    """One of them: `title` names series and place in it; `digest`: the pixels that the marks were made on."""

    title: str
    instance: Instance
    frame_index: int
    digest: str
    drawings: Drawings


class KeyImages:
    """What was last decided of each image in this session. Owner's thread only."""

    def __init__(self) -> None:
        self._reviews: dict[ImageKey, Review] = {}

    def note(self, image: ImageKey, review: Review) -> None:
        """Remember what is decided about an image now."""
        if review.key_image or image in self._reviews:
            self._reviews[image] = review

    def chosen(
        self, study: Study, kept: Iterable[tuple[ImageKey, Review]], shown: ImageKey
    ) -> tuple[KeyImage, ...]:
        """Those of a study but the `shown` one, in the order of its series; `kept`: of earlier times."""
        reviews = dict(kept) | self._reviews
        wanted = {
            (key.sop_instance_uid, key.frame_index): (key.digest, review.drawings)
            for key, review in reviews.items()
            if review.key_image and key != shown and key.study_instance_uid == study.study_instance_uid
        }
        found = []
        for series in study.series:
            name = series.description or series.modality or "Series"
            for place, (instance, frame_index) in enumerate(series.images if wanted else (), 1):
                known = wanted.get((instance.sop_instance_uid, frame_index))
                if known is not None:
                    title = f"{name}, image {place} of {series.number_of_images}"
                    found.append(KeyImage(title, instance, frame_index, *known))
        return tuple(found)


def read_key_images(
    chosen: Iterable[KeyImage],
) -> tuple[tuple[tuple[str, Frame, Drawings], ...], tuple[str, ...]]:
    """(title, frame, marks) of each, and a sentence for each that cannot be shown. In a worker."""
    from core.dicom.frames import read_frame

    shown, missing = [], []
    for one in chosen:
        try:
            frame = read_frame(one.instance, one.frame_index)
        except ProductError as error:
            missing.append(f"The key image {one.title} could not be read: {error.message}")
            continue
        if frame.digest == one.digest:
            shown.append((one.title, frame, one.drawings))
        else:
            missing.append(f"The key image {one.title} has other pixels now than when it was marked.")
    return tuple(shown), tuple(missing)
