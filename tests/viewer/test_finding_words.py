"""A finding says where, how large, of which sign, how strong and how rare; what is not known is not said."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication

from core.imaging.findings import Finding, Sign
from core.imaging.frame import SpacingSource
from core.imaging.heatmap import HeatmapStyle
from core.reading import Reading
from core.review import Review
from viewer.finding_words import finding_details, finding_words
from viewer.language import speak

FOUND = Finding(
    identifier="abc",
    model_kind="sr-anogan",
    sign=Sign.LUCENT,
    box=(10, 20, 40, 80),
    centre=(25.0, 50.0),
    side="R",
    zone="upper",
    area_px=1200.0,
    area_mm2=1234.4,
    size_mm=(30.2, 60.4),
    spacing_source=SpacingSource.IMAGER,
    threshold=0.1,
    peak=0.214,
    p_value=0.0198,
    percentile=0.991,
)
READING = Reading(HeatmapStyle(0.1))


def test_all_that_is_known_is_in_the_row() -> None:
    words = finding_words(FOUND, Review(), READING, name_model=True)
    assert words.split("\n") == [
        "○ R upper zone  30×60 mm  1,234 mm²",
        "    SR-AnoGAN more lucent  peak 0.21  P99  p 0.02",
    ]
    details = finding_details(FOUND)
    assert "1234 mm² (at detector)" in details
    assert "P99: 99% of healthy films peak lower everywhere" in details


def test_no_millimetres_without_spacing_and_nothing_rare_without_calibration() -> None:
    bare = replace(FOUND, area_mm2=None, size_mm=None, p_value=None, percentile=None, side="")
    words = finding_words(bare, Review(), READING, name_model=False)
    assert words.split("\n") == ["○ Upper zone  30×60 px", "    more lucent  peak 0.21"]
    assert "mm" not in finding_details(bare)


def test_above_all_healthy_films_is_the_last_percentile() -> None:
    above = replace(FOUND, percentile=1.0)
    assert "  P99  " in finding_words(above, Review(), READING, name_model=False)


def test_in_german_place_sign_and_decision_are_german(qapp: QApplication) -> None:
    speak("Deutsch")
    try:
        words = finding_words(FOUND, Review().accept(FOUND), READING, name_model=True)
        middle = finding_words(replace(FOUND, side="midline"), Review(), READING, name_model=True)
        details = finding_details(FOUND)
    finally:
        speak("English")
    assert words.split("\n") == [
        "● R Oberfeld  30×60 mm  1,234 mm²",
        "    SR-AnoGAN transparenter  Spitze 0.21  P99  p 0.02",
        "    angenommen bei 0.100",
        "    nicht in der gezeigten Karte",
    ]
    assert middle.startswith("○ Mittellinie, Oberfeld  ")
    assert "P99: 99% der gesunden Aufnahmen haben überall eine niedrigere Spitze" in details
