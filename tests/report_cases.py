"""Frames, analyses and decisions from which reports are drafted: made in code, without any network."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from phantoms import chest_picture

from core.dicom.index import Patient, Series, Study
from core.imaging.findings import Finding, Sign, extract_findings
from core.imaging.frame import Frame, FrameSource, PixelSpacing, SpacingSource
from core.imaging.model_input import ModelInputSpec, to_model_grid
from core.imaging.residuals import blurred_excess
from core.inference.analysis import (
    Analysis,
    Answer,
    ModelChoice,
    Refusal,
    Suitability,
    Verdict,
)
from core.inference.calibration import Calibration, FilmResiduals, fit_calibration
from core.models.anomaly_model import ModelCard
from core.reporting.identity import Identity

SIZE = 64
FILMS = 60
WEIGHTS_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
AT_DETECTOR = PixelSpacing(0.5, 0.5, SpacingSource.IMAGER)

IDENTITY = Identity(
    Patient("PID-00412", "Yamada, Tarou (山田 太郎)", "19790305", "M"),
    Study(
        "1.2.826.0.1.77",
        study_date="20240517",
        description="Thorax follow-up Yamada",
        accession_number="ACC-9981",
        institution="Universitätsklinikum Łódź",
        referring_physician="Иванова, Ольга",
    ),
    Series("1.2.826.0.1.78", description="Chest PA room 4"),
)
IDENTIFYING = (
    *("Yamada", "Tarou", "山田", "太郎", "PID-00412", "19790305", "1979-03-05", "20240517", "2024-05-17"),
    *("ACC-9981", "Universitätsklinikum", "Łódź", "Иванова", "Ольга", "1.2.826.0.1", "room 4", "Thorax"),
    *("yamada_tarou.dcm", "/home/reader", "Dr. Reader"),
)


@lru_cache(maxsize=4)
def film(spacing: PixelSpacing = AT_DETECTOR, rows: int = 320, columns: int = 300) -> Frame:
    """A phantom film of the patient in `IDENTITY`."""
    picture, _, _ = chest_picture(rows, columns, lesion=True, seed=3)
    return Frame(
        (picture * 4095).astype(np.uint16),
        bits_stored=12,
        spacing=spacing,
        source=FrameSource(
            path="/home/reader/yamada_tarou.dcm",
            study_instance_uid="1.2.826.0.1.77",
            series_instance_uid="1.2.826.0.1.78",
            sop_instance_uid="1.2.826.0.1.79",
            modality="DX",
            body_part_examined="CHEST",
            view_position="PA",
            patient_orientation=("L", "F"),
            patient_age_years=45.0,
            patient_sex="M",
            patient_id="PID-00412",
        ),
    )


@lru_cache(maxsize=8)
def analysis(frame: Frame, kind: str = "healthygan", *, calibrated: bool = True) -> Analysis:
    """A result with two denser regions: in the patient's right middle zone, and a small one on the left."""
    spec = ModelInputSpec(size=SIZE)
    grid = to_model_grid(frame, spec)
    row, column = np.indices((SIZE, SIZE))
    shift = 0 if kind == "healthygan" else 3
    change = 0.28 * np.exp(-((row - 32) ** 2 + (column - 17 - shift) ** 2) / 25)
    change += 0.20 * np.exp(-((row - 46) ** 2 + (column - 48) ** 2) / 8)
    twin = (grid.pixels - change).astype(np.float32)
    denser, lucent = blurred_excess(grid.pixels, twin, 0.04), blurred_excess(twin, grid.pixels, 0.04)
    calibration = _calibration(spec.digest) if calibrated else None
    if calibration is not None:
        denser, lucent = calibration.maps(FilmResiduals(denser, lucent, None))
    return Analysis(
        frame_digest=frame.digest,
        card=ModelCard(
            name="chest-adult",
            kind=kind,
            preset="plus",
            version="1.0",
            network={},
            input_spec=spec,
            weights_digest=WEIGHTS_DIGEST,
            population="adult",
        ),
        suitability=Suitability(Verdict.WARNED, ("The film is narrower than most.",)),
        model_input=grid,
        twin=twin,
        denser=denser,
        lucent=lucent,
        weight=np.ones((SIZE, SIZE), np.float32),
        score=3.12,
        p_value=0.016 if calibrated else None,
        calibration=calibration,
        device="CPU, 2 threads",
        elapsed_s=0.43,
    )


def answer(frame: Frame, *analyses: Analysis) -> Answer:
    """An answer of these analyses."""
    choice = ModelChoice.BOTH if len(analyses) > 1 else ModelChoice.HEALTHYGAN
    return Answer(frame.digest, choice, analyses)


def refused(frame: Frame) -> Answer:
    """An answer without a result."""
    suitability = Suitability(Verdict.REFUSED, ("This is a lateral film.",))
    refusal = Refusal(frame.digest, "healthygan", suitability, "Choose the frontal film.")
    return Answer(frame.digest, ModelChoice.HEALTHYGAN, (), (refusal,))


# The barest finding: of a film without a pixel spacing, by a model without calibration.
FOUND = Finding(
    identifier="abc",
    model_kind="healthygan",
    sign=Sign.DENSER,
    box=(1, 2, 3, 4),
    centre=(2.0, 3.0),
    side="R",
    zone="upper",
    area_px=4.0,
    area_mm2=None,
    size_mm=None,
    spacing_source=SpacingSource.UNKNOWN,
    threshold=0.1,
    peak=0.2,
    p_value=None,
)


def findings(frame: Frame, result: Analysis) -> tuple[Finding, ...]:
    """All that reaches the model's threshold."""
    calibration = result.calibration
    return extract_findings(
        result.denser,
        sign=Sign.DENSER,
        threshold=result.threshold,
        model_input=result.model_input,
        analyzed=result.analyzed,
        frame_spacing=frame.spacing,
        frame_source=frame.source,
        model_kind=result.card.kind,
        peak_p_value=None if calibration is None else calibration.peak_p_value,
    )


def named(name: str) -> Identity:
    """`IDENTITY` with another name."""
    patient = IDENTITY.patient
    assert patient is not None
    return replace(IDENTITY, patient=replace(patient, name=name))


@lru_cache(maxsize=1)
def _calibration(spec_digest: str) -> Calibration:
    random = np.random.default_rng(5)

    def healthy() -> FilmResiduals:
        noise = np.abs(random.normal(0, 0.02, (2, SIZE, SIZE))).astype(np.float32)
        return FilmResiduals(noise[0], noise[1], None)

    return fit_calibration(
        [healthy() for _ in range(20)],
        [healthy() for _ in range(FILMS)],
        weight=np.ones((SIZE, SIZE), np.float32),
        weights_digest=WEIGHTS_DIGEST,
        spec_digest=spec_digest,
        map_recipe="m",
        source="drawn phantoms",
    )
