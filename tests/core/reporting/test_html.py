"""The page: self-contained, and every text only text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from report_cases import IDENTITY, analysis, answer, film, findings, named, refused

from core import RESEARCH_USE
from core.reporting.html import page
from core.reporting.report import Decisions, Report, draft

HOSTILE = (
    "<img src=file:///etc/passwd>",
    "<script>alert(1)</script>",
    '"><a href="http://example.com">x</a>',
    "=cmd()",
    "{{7*7}}",
    "${style} $title $$",
    "&lt;b&gt; & <b>",
    "'; DROP TABLE patients; --",
)


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(report: Report) -> Tags:
    tags = Tags()
    tags.feed(page(report))
    return tags


def reported(words: str = "Round opacity.") -> Report:
    frame = film()
    result = analysis(frame)
    found = findings(frame, result)
    decisions = Decisions(found, {found[0].identifier: words}, words, words)
    return draft(
        frame, answer(frame, result), decisions, identity=named(words), panel_side_px=120, made_on=words
    )


def test_a_page_needs_no_other_file() -> None:
    tags = parsed(reported())
    addresses = [
        value for _, attributes in tags.tags for key, value in attributes.items() if key in ("src", "href")
    ]
    assert addresses
    assert all(address and address.startswith("data:image/png;base64,") for address in addresses)
    assert not {tag for tag, _ in tags.tags} & {"link", "script", "iframe", "object", "form"}
    style = page(reported()).split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in page(reported())


@pytest.mark.parametrize("words", HOSTILE)
def test_texts_are_only_text(words: str) -> None:
    plain, hostile = parsed(reported()), parsed(reported(words))
    assert [tag for tag, _ in plain.tags] == [tag for tag, _ in hostile.tags]
    assert "".join(hostile.text).count(words) >= 4


def test_a_page_holds_all_of_the_report() -> None:
    report = reported()
    text = re.sub(r"\s+", " ", "".join(parsed(report).text))
    for words in (
        *(value for pair in (*report.subject, *report.provenance) for value in pair),
        *(value for opinion in report.opinions for pair in opinion.facts for value in pair),
        *(line.place for line in report.findings),
        *report.cautions,
        report.impression,
        RESEARCH_USE,
    ):
        assert words in text
    assert page(report).count("<img ") == len(report.panels) + 1, "each panel, and the difference once more"


def test_lines_of_the_reader_stay_lines() -> None:
    assert "first<br>second" in page(reported("first\nsecond"))


def test_a_refusal_fills_a_page_too() -> None:
    frame = film()
    text = "".join(
        parsed(draft(frame, refused(frame), Decisions(), identity=IDENTITY, panel_side_px=100)).text
    )
    assert "NO ANALYSIS" in text
    assert "This is a lateral film." in text


def test_two_models_stand_below_each_other() -> None:
    frame = film()
    both = answer(frame, analysis(frame), analysis(frame, "sr-anogan"))
    report = draft(frame, both, Decisions(), panel_side_px=100)
    pictures = [attributes["alt"] for tag, attributes in parsed(report).tags if tag == "img"]
    assert pictures[:6] == [
        "Original",
        "Healthy twin (synthetic), HealthyGAN",
        "Difference, HealthyGAN",
        "Agreement of the two models",
        "Healthy twin (synthetic), SR-AnoGAN",
        "Difference, SR-AnoGAN",
    ]
    assert "Agreement" in page(replace(report, agreement="Agreement is full."))
