"""SUVbw against the QIBA pseudo-code, worked by hand; without what it needs, the reason."""

from __future__ import annotations

import tarfile
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.dicom.frames import read_frame
from core.imaging.quantities import Uptake

HALF_LIFE_S, DOSE_BQ, WEIGHT_KG = 6586.2, 370e6, 74.0
COMPLETE: dict[str, object] = {
    "Modality": "PT",
    "Units": "BQML",
    "CorrectedImage": ["DECY", "ATTN", "SCAT"],
    "DecayCorrection": "START",
    "PatientWeight": WEIGHT_KG,
    "SeriesDate": "20240102",
    "SeriesTime": "101500.0",
    "AcquisitionDate": "20240102",
    "AcquisitionTime": "102000",
}


def drug(**changes: object) -> list[Dataset]:
    item = Dataset()
    values = {
        "RadiopharmaceuticalStartTime": "091500.00",
        "RadionuclideTotalDose": DOSE_BQ,
        "RadionuclideHalfLife": HALF_LIFE_S,
    } | changes
    for keyword, value in values.items():
        if value is not None:
            setattr(item, keyword, value)
    return [item]


def uptake_of(
    tmp_path: Path, private: dict[int, tuple[str, object]] | None = None, **changes: object
) -> Uptake:
    facts = COMPLETE | {"RadiopharmaceuticalInformationSequence": drug()} | changes
    write_grey(tmp_path / "f", np.arange(4, dtype=np.uint16).reshape(2, 2), **facts)
    if private:
        ds = dcmread(tmp_path / "f")
        for tag, (vr, value) in private.items():
            ds.add_new(tag, vr, value)
        ds.save_as(tmp_path / "f")
    uptake = read_frame(tmp_path / "f").uptake
    assert uptake is not None
    return uptake


def factor(waited_s: float) -> float:
    return WEIGHT_KG * 1000 / (DOSE_BQ * 2 ** (-waited_s / HALF_LIFE_S))


def test_decay_to_the_start_of_the_series(tmp_path: Path) -> None:
    uptake = uptake_of(tmp_path)
    assert uptake.factor == pytest.approx(factor(3600), rel=1e-9)
    assert uptake.basis == "74 kg, 370 MBq, 60 min after the injection, taken to be on the same day"


def test_a_date_of_the_injection_is_used(tmp_path: Path) -> None:
    item = drug(RadiopharmaceuticalStartDateTime="20240102091500.000000+0100")
    uptake = uptake_of(tmp_path, RadiopharmaceuticalInformationSequence=item)
    assert uptake.factor == pytest.approx(factor(3600))
    assert uptake.basis.endswith("60 min after the injection")


def test_midnight_between_injection_and_scan(tmp_path: Path) -> None:
    changes = {"SeriesTime": "001000", "AcquisitionTime": "001100"}
    uptake = uptake_of(
        tmp_path,
        **changes,
        RadiopharmaceuticalInformationSequence=drug(RadiopharmaceuticalStartTime="233000"),
    )
    assert uptake.factor == pytest.approx(factor(40 * 60))
    assert uptake.basis.endswith("the evening before")


def test_a_dose_corrected_to_the_injection_does_not_decay(tmp_path: Path) -> None:
    assert uptake_of(tmp_path, DecayCorrection="ADMIN").factor == pytest.approx(WEIGHT_KG * 1000 / DOSE_BQ)


def test_a_series_made_later_is_dated_by_its_frame(tmp_path: Path) -> None:
    """Acquired 3 minutes after the scan began, counted for 2 minutes; the reference lies between."""
    rate = log(2) / HALF_LIFE_S
    mean_s = log(rate * 120 / (1 - exp(-rate * 120))) / rate
    uptake = uptake_of(
        tmp_path,
        SeriesTime="180000",
        FrameReferenceTime=(180 + mean_s) * 1000,
        ActualFrameDuration=120_000,
    )
    assert uptake.factor == pytest.approx(factor(3600 + 120), rel=1e-6)


def test_the_scan_time_of_ge(tmp_path: Path) -> None:
    private = {0x00090010: ("LO", "GEMS_PETD_01"), 0x0009100D: ("DT", "20240102101500.00")}
    assert uptake_of(tmp_path, private, SeriesTime="180000").factor == pytest.approx(factor(3600))


def test_philips_counts(tmp_path: Path) -> None:
    creator = {0x70530010: ("LO", "Philips PET Private Group")}
    suv = uptake_of(tmp_path, creator | {0x70531000: ("DS", "0.000551")}, Units="CNTS")
    assert suv.factor == 0.000551
    activity = uptake_of(tmp_path, creator | {0x70531009: ("DS", "1.5")}, Units="CNTS")
    assert activity.factor == pytest.approx(1.5 * factor(3600))
    assert uptake_of(tmp_path, creator, Units="CNTS").factor is None
    foreign = {0x70530010: ("LO", "Somebody"), 0x70531000: ("DS", "0.000551")}
    assert uptake_of(tmp_path, foreign, Units="CNTS").factor is None


