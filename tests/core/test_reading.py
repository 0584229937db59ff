"""What is said of the answers: the same places that are shown, in plain words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from report_cases import analysis, answer, film

from core.imaging.findings import Sign
from core.imaging.heatmap import HeatmapStyle
from core.inference.analysis import Analysis
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
