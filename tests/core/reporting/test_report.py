"""What a report says, and what it must not say."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from report_cases import (
    FILMS,
    IDENTIFYING,
    IDENTITY,
    WEIGHTS_DIGEST,
    analysis,
    answer,
    film,
    findings,
    refused,
)

from core import RESEARCH_USE, __version__
from core.imaging.findings import Sign
from core.imaging.frame import Frame, PixelSpacing
from core.imaging.heatmap import HeatmapStyle
from core.imaging.marks import Drawings, Mark, MarkKind
from core.reporting.html import page
from core.reporting.panels import Look
from core.reporting.report import Decisions, Report, draft

NO_NAMES_SIDE_PX = 200


def all_text(report: Report) -> str:
    """Every text of a report, also of those fields that nobody thought of."""
    return "\n".join(
        str(getattr(report, field.name)) for field in fields(report) if field.name != "panels"
    ) + "\n".join(panel.name + panel.title for panel in report.panels)


def reported(frame: Frame, **wishes: object) -> Report:
    result = analysis(frame)
    decisions = Decisions(findings=findings(frame, result), impression="Round opacity.", reader="Dr. Reader")
    return draft(
        frame,
        answer(frame, result),
        decisions,
        identity=IDENTITY,
        panel_side_px=NO_NAMES_SIDE_PX,
        made_on="2024-06-01",
        **wishes,  # type: ignore[arg-type]  # keywords of draft
    )


def test_a_report_names_patient_study_model_and_software() -> None:
    text = all_text(reported(film()))
    for words in (
        *("Yamada, Tarou (山田 太郎)", "PID-00412", "1979-03-05", "male, 45 years", "2024-05-17", "ACC-9981"),
        *("chest-adult 1.0 (plus)", WEIGHTS_DIGEST[:12], "CPU, 2 threads", "0.4 s", "drawn phantoms"),
        *(f"HealthyTwin {__version__}", RESEARCH_USE, "Round opacity.", "Dr. Reader", "2024-06-01"),
        *("The film is narrower than most.", f"{FILMS} healthy films"),
    ):
        assert words in text
    assert WEIGHTS_DIGEST[:13] not in text


def test_the_threshold_is_said_with_what_it_means() -> None:
    frame = film()
    result = analysis(frame)
    assert result.calibration is not None
    threshold = float(result.calibration.denser_peaks[-3])
    report = reported(frame)
    low = draft(
        frame,
        answer(frame, result),
        Decisions(thresholds={"healthygan": threshold}),
        panel_side_px=NO_NAMES_SIDE_PX,
    )
    assert f"lights up 5.0 % of {FILMS} held-out healthy films" in all_text(low)
    assert f"{threshold:.3f}" in all_text(low)
    assert f"{result.threshold:.3f}" in all_text(report)


@pytest.mark.parametrize("which", range(2))
def test_only_accepted_findings_appear(which: int) -> None:
    frame = film()
    result = analysis(frame)
    found = findings(frame, result)
    assert len(found) == 2
    report = draft(
        frame,
        answer(frame, result),
        Decisions(
            findings=(found[which],),
            notes={found[which].identifier: "seen", found[1 - which].identifier: "not"},
        ),
        panel_side_px=NO_NAMES_SIDE_PX,
    )
    (line,) = report.findings
    assert line.number == 1
    assert line.place == ("Right, middle zone", "Left, lower zone")[which]
    assert line.peak == f"{found[which].peak:.2f}"
    assert line.note == "seen"
    assert "Findings accepted by the reader" in report.findings_title
    assert "patient orientation stated in the file" in report.findings_note


def test_a_finding_keeps_the_threshold_of_its_acceptance() -> None:
    frame = film()
    result = analysis(frame)
    found = findings(frame, result)
    lines = []
    for threshold in (result.threshold, 0.45):
        decisions = Decisions(findings=found, thresholds={"healthygan": threshold})
        report = draft(frame, answer(frame, result), decisions, panel_side_px=NO_NAMES_SIDE_PX)
        lines.append(report.findings)
        assert ("keeps the threshold" in report.findings_note) is (threshold == 0.45)
    assert lines[0] == lines[1]
    assert {line.threshold for line in lines[0]} == {f"{result.threshold:.3f}"}


def test_what_holds_for_both_models_is_said_once() -> None:
    frame = film()
    results = analysis(frame), analysis(frame, "sr-anogan")
    report = draft(frame, answer(frame, *results), Decisions(), panel_side_px=NO_NAMES_SIDE_PX)
    assert "HealthyGAN, SR-AnoGAN: The film is narrower than most." in report.cautions
    assert sum("narrower" in caution for caution in report.cautions) == 1


def test_measurements_are_stated_with_their_spacing_or_in_pixels() -> None:
    drawings = Drawings()
    for kind, points in (
        (MarkKind.LENGTH, ((10, 10), (40, 50))),
        (MarkKind.LENGTH, ((0, 0), (0, 10))),
        (MarkKind.ARROW, ((5, 5), (99.6, 20.2))),
    ):
        drawings = drawings.with_mark(Mark(kind, points))
    decisions = Decisions(drawings=drawings)
    known, unknown = (
        draft(frame, None, decisions, panel_side_px=NO_NAMES_SIDE_PX).measurements
        for frame in (film(), film(PixelSpacing()))
    )
    assert [(line.name, line.kind, line.value) for line in known] == [
        ("M1", "Length", "25.0 mm (at detector)"),
        ("M2", "Length", "5.0 mm (at detector)"),
        ("A1", "Arrow", "points at row 100, column 20 of the image"),
    ]
    assert [line.value for line in unknown[:2]] == ["50.0 px (spacing unknown)", "10.0 px (spacing unknown)"]
    assert "M2" in page(draft(film(), None, decisions, panel_side_px=NO_NAMES_SIDE_PX))


def test_nobody_accepted_what_nobody_looked_at() -> None:
    frame = film()
    result = analysis(frame)
    report = draft(
        frame,
        answer(frame, result),
        Decisions(findings=findings(frame, result), reviewed=False),
        panel_side_px=NO_NAMES_SIDE_PX,
    )
    assert "accepted" not in all_text(report)
    assert "not reviewed by a reader" in report.findings_title
    assert "No reader has looked at these regions." in report.cautions
    none = draft(frame, answer(frame, result), Decisions(reviewed=False), panel_side_px=NO_NAMES_SIDE_PX)
    assert "does not mean that the image is healthy" in none.findings_note


def test_millimetres_only_with_known_spacing_and_which() -> None:
    known = reported(film())
    assert all(line.size.endswith("mm (at detector)") for line in known.findings)
    assert "at detector" in dict(known.subject)["Pixel spacing"]
    unknown = reported(film(PixelSpacing()))
    assert all(line.size.endswith("px (spacing unknown)") for line in unknown.findings)
    assert "mm" not in " ".join(value for _, value in unknown.subject)
    assert "unknown" in dict(unknown.subject)["Pixel spacing"]


def test_a_deidentified_report_has_no_identifying_mark() -> None:
    frame = film()
    result = analysis(frame)
    found = findings(frame, result)
    told = (
        "Herr YAMADA (PID-00412, born 1979-03-05), 山田太郎, of Universitätsklinikum Łódź, seen 2024-05-17 "
        "by Иванова; file /home/reader/yamada_tarou.dcm. The nodule is round."
    )
    decisions = Decisions(found, {found[0].identifier: told}, told, "Dr. Reader")
    named, bare = (
        draft(
            frame,
            answer(frame, result),
            decisions,
            identity=IDENTITY,
            deidentified=deidentified,
            made_on="2024-05-17",
            panel_side_px=NO_NAMES_SIDE_PX,
        )
        for deidentified in (False, True)
    )
    assert "Yamada" in all_text(named)
    text = all_text(bare).casefold()
    for mark in IDENTIFYING:
        assert mark.casefold() not in text, mark
    assert "The nodule is round." in bare.impression
    assert "male, 45 years" in dict(bare.subject)["Sex, age"]
    assert bare.case in dict(bare.subject)["Patient"]
    assert any("burned into" in words for words in bare.cautions)
    assert not any("burned into" in words for words in named.cautions)


def test_a_great_age_identifies() -> None:
    frame = film()
    old = Frame(frame.stored, bits_stored=12, source=replace(frame.source, patient_age_years=97.0))
    report = draft(old, None, Decisions(), identity=IDENTITY, deidentified=True, panel_side_px=100)
    assert dict(report.subject)["Sex, age"] == "male, over 89 years"


def test_a_refused_image_says_why_there_is_no_analysis() -> None:
    frame = film()
    report = draft(frame, refused(frame), Decisions(), identity=IDENTITY, panel_side_px=100)
    text = all_text(report)
    assert "NO ANALYSIS" in report.banners[0]
    assert "This is a lateral film." in text
    assert "Choose the frontal film." in text
    assert [panel.name for panel in report.panels] == ["original"]
    assert report.findings_note == ""


def test_an_image_that_was_not_analyzed_says_so() -> None:
    report = draft(film(), None, Decisions(), panel_side_px=100)
    assert "NOT ANALYZED" in report.banners[0]
    assert dict(report.subject)["File"] == "yamada_tarou.dcm"


def test_an_uncalibrated_model_says_so_first() -> None:
    frame = film()
    result = analysis(frame, calibrated=False)
    report = draft(
        frame, answer(frame, result), Decisions(findings=findings(frame, result)), panel_side_px=100
    )
    assert report.banners[0].startswith("UNCALIBRATED: HealthyGAN")
    assert all(line.p_value == "none (uncalibrated)" for line in report.findings)
    assert "not known" in dict(report.opinions[0].facts)["Threshold"]


def test_two_models_and_their_agreement() -> None:
    frame = film()
    pair = analysis(frame), analysis(frame, "sr-anogan")
    report = draft(frame, answer(frame, *pair), Decisions(), panel_side_px=NO_NAMES_SIDE_PX)
    assert [opinion.title for opinion in report.opinions] == ["HealthyGAN", "SR-AnoGAN"]
    assert "both models light up" in report.agreement
    assert report.panels[-1].name == "agreement"
    high = Decisions(thresholds={"healthygan": float("inf"), "sr-anogan": float("inf")})
    silent = draft(frame, answer(frame, *pair), high, panel_side_px=NO_NAMES_SIDE_PX)
    assert silent.agreement == "Neither model lights up anything above its threshold."
    assert "above every value" in all_text(silent)


def test_maps_of_different_crops_are_not_compared() -> None:
    frame = film()
    other = analysis(frame, "sr-anogan")
    moved = replace(other, model_input=replace(other.model_input, row=other.model_input.row + 1))
    report = draft(frame, answer(frame, analysis(frame), moved), Decisions(), panel_side_px=NO_NAMES_SIDE_PX)
    assert "not compared" in report.agreement
    assert all(panel.name != "agreement" for panel in report.panels)


def test_the_lucent_sign_has_its_own_threshold() -> None:
    frame = film()
    result = analysis(frame)
    assert result.calibration is not None
    look = Look(style=HeatmapStyle(threshold=0.5, sign=Sign.LUCENT))
    report = draft(frame, answer(frame, result), Decisions(), look=look, panel_side_px=NO_NAMES_SIDE_PX)
    facts = dict(report.opinions[0].facts)
    assert facts["Threshold"].startswith(f"{result.calibration.threshold(lucent=True):.3f}")
    assert "more lucent" in facts["Regions"]


def test_results_of_another_frame_are_refused() -> None:
    frame = film()
    other = Frame(np.flipud(frame.stored).copy(), bits_stored=12)
    with pytest.raises(ValueError, match="another frame"):
        draft(other, answer(frame, analysis(frame)), Decisions())


def test_a_loss_in_compression_is_said() -> None:
    frame = film()
    lossy = Frame(
        frame.stored, bits_stored=12, source=replace(frame.source, lossy=True), notes=("Odd header.",)
    )
    report = draft(lossy, None, Decisions(), panel_side_px=100)
    assert report.cautions == ("The image has been compressed with loss.", "Odd header.")