def test_what_is_an_uptake_already(tmp_path: Path) -> None:
    assert uptake_of(tmp_path, Units="GML").factor == 1
    assert uptake_of(tmp_path, Units="GML", SUVType="BW").factor == 1
    assert (
        uptake_of(tmp_path, Units="GML", SUVType="LBM").reason == "its values are SUV of another kind (LBM)"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CorrectedImage": ["DECY"]}, "the image is not corrected for attenuation"),
        ({"CorrectedImage": ["ATTN"]}, "the image is not corrected for decay"),
        ({"DecayCorrection": "NONE"}, "it is not said to which time decay is corrected"),
        ({"Units": "PROPCNTS"}, "its units are PROPCNTS"),
        ({"Units": None}, "its units are not said"),
        ({"PatientWeight": None}, "the patient's weight is not given"),
        ({"PatientWeight": 0}, "the patient's weight is not given"),
        ({"RadiopharmaceuticalInformationSequence": None}, "nothing is said of the radiopharmaceutical"),
        (
            {"RadiopharmaceuticalInformationSequence": drug(RadionuclideTotalDose=None)},
            "the injected dose is not given",
        ),
        (
            {"RadiopharmaceuticalInformationSequence": drug(RadionuclideHalfLife=None)},
            "the half-life is not given",
        ),
        (
            {"RadiopharmaceuticalInformationSequence": drug(RadiopharmaceuticalStartTime=None)},
            "the time of the injection is not given",
        ),
        (
            {
                "RadiopharmaceuticalInformationSequence": drug(
                    RadiopharmaceuticalStartDateTime="20100102091500"
                )
            },
            "injection and scan lie too far apart to be true",
        ),
        (
            {
                "RadiopharmaceuticalInformationSequence": drug(
                    RadiopharmaceuticalStartTime=None, RadiopharmaceuticalStartDateTime="20300102091500"
                )
            },
            "the injection is after the scan",
        ),
        ({"SeriesTime": None}, "the time at which the scan began is not given"),
        ({"SeriesTime": "180000"}, "the time at which the scan began is not given"),
    ],
)
def test_without_what_it_needs_there_is_a_reason_and_no_number(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    facts = COMPLETE | {"RadiopharmaceuticalInformationSequence": drug()} | changes
    facts = {keyword: value for keyword, value in facts.items() if value is not None}
    write_grey(tmp_path / "f", np.arange(4, dtype=np.uint16).reshape(2, 2), **facts)
    uptake = read_frame(tmp_path / "f").uptake
    assert uptake is not None
    assert (uptake.factor, uptake.reason) == (None, reason)


def test_other_images_have_no_uptake(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", np.arange(4, dtype=np.uint16).reshape(2, 2), Modality="NM", Units="BQML")
    assert read_frame(tmp_path / "f").uptake is None


def test_a_real_scan(tmp_path: Path, shared_data: Path) -> None:
    """QIN-HEADNECK-01-0024, by hand: 66.2 kg and the dose of its header, from injection to series time."""
    with tarfile.open(shared_data / "dicom" / "series" / "pt_qin_headneck0024_60.tar.xz") as archive:
        name = next(member for member in archive.getnames() if member.endswith(".dcm"))
        archive.extract(name, tmp_path, filter="data")
    ds = dcmread(tmp_path / name, stop_before_pixels=True)
    item = ds.RadiopharmaceuticalInformationSequence[0]

    def seconds(time: str) -> float:
        return int(time[:2]) * 3600 + int(time[2:4]) * 60 + float(time[4:])

    waited = seconds(ds.SeriesTime) - seconds(item.RadiopharmaceuticalStartTime)
    left = float(item.RadionuclideTotalDose) * 0.5 ** (waited / float(item.RadionuclideHalfLife))
    uptake = read_frame(tmp_path / name).uptake
    assert uptake is not None
    assert uptake.factor == pytest.approx(float(ds.PatientWeight) * 1000 / left, rel=1e-9)


def test_slices_of_other_times_have_their_own_factor(tmp_path: Path) -> None:
    """A slice like one that was read before is read by its pixels alone: not where its times count."""
    factors = []
    for number, time in enumerate(("101500", "111500")):
        facts = COMPLETE | {"RadiopharmaceuticalInformationSequence": drug(), "SeriesTime": time}
        facts["AcquisitionTime"] = time
        write_grey(tmp_path / f"{number}", np.arange(4, dtype=np.uint16).reshape(2, 2), **facts)
        uptake = read_frame(tmp_path / f"{number}").uptake
        assert uptake is not None
        factors.append(uptake.factor)
    assert factors == [pytest.approx(factor(3600)), pytest.approx(factor(7200))]
