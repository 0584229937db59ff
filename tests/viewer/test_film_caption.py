from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.dicom.arrangement import Arrangement
from core.dicom.frame_places import FramePlace
from core.dicom.index import Instance, Patient, Series, Study
from core.dicom.study import SAME_UID_NOTE
from core.session import Selection
from viewer.film_caption import film_caption

PATIENT, STUDY = Patient("1", "Name, Any"), Study("1.2", "20260102")


def caption(instance: Instance, position: int = 0, arrangement: Arrangement | None = None) -> tuple[str, ...]:
    series = Series(
        "1.2.3", description="Chest", instances=(instance,), arrangement=arrangement or Arrangement()
    )
    selection = Selection(series, instance, position, series.number_of_images, loading=False)
    return film_caption((PATIENT, STUDY, series), selection)


PLAIN = Instance(Path("a.dcm"), "1", image_type=("ORIGINAL", "PRIMARY"))


def test_an_image_as_it_should_be_has_nothing_but_its_names() -> None:
    assert caption(PLAIN) == ("Name, Any", "1", "2026-01-02", "Chest")


def test_derived_images_doubles_and_another_order_are_told() -> None:
    odd = replace(PLAIN, image_type=("DERIVED", "SECONDARY"), notes=(SAME_UID_NOTE,))
    found = caption(odd, arrangement=Arrangement(backwards=True))
    assert found[4:] == ("Order: backwards", "Derived image", "Two images with one UID")


def test_each_frame_says_for_itself_whether_it_is_derived() -> None:
    places = (FramePlace(kind=("ORIGINAL", "PRIMARY")), FramePlace(kind=("DERIVED", "PRIMARY")))
    mixed = replace(PLAIN, number_of_frames=2, image_type=("MIXED", "PRIMARY"), frame_places=places)
    assert "Derived image" not in caption(mixed, 0)
    assert "Derived image" in caption(mixed, 1)
