"""What is said of the answers: the same places that are shown, in plain words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from report_cases import analysis, answer, film

from core.imaging.findings import Sign
from core.imaging.heatmap import HeatmapStyle, Shows
from core.inference.analysis import Analysis, Answer, ModelChoice, Refusal, Suitability, Verdict
from core.reading import (
    AGREEMENT,
    Reading,
    RunPhase,
    RunStatus,
    findings_above,
    resolve,
    run_status,
    with_threshold,
)
from core.review import Review, calibrated_threshold

FRAME = film()
STYLE = HeatmapStyle(threshold=0.1)


def read(*analyses: Analysis, review: Review | None = None, style: HeatmapStyle = STYLE) -> Reading:
    return resolve(
        [answer(FRAME, *analyses)],
        review or Review(),
        style,
        "healthygan",
        lambda one, sign, threshold: findings_above(FRAME, one, sign, threshold),
    )


def status_of(reading: Reading) -> RunStatus:
    return run_status(FRAME, reading, [], [])


def test_nothing_is_found_where_the_map_does_not_count() -> None:
    """A map has a weight: what it drops to next to nothing is drawn as not analyzed, and not listed."""
    everywhere = analysis(FRAME)
    first, _ = findings_above(FRAME, everywhere, Sign.DENSER, everywhere.threshold)
    weight = np.ones_like(everywhere.weight)
    weight[:40, :32] = 0.04
    partly = replace(everywhere, weight=weight)
    left = findings_above(FRAME, partly, Sign.DENSER, partly.threshold)
    assert len(left) == 1
    assert first.identifier not in {finding.identifier for finding in left}


def refused(kind: str, reason: str, *, no_model: bool = False) -> Answer:
    words = Suitability(Verdict.REFUSED, (reason,))
    refusal = Refusal(FRAME.digest, kind, words, "Do this.", no_model=no_model)
    return Answer(FRAME.digest, ModelChoice(kind), (), (refusal,))


def status_after(*answers: Answer) -> RunStatus:
    return status_of(resolve(answers, Review(), STYLE, "agreement", lambda *asked: ()))


def test_a_missing_model_is_not_the_fault_of_the_film() -> None:
    missing = refused("healthygan", "No HealthyGAN model is installed.", no_model=True)
    status = status_after(missing)
    assert (status.phase, status.text) == (RunPhase.NO_MODEL, "No model for this film is installed.")
    assert status.details == ("No HealthyGAN model is installed.", "Do this.")
    other = refused("sr-anogan", "No SR-AnoGAN model is installed.", no_model=True)
    assert status_after(missing, other).phase is RunPhase.NO_MODEL


def test_two_refusals_say_which_model_has_which_reason() -> None:
    lateral = (refused(kind, "This is a lateral view.") for kind in ("healthygan", "sr-anogan"))
    alike = status_after(*lateral)
    assert (alike.phase, alike.text) == (RunPhase.NOT_SUITABLE, "Not suitable for these models.")
    assert alike.details == ("This is a lateral view.", "Do this.")
    mixed = status_after(
        refused("healthygan", "The twin differs everywhere."),
        refused("sr-anogan", "No SR-AnoGAN model is installed.", no_model=True),
    )
    assert mixed.phase is RunPhase.NOT_SUITABLE
    assert mixed.details == (
        "HealthyGAN: The twin differs everywhere. Do this.",
        "SR-AnoGAN: No SR-AnoGAN model is installed. Do this.",
    )


def test_one_opinion_is_shown_and_the_others_absence_explained() -> None:
    missing = refused("sr-anogan", "No SR-AnoGAN model is installed.", no_model=True)
    status = status_after(answer(FRAME, analysis(FRAME)), missing)
    assert status.phase is RunPhase.DONE
    assert "SR-AnoGAN gives no opinion: No SR-AnoGAN model is installed. Do this." in status.details


def test_what_lights_up_is_never_called_nothing() -> None:
    speck = np.zeros_like(analysis(FRAME).denser)
    speck[30, 30] = 0.3
    reading = read(
        replace(analysis(FRAME), denser=speck),
        review=Review().with_threshold(analysis(FRAME), Sign.DENSER, 0.2),
    )
    assert reading.findings == ()
    assert status_of(reading).phase is RunPhase.DONE
    assert status_of(reading).text == "Only specks above the threshold."
    dark = read(replace(analysis(FRAME), denser=np.zeros_like(speck)))
    assert status_of(dark).text == "Nothing above the threshold."


def both_signs() -> tuple[Analysis, Analysis]:
    """An analysis with a region of each sign, and one of another kind."""
    one = analysis(FRAME)
    lucent = np.zeros_like(one.lucent)
    lucent[10:22, 8:20] = 0.2
    both = replace(one, lucent=lucent)
    other = replace(both, card=replace(one.card, kind="sr-anogan", weights_digest="other"))
    return both, other


def test_both_signs_are_listed_each_at_its_own_threshold() -> None:
    one, _ = both_signs()
    lucent = 0.12
    review = Review().with_threshold(one, Sign.LUCENT, lucent)
    reading = read(one, review=review, style=STYLE.showing(Shows.BOTH))
    assert {finding.sign for finding in reading.above} == set(Sign)
    assert reading.style.threshold_of(Sign.DENSER) == one.threshold
    assert reading.style.threshold_of(Sign.LUCENT) == reading.opposite_thresholds[0] == lucent
    assert {finding.threshold for finding in reading.above if finding.sign is Sign.LUCENT} == {lucent}
    alone = read(one, review=review)
    assert {finding.sign for finding in alone.above} == {Sign.DENSER}
    assert alone.opposite_thresholds == ()
    assert alone.style.opposite_threshold == float("inf")


def test_the_agreement_of_two_models_is_that_of_one_sign() -> None:
    one, other = both_signs()
    reading = resolve(
        [answer(FRAME, one, other)],
        Review(),
        STYLE.showing(Shows.BOTH),
        AGREEMENT,
        lambda who, sign, threshold: findings_above(FRAME, who, sign, threshold),
    )
    assert {finding.sign for finding in reading.above} == {Sign.DENSER}
    assert reading.opposite_thresholds == ()


def test_one_slider_moves_the_thresholds_of_both_signs_in_their_ratio() -> None:
    one, _ = both_signs()
    style = STYLE.showing(Shows.BOTH)
    calibrated = {sign: calibrated_threshold(one, sign) for sign in Sign}
    reading = read(one, style=style)
    moved = with_threshold(Review(), reading, 1.5 * calibrated[Sign.DENSER])
    assert moved.own_threshold(one, Sign.DENSER) == pytest.approx(1.5 * calibrated[Sign.DENSER])
    assert moved.own_threshold(one, Sign.LUCENT) == pytest.approx(1.5 * calibrated[Sign.LUCENT])
    assert with_threshold(moved, reading, None) == Review()
    alone = with_threshold(Review(), read(one), 0.2)
    assert alone.own_threshold(one, Sign.LUCENT) is None
    assert with_threshold(Review(), read(), 0.2) == Review()


def test_a_sign_without_a_threshold_that_a_map_can_reach_does_not_move() -> None:
    one, _ = both_signs()
    assert one.calibration is not None
    five = np.zeros(5, np.float32)
    few = {"films": (one.calibration.films[0], 5), "denser_peaks": five, "lucent_peaks": five, "scores": five}
    too_few = replace(one, calibration=replace(one.calibration, **few))
    reading = read(too_few, style=STYLE.showing(Shows.BOTH))
    assert reading.opposite_thresholds == (float("inf"),)
    moved = with_threshold(Review(), reading, 0.2)
    assert moved.own_threshold(too_few, Sign.DENSER) == 0.2
    assert moved.own_threshold(too_few, Sign.LUCENT) is None
    both = moved.with_threshold(too_few, Sign.LUCENT, 0.3)
    assert with_threshold(both, reading, None) == Review()
