"""The lines in the upper left corner of a film: whose, from when, and what to know of this very image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.session import Selection
from core.study_list import caption_of
from viewer.language import tr

if TYPE_CHECKING:
    from core.dicom.index import Patient, Series, Study

Place = tuple["Patient", "Study", "Series"]


def film_caption(place: Place, selection: Selection) -> tuple[str, ...]:
    """The caption of a series, then what is odd about the selected image or the order that it stands in."""
    series = selection.series
    instance, frame_index = series.images[selection.position]
    order = series.arrangement.order_words
    notes = (
        tr("Order: {order}").format(order=order) if order else "",
        tr("Derived image") if instance.is_derived(frame_index) else "",
        tr("Two images with one UID") if instance.shares_uid else "",
    )
    return (*caption_of(*place), *(note for note in notes if note))
