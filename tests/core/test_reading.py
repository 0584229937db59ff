"""What is said of the answers: the same places that are shown, in plain words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from report_cases import analysis, answer, film

from core.imaging.findings import Sign
from core.imaging.heatmap import HeatmapStyle
from core.inference.analysis import Analysis, Answer, ModelChoice, Refusal, Suitability, Verdict
from core.reading import Reading, RunPhase, RunStatus, findings_above, resolve, run_status
from core.review import Review

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
