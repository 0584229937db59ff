"""Report -> one self-contained page: pictures as data, every text escaped, nothing loaded from anywhere.

The page is read by browsers and by Qt's rich text, which prints it; the mark-up is what both understand.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterable, Sequence
from string import Template

from core.reporting.identity import Fact
from core.reporting.panels import AGREEMENT_PICTURE, Panel
from core.reporting.report import FindingLine, MeasurementLine, Opinion, Report
from core.resources import resource_path

# In CSS pixels of a page that is printed 700 wide.
_COLUMN_WIDTH_PX = 228
_LARGEST_HEIGHT_PX = 330
_PLATE_WIDTH_PX = 690
_PLATE_HEIGHT_PX = 880

Spell = Callable[[str], str]
"""Turns a text into what can be drawn, before it is escaped."""


Address = Callable[[Panel], str]
"""Where the picture of a panel is to be found."""


def data_address(panel: Panel) -> str:
    """The picture itself as an address: the page needs no other file."""
    return f"data:image/png;base64,{base64.b64encode(panel.png()).decode('ascii')}"


def page(report: Report, spell: Spell = str, address: Address = data_address) -> str:
    """The whole page. `spell` sees each text before it is escaped, `address` names each picture."""
    writer = _Writer(spell, address)
    template = Template(resource_path("report", "template.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=writer.text(f"{report.title} · {report.running_title}"),
        style=resource_path("report", "style.css").read_text(encoding="utf-8"),
        body="\n".join(part for part in writer.body(report) if part),
    )


class _Writer:
    def __init__(self, spell: Spell, address: Address) -> None:
        self._spell, self._address = spell, address

    def text(self, words: str) -> str:
        """Escaped text; line breaks of the reader stay line breaks."""
        return html.escape(self._spell(words)).replace("\n", "<br>")

    def body(self, report: Report) -> Iterable[str]:
        yield f"<h1>{self.text(report.title)}</h1>"
        research_use = f'<span class="research">{self.text(report.research_use)}</span>'
        yield f'<p class="subtitle">Comparison with a synthetic healthy twin. {research_use}</p>'
        yield self._boxes(report.banners, "banner")
        yield self._paired_facts(report.subject)
        yield self._boxes(report.cautions, "caution")
        yield self._pictures(report.panels)
        yield self._findings(report)
        if report.measurements:
            yield self._measurements(report.measurements)
        yield from self._impression(report)
        for opinion in report.opinions:
            yield self._opinion(opinion)
        if report.agreement:
            yield f"<h2>Agreement</h2><p>{self.text(report.agreement)}</p>"
        yield f"<h2>Origin</h2>{self._facts(report.provenance)}"
        for panel in report.panels:
            if panel.name.startswith("difference"):
                yield self._plate(panel)
        for panel in report.key_images:
            yield self._plate(panel)

    def _boxes(self, texts: Sequence[str], style: str) -> str:
        if not texts:
            return ""
        rows = "".join(f'<tr><td class="{style}">{self.text(words)}</td></tr>' for words in texts)
        return f'<table class="boxes" width="100%" cellspacing="2" cellpadding="4">{rows}</table>'

    def _paired_facts(self, facts: Sequence[Fact]) -> str:
        """Two facts a row: short ones, as patient and study lines are."""
        half = (len(facts) + 1) // 2
        rows = []
        for place in range(half):
            pair = [facts[place], *facts[place + half : place + half + 1]]
            cells = "".join(
                f'<td class="label" width="15%">{self.text(label)}</td>'
                f'<td class="value" width="35%">{self.text(value)}</td>'
                for label, value in pair
            )
            rows.append(f"<tr>{cells}{'' if len(pair) == 2 else '<td></td><td></td>'}</tr>")
        return f'<table width="100%" cellspacing="0" cellpadding="2">{"".join(rows)}</table>'

    def _facts(self, facts: Sequence[Fact]) -> str:
        rows = "".join(
            f'<tr><td class="label" width="16%">{self.text(label)}</td>'
            f'<td class="value" width="84%">{self.text(value)}</td></tr>'
            for label, value in facts
        )
        return f'<table width="100%" cellspacing="0" cellpadding="2">{rows}</table>'

    def _pictures(self, panels: Sequence[Panel]) -> str:
        """Three columns: original | twin | difference; below, agreement | the other model's two."""
        original, rest = panels[:1], [panel for panel in panels[1:] if panel.name != AGREEMENT_PICTURE]
        lead = [*original, *(panel for panel in panels if panel.name == AGREEMENT_PICTURE)]
        rows = []
        for number in range(max(1, len(rest) // 2)):
            shown = [lead[number] if number < len(lead) else None, *rest[2 * number : 2 * number + 2]]
            pictures = (
                "" if panel is None else self._image(panel, _COLUMN_WIDTH_PX, _LARGEST_HEIGHT_PX)
                for panel in shown
            )
            cells = "".join(f'<td width="33%" align="center">{picture}</td>' for picture in pictures)
            rows.append(f"<tr>{cells}</tr>")
        return f'<table width="100%" cellspacing="0" cellpadding="3">{"".join(rows)}</table>'

    def _plate(self, panel: Panel) -> str:
        picture = self._image(panel, _PLATE_WIDTH_PX, _PLATE_HEIGHT_PX)
        return f'<h2 class="plate">{self.text(panel.title)}</h2><p align="center">{picture}</p>'

    def _image(self, panel: Panel, width: int, height: int) -> str:
        rows, columns = panel.pixels.shape[:2]
        scale = min(width / columns, height / rows)
        return (
            f'<img alt="{self.text(panel.title)}" width="{round(columns * scale)}" '
            f'height="{round(rows * scale)}" src="{self.text(self._address(panel))}">'
        )

    def _findings(self, report: Report) -> str:
        title = f"<h2>{self.text(report.findings_title)} ({len(report.findings)})</h2>"
        note = f'<p class="small">{self.text(report.findings_note)}</p>' if report.findings_note else ""
        if not report.findings:
            return title + (note.replace('class="small"', "") or "<p>None.</p>")
        heads = ("No.", "Place", "Than the twin", "Size", "Threshold", "Peak", "p", "Model")
        head = "".join(f'<td class="head">{self.text(words)}</td>' for words in heads)
        rows = "".join(self._finding(finding) for finding in report.findings)
        table = f"<thead><tr>{head}</tr></thead>{rows}"
        return f'{title}<table width="100%" cellspacing="0" cellpadding="3">{table}</table>{note}'

    def _finding(self, finding: FindingLine) -> str:
        values = (
            str(finding.number),
            finding.place,
            finding.kind,
            finding.size,
            finding.threshold,
            finding.peak,
            finding.p_value,
            finding.model,
        )
        cells = "".join(f'<td class="row">{self.text(value)}</td>' for value in values)
        note = (
            f'<tr><td></td><td colspan="7" class="note">{self.text(finding.note)}</td></tr>'
            if finding.note
            else ""
        )
        return f"<tr>{cells}</tr>{note}"

    def _measurements(self, lines: Sequence[MeasurementLine]) -> str:
        rows = "".join(
            f'<tr><td class="row" width="8%">{self.text(line.name)}</td>'
            f'<td class="row" width="14%">{self.text(line.kind)}</td>'
            f'<td class="row" width="78%">{self.text(line.value)}</td></tr>'
            for line in lines
        )
        return f'<h2>Measurements</h2><table width="100%" cellspacing="0" cellpadding="3">{rows}</table>'

    def _impression(self, report: Report) -> Iterable[str]:
        if report.impression:
            yield f"<h2>Impression</h2><p>{self.text(report.impression)}</p>"
        if report.reader:
            yield f'<p class="label">Read by {self.text(report.reader)}</p>'

    def _opinion(self, opinion: Opinion) -> str:
        return f"<h2>{self.text(opinion.title)}</h2>{self._facts(opinion.facts)}"
