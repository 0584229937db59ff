"""SUVbw of PET images: the factor from modality values, or why it cannot be computed honestly.

Follows the vendor-neutral pseudo-code of QIBA: decay and attenuation must be corrected, dose, weight,
half-life and times be there; nothing is guessed but the day of the injection where only its time is given,
and that is said.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import expm1, log
from typing import TYPE_CHECKING

from core.imaging.quantities import Uptake

if TYPE_CHECKING:
    from core.dicom.tags import Attributes

_PHILIPS_CREATOR, _PHILIPS_SUV, _PHILIPS_ACTIVITY = 0x70530010, 0x70531000, 0x70531009
_GE_CREATOR, _GE_SCAN_TIME = 0x00090010, 0x0009100D
UPTAKE_KEYWORDS = (
    *("Units", "SUVType", "CorrectedImage", "DecayCorrection", "PatientWeight", "SeriesDate", "SeriesTime"),
    *("AcquisitionDate", "AcquisitionTime", "FrameReferenceTime", "ActualFrameDuration"),
    "RadiopharmaceuticalInformationSequence",
)
UPTAKE_TAGS = (_PHILIPS_CREATOR, _PHILIPS_SUV, _PHILIPS_ACTIVITY, _GE_CREATOR, _GE_SCAN_TIME)
# After so many half-lives a thousandth of a thousandth is left: the times are wrong.
_MOST_HALF_LIVES = 20
_BODY_WEIGHT_TYPES = frozenset({"", "BW"})


class _Unknown(Exception):
    """Why there is no factor."""


def uptake(attributes: Attributes) -> Uptake | None:
    """SUVbw for one image; None for what is no PET image."""
    if attributes.code("Modality") != "PT":
        return None
    try:
        return _uptake(attributes)
    except _Unknown as unknown:
        return Uptake(reason=str(unknown))


def _uptake(attributes: Attributes) -> Uptake:
    units = attributes.code("Units")
    if units == "GML":
        return _already(attributes)
    corrected = {word.upper() for word in attributes.texts("CorrectedImage")}
    for term, words in (("ATTN", "attenuation"), ("DECY", "decay")):
        if term not in corrected:
            raise _Unknown(f"the image is not corrected for {words}")
    if units == "BQML":
        return _from_activity(attributes, 1.0, "")
    if units == "CNTS":
        return _from_counts(attributes)
    raise _Unknown(f"its units are {units or 'not said'}")


def _already(attributes: Attributes) -> Uptake:
    kind = attributes.code("SUVType")
    if kind not in _BODY_WEIGHT_TYPES:
        raise _Unknown(f"its values are SUV of another kind ({kind})")
    return Uptake(1.0, basis="as stored" if kind else "as stored; the kind of SUV is not said")


def _from_counts(attributes: Attributes) -> Uptake:
    """Philips counts: by the private factors, if it is these that are there."""
    if attributes.text(_PHILIPS_CREATOR) != "Philips PET Private Group":
        raise _Unknown("its units are counts, and no factor to activity is given")
    factor = attributes.number(_PHILIPS_SUV)
    if factor is not None and factor > 0:
        return Uptake(factor, basis="factor of the scanner (7053,1000)")
    activity = attributes.number(_PHILIPS_ACTIVITY)
    if activity is None or activity <= 0:
        raise _Unknown("its units are counts, and no factor to activity is given")
    return _from_activity(attributes, activity, "activity by (7053,1009), ")


def _from_activity(attributes: Attributes, becquerel_per_unit: float, said: str) -> Uptake:
    """SUVbw = activity x weight / dose at the time to which the activity is corrected."""
    weight_kg = attributes.number("PatientWeight")
    if weight_kg is None or weight_kg <= 0:
        raise _Unknown("the patient's weight is not given")
    drug = attributes.item("RadiopharmaceuticalInformationSequence")
    if drug is None:
        raise _Unknown("nothing is said of the radiopharmaceutical")
    dose_bq = drug.number("RadionuclideTotalDose")
    if dose_bq is None or dose_bq <= 0:
        raise _Unknown("the injected dose is not given")
    correction = attributes.code("DecayCorrection")
    if correction == "ADMIN":
        left, words = dose_bq, "decay corrected to the injection"
    elif correction == "START":
        left, words = _left_at_scan(attributes, drug, dose_bq)
    else:
        raise _Unknown("it is not said to which time decay is corrected")
    factor = becquerel_per_unit * weight_kg * 1000 / left
    return Uptake(factor, basis=f"{said}{weight_kg:g} kg, {dose_bq / 1e6:.0f} MBq, {words}")


def _left_at_scan(attributes: Attributes, drug: Attributes, dose_bq: float) -> tuple[float, str]:
    """What of the dose is left when the scan begins, in Bq, and in words how long after the injection."""
    half_life_s = drug.number("RadionuclideHalfLife")
    if half_life_s is None or half_life_s <= 0:
        raise _Unknown("the half-life is not given")
    scan = _scan_start(attributes, half_life_s)
    waited_s, assumed = _since_injection(drug, scan)
    if waited_s > _MOST_HALF_LIVES * half_life_s:
        raise _Unknown("injection and scan lie too far apart to be true")
    return dose_bq * 2 ** (-waited_s / half_life_s), f"{waited_s / 60:.0f} min after the injection{assumed}"


def _scan_start(attributes: Attributes, half_life_s: float) -> datetime:
    """The time to which START corrects: that of the series, unless it was made after the acquisition."""
    series = _moment(attributes, "SeriesDate", "SeriesTime")
    acquired = _moment(attributes, "AcquisitionDate", "AcquisitionTime")
    if series is not None and (acquired is None or series <= acquired):
        return series
    if attributes.text(_GE_CREATOR) == "GEMS_PETD_01":
        scan = _parsed(attributes.text(_GE_SCAN_TIME))
        if scan is not None:
            return scan
    # A derived series: the middle of the counts of this frame lies Frame Reference Time after the start.
    reference_ms = attributes.number("FrameReferenceTime")
    duration_ms = attributes.number("ActualFrameDuration")
    if acquired is None or reference_ms is None or duration_ms is None or duration_ms <= 0:
        raise _Unknown("the time at which the scan began is not given")
    rate = log(2) / half_life_s
    exposure = rate * duration_ms / 1000
    mean_s = log(exposure / -expm1(-exposure)) / rate
    return acquired + timedelta(seconds=mean_s - reference_ms / 1000)


def _since_injection(drug: Attributes, scan: datetime) -> tuple[float, str]:
    """Seconds from the injection to the scan, and what was assumed for it."""
    moment = _parsed(drug.text("RadiopharmaceuticalStartDateTime"))
    if moment is not None and moment <= scan:
        return (scan - moment).total_seconds(), ""
    clock = _parsed(f"{scan:%Y%m%d}{_digits(drug.text('RadiopharmaceuticalStartTime'))}")
    if clock is None or not drug.text("RadiopharmaceuticalStartTime"):
        raise _Unknown(
            "the time of the injection is not given" if moment is None else "the injection is after the scan"
        )
    if clock > scan:  # midnight lies between the two
        return (scan - clock).total_seconds() + 86_400, ", the evening before"
    return (scan - clock).total_seconds(), ", taken to be on the same day"


def _moment(attributes: Attributes, date: str, time: str) -> datetime | None:
    day, clock = attributes.text(date), attributes.text(time)
    return _parsed(_digits(day) + _digits(clock)) if day and clock else None


def _digits(text: str) -> str:
    """A date or time without the points and colons of older files."""
    head, point, fraction = text.partition(".") if ":" in text or text.count(".") <= 1 else (text, "", "")
    return head.replace(":", "").replace(".", "") + point + fraction


def _parsed(text: str) -> datetime | None:
    """YYYYMMDDHHMM[SS[.F]], without its time zone: both times of one study are in the same (PS3.5 6.2)."""
    text = text.strip()
    for sign in "+-":
        text = text.partition(sign)[0]
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(whole) not in (12, 14):
        return None
    try:
        moment = datetime.strptime(whole.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    micro = int(fraction[:6].ljust(6, "0")) if fraction.isascii() and fraction.isdigit() else 0
    return moment.replace(microsecond=micro)
