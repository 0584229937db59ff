"""One finding in words: a row of the list, and all that is known of it for the tool tip."""

from __future__ import annotations

from core.imaging.findings import Finding
from core.inference.analysis import model_name
from core.reading import Reading
from core.review import Review
from viewer.core_sentences import said
from viewer.language import marked, tr

_ZONES = {"upper": marked("upper zone"), "middle": marked("middle zone"), "lower": marked("lower zone")}


def finding_words(finding: Finding, review: Review, reading: Reading, *, name_model: bool) -> str:
    """One finding as a row: decision, place, size, how strong and how rare among healthy films.

    An accepted one says at which threshold that was, and why it is not among the regions of now.
    """
    accepted = review.accepts(finding.identifier)
    mark = "●" if accepted else "○"
    if finding.identifier in review.dismissed:
        mark = "✕"
    zone = _ZONES.get(finding.zone)
    side = tr("midline") if finding.side == "midline" else finding.side
    place = f"{side} {finding.zone if zone is None else tr(zone)}".strip()
    rare = "" if finding.percentile is None else f"  P{_percentile(finding.percentile)}"
    rare += "" if finding.p_value is None else f"  p {finding.p_value:.2g}"
    sign = said(finding.sign.value)
    kind = f"{model_name(finding.model_kind)} {sign}" if name_model else sign
    why = _why_not_above(finding, reading)
    accepted_at = tr("accepted at {threshold}").format(threshold=f"{finding.threshold:.3f}")
    decided = [f"    {accepted_at}", *([f"    {why}"] if why else [])]
    first = f"{mark} {place[:1].upper()}{place[1:]}  {size_words(finding)}{_area_words(finding)}"
    second = f"    {kind}  {tr('peak')} {finding.peak:.2f}{rare}"
    return "\n".join([first, second, *(decided if accepted else [])])


def _why_not_above(finding: Finding, reading: Reading) -> str:
    """Why an accepted finding is none of the regions of now; "" when it is one."""
    if any(one.identifier == finding.identifier for one in reading.above):
        return ""
    own_sign = finding.sign is reading.style.sign
    thresholds = reading.thresholds if own_sign else reading.opposite_thresholds
    for analysis, threshold in zip(reading.analyses, thresholds, strict=False):
        if analysis.card.kind == finding.model_kind:
            below = finding.peak < threshold
            return tr("below the threshold now") if below else tr("part of a larger region now")
    return tr("not in the map shown")


def size_words(finding: Finding) -> str:
    """Height by width: millimetres only where the spacing is known."""
    if finding.size_mm is not None:
        return f"{finding.size_mm[0]:.0f}×{finding.size_mm[1]:.0f} mm"
    first_row, first_column, end_row, end_column = finding.box
    return f"{end_row - first_row}×{end_column - first_column} px"


def _area_words(finding: Finding) -> str:
    """The area where millimetres are known; pixels say little beside the size."""
    return "" if finding.area_mm2 is None else f"  {finding.area_mm2:,.0f} mm²"


def _percentile(share: float) -> int:
    """Among healthy films, whole: the hundredth would be above all films there could be."""
    return min(int(100 * share), 99)


def finding_details(finding: Finding) -> str:
    """All that is known of a finding, for its tool tip."""
    area = f"{finding.area_px:.0f} px"
    if finding.area_mm2 is not None:
        area += f", {finding.area_mm2:.0f} mm² ({said(finding.spacing_source.value)})"
    rare = ""
    if finding.p_value is not None:
        words = tr("p {p}: {share} of healthy films peak as high anywhere")
        rare = "\n" + words.format(p=f"{finding.p_value:.2g}", share=f"{finding.p_value:.1%}")
    if finding.percentile is not None:
        place = _percentile(finding.percentile)
        words = tr("P{place}: {share} of healthy films peak lower everywhere")
        rare += "\n" + words.format(place=place, share=f"{finding.percentile:.0%}")
    words = tr("Area {area}\nPeak {peak} of the grey range")
    return words.format(area=area, peak=f"{finding.peak:.3f}") + rare
