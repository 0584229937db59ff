"""The report on paper: text in every script, nothing loaded from outside, whole files or none."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from report_cases import IDENTIFYING, IDENTITY, analysis, answer, film, findings, named, refused

from core import RESEARCH_USE
from core.dicom.frames import read_frame
from core.errors import CannotWrite
from core.inference.analysis import model_name
from core.reporting.identity import Identity
from core.reporting.report import Decisions, Report, draft
from viewer.report_window import (
    ReportWindow,
    _SealedDocument,
    panel_paths,
    write_html,
    write_panels,
    write_pdf,
)

SIDE_PX = 150
NAMES = {
    "latin": "Łukasiewicz-Ørsted, Ñuño",
    "greek": "Παπαδόπουλος Γεώργιος",
    "cyrillic": "Люкceмбypг Щёголев",
    "vietnamese": "Nguyễn Thị Hằng",
    "japanese": "山田 太郎 やまだ タロウ",
    "rare han": "髙橋 德 彅",
    "korean": "홍길동 洪吉洞",
    "chinese": "王小东 張三豐",
    "half-width kana": "ﾔﾏﾀﾞ",
}
RIGHT_TO_LEFT = {"arabic": "قباني لنزار", "hebrew": "שרון דבורה"}
CLUSTERED = {"devanagari": "राम कुमार", "thai": "สมชาย ใจดี"}
ALL_NAMES = NAMES | RIGHT_TO_LEFT | CLUSTERED
PRIVATE_USE = "\ue123"


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    """Every test here needs Qt."""


def report_for(
    identity: Identity = IDENTITY, impression: str = "", repeat: int = 1, deidentified: bool = False
) -> Report:
    frame = film()
    result = analysis(frame)
    decisions = Decisions(findings(frame, result) * repeat, {}, impression, "Dr. Reader")
    return draft(
        frame,
        answer(frame, result),
        decisions,
        identity=identity,
        panel_side_px=SIDE_PX,
        deidentified=deidentified,
    )


def texts(path: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def squeezed(text: str) -> str:
    """Compatibility forms made plain (a PDF may hold those), and no white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_the_window_fits_on_its_screen(qtbot: QtBot) -> None:
    window = ReportWindow()
    qtbot.addWidget(window)
    assert window.height() < window.screen().availableSize().height()


@pytest.mark.parametrize("script", ALL_NAMES)
def test_names_come_out_as_text(script: str, tmp_path: Path) -> None:
    name = ALL_NAMES[script]
    write_pdf(report_for(named(name)), tmp_path / "report.pdf")
    text = squeezed("".join(texts(tmp_path / "report.pdf")))
    assert "[U+" not in text
    if script in NAMES:
        assert squeezed(name) in text
    elif script in RIGHT_TO_LEFT:
        for word in map(squeezed, name.split()):
            assert word in text or word[::-1] in text, word
    else:
        # Vowel signs may be written where they are drawn.
        assert {letter for letter in squeezed(name) if unicodedata.category(letter) == "Lo"} <= set(text)


def test_a_character_without_a_glyph_is_never_a_box(tmp_path: Path) -> None:
    report = report_for(named(f"Kim {PRIVATE_USE}"), impression=f"As {PRIVATE_USE}\u0378 said.")
    write_pdf(report, tmp_path / "report.pdf")
    text = " ".join("".join(texts(tmp_path / "report.pdf")).split())
    assert "Kim [U+E123]" in text
    assert "As [U+E123][U+0378] said." in text
    assert "No font on this computer draws U+0378, U+E123" in text


def test_han_beyond_the_first_plane_are_drawn_too(tmp_path: Path) -> None:
    write_pdf(report_for(named("𠮷田 𠀋")), tmp_path / "report.pdf")
    assert "[U+" not in "".join(texts(tmp_path / "report.pdf"))


def test_fonts_are_embedded(tmp_path: Path) -> None:
    write_pdf(report_for(named(" ".join(ALL_NAMES.values()))), tmp_path / "report.pdf")
    fonts = [
        descendant.get_object()["/FontDescriptor"].get_object()
        for page in pypdf.PdfReader(tmp_path / "report.pdf").pages
        for font in page["/Resources"].get_object()["/Font"].values()  # type: ignore[index]  # a dictionary
        for descendant in font.get_object()["/DescendantFonts"]
    ]
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in fonts)
    assert {str(font["/FontName"]).split("+")[-1][:15] for font in fonts} == {"HealthyTwinSans"}, (
        "not our own"
    )


@pytest.mark.parametrize("repeat", [0, 1, 6])
def test_every_page_says_research_use_page_and_patient(repeat: int, tmp_path: Path) -> None:
    write_pdf(report_for(repeat=repeat, impression="Long. " * 300), tmp_path / "report.pdf")
    pages = texts(tmp_path / "report.pdf")
    assert len(pages) >= 2
    for number, text in enumerate(pages, 1):
        assert RESEARCH_USE in text
        assert f"Page {number} of {len(pages)}" in text
        assert "PID-00412" in text


@pytest.mark.parametrize("lines", range(0, 40, 4))
def test_no_part_of_a_report_is_lost_between_pages(lines: int, tmp_path: Path) -> None:
    """Wherever the text before them ends: headings that move to the next page take nothing along."""
    frame = film()
    results = analysis(frame), analysis(frame, "sr-anogan")
    decisions = Decisions(findings(frame, results[0]), {}, "Line.\n" * lines)
    report = draft(frame, answer(frame, *results), decisions, panel_side_px=SIDE_PX)
    write_pdf(report, tmp_path / "report.pdf")
    pages = pypdf.PdfReader(tmp_path / "report.pdf").pages
    text = squeezed("".join(page.extract_text() for page in pages))
    for heading in ("HealthyGAN", "SR-AnoGAN", "Agreement", "Origin"):
        assert heading in text
    for page, result in zip(pages[-2:], results, strict=True):
        assert f"Difference, {model_name(result.card.kind)}" in page.extract_text()
        assert len(page.images) == 1


def test_a_deidentified_file_names_nobody(tmp_path: Path) -> None:
    report = report_for(deidentified=True, impression="Mr Yamada (PID-00412) is well.")
    write_pdf(report, tmp_path / "report.pdf")
    write_html(report, tmp_path / "report.html")
    reader = pypdf.PdfReader(tmp_path / "report.pdf")
    text = "".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    text += (tmp_path / "report.html").read_text(encoding="utf-8")
    for mark in IDENTIFYING:
        assert mark not in text, mark
    assert "is well." in text


def test_several_reports_become_one_file(tmp_path: Path) -> None:
    lateral = draft(film(), refused(film()), Decisions(), panel_side_px=SIDE_PX)
    write_pdf(report_for(), tmp_path / "one.pdf")
    write_pdf(lateral, tmp_path / "other.pdf")
    write_pdf([report_for(), lateral], tmp_path / "both.pdf")
    both = texts(tmp_path / "both.pdf")
    assert len(both) == len(texts(tmp_path / "one.pdf")) + len(texts(tmp_path / "other.pdf"))
    assert "This is a lateral film." in both[-1]


def test_hostile_text_loads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (8, 8), "red").save(secret)
    words = f'<img src="{secret.as_uri()}"><style>@import url({secret.as_uri()});</style>{{{{7*7}}}} =cmd()'
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(arguments[0]) == str(secret):
            opened.append(str(arguments[0]))

    sys.addaudithook(watch)
    write_pdf(report_for(named(words), impression=words), tmp_path / "report.pdf")
    watching = False
    assert not opened
    assert squeezed(words) in squeezed("".join(texts(tmp_path / "report.pdf")))
    plain, hostile = (tmp_path / name for name in ("plain.pdf", "report.pdf"))
    write_pdf(report_for(), plain)
    assert pictures(plain) == pictures(hostile)


def pictures(path: Path) -> int:
    return sum(len(page.images) for page in pypdf.PdfReader(path).pages)


@pytest.mark.parametrize("kind", list(QTextDocument.ResourceType))
def test_the_document_is_sealed(kind: QTextDocument.ResourceType, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (8, 8), "red").save(secret)
    panels = report_for().panels
    document = _SealedDocument(panels)
    for address in (secret.as_uri(), str(secret), "http://example.com/a.png", "qrc:/a.png", "panel:none"):
        answered = document.loadResource(kind.value, QUrl(address))
        assert isinstance(answered, QImage)
        assert answered.width() == 1
    own = document.loadResource(kind.value, QUrl(f"panel:{panels[0].name}"))
    assert isinstance(own, QImage)
    assert (own.height(), own.width()) == panels[0].pixels.shape[:2]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """As on a full disk: the operating system refuses to write beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix matter")
def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")
    with largest_file(1000), pytest.raises(CannotWrite) as caught:
        write_pdf(report_for(), path)
    assert "report.pdf" in caught.value.message
    assert "disk" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("folder", ["missing", "a-file"])
def test_a_folder_that_is_none_is_told(folder: str, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_bytes(b"")
    with pytest.raises(CannotWrite, match=folder):
        write_html(report_for(), tmp_path / folder / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


def test_the_command_line_needs_no_window(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "from pathlib import Path\n"
        "from report_cases import *\n"
        "from core.reporting.report import Decisions, draft\n"
        "from viewer.report_window import ensure_gui_application, write_pdf\n"
        "report = draft(film(), refused(film()), Decisions(), panel_side_px=90)\n"
        f"write_pdf(report, Path({str(tmp_path / 'r.pdf')!r}))\n"
        "print(type(ensure_gui_application()).__name__, 'torch' in sys.modules)\n"
    )
    without_display = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=without_display,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == ["QGuiApplication", "False"], done.stderr
    assert done.stderr == ""
    assert RESEARCH_USE in texts(tmp_path / "r.pdf")[0]


def test_panels_are_written_as_png(tmp_path: Path) -> None:
    panels = report_for().panels
    paths = panel_paths(panels, tmp_path, "case")
    write_panels(panels, paths)
    assert [path.name for path in paths] == [
        "case-original.png",
        "case-twin-healthygan.png",
        "case-difference-healthygan.png",
    ]
    for panel, path in zip(panels, paths, strict=True):
        with Image.open(path) as picture:
            assert (picture.height, picture.width) == panel.pixels.shape[:2]


@pytest.fixture
def window(qtbot: QtBot) -> ReportWindow:
    made = ReportWindow()
    qtbot.addWidget(made)
    made.show()
    return made


def buttons(window: ReportWindow) -> dict[str, QPushButton]:
    return {button.text(): button for button in window.findChildren(QPushButton)}


def sheets(window: ReportWindow) -> list[QLabel]:
    return [label for label in window.findChildren(QLabel) if label.accessibleName().startswith("Page")]


def test_the_window_previews_all_pages(window: ReportWindow, tmp_path: Path) -> None:
    assert not any(button.isEnabled() for button in buttons(window).values())
    window.show_report(report_for())
    write_pdf(report_for(), tmp_path / "report.pdf")
    assert len(sheets(window)) == len(texts(tmp_path / "report.pdf"))
    picture = sheets(window)[0].pixmap().toImage()
    colours = {
        picture.pixelColor(x, y).name() for x in range(0, picture.width(), 7) for y in range(0, 900, 7)
    }
    assert len(colours) > 20, "nothing is painted"
    assert all(button.isEnabled() for button in buttons(window).values())


def test_leaving_names_out_asks_for_another_report(window: ReportWindow, qtbot: QtBot) -> None:
    window.show_report(report_for())
    (switch,) = window.findChildren(QCheckBox)
    with qtbot.waitSignal(window.report_wanted) as wanted:
        switch.click()
    assert wanted.args == [True]
    assert window.deidentified
    window.show_report(report_for())
    assert not buttons(window)["Save PDF…"].isEnabled(), "a late report with names must not be shown"
    window.show_report(report_for(deidentified=True))
    assert buttons(window)["Save PDF…"].isEnabled()


@pytest.mark.parametrize("kind", ["PDF", "HTML"])
def test_saving_tells_what_was_saved(
    kind: str, window: ReportWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_for()
    path = tmp_path / "report"
    suggested: list[str] = []

    def choose(_parent: object, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        suggested.append(name)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    window.show_report(report)
    with qtbot.waitSignal(window.saved) as saved:
        buttons(window)[f"Save {kind}…"].click()
    assert saved.args == [(path,)]
    assert path.read_bytes()[:5] in (b"%PDF-", b"<!DOC")
    assert suggested == [f"healthytwin-{report.case}.{kind.lower()}"]


def test_pictures_are_asked_for_and_saved(
    window: ReportWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    report = report_for()
    window.show_report(report)
    with qtbot.waitSignal(window.panels_wanted) as wanted:
        buttons(window)["Save pictures…"].click()
    assert wanted.args == [tmp_path]
    with qtbot.waitSignal(window.saved) as saved:
        window.save_panels(report.panels, tmp_path)
    assert all(path.is_file() for path in saved.args[0])
    assert len(saved.args[0]) == len(report.panels)


def test_a_failure_is_told_in_the_window(window: ReportWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.show_report(report_for())
    with qtbot.waitSignal(window.failed) as failed:
        window.save_pdf(tmp_path / "missing" / "report.pdf")
    assert isinstance(failed.args[0], CannotWrite)
    assert any("could not be written" in label.text() for label in window.findChildren(QLabel))


def test_choosing_no_file_saves_nothing(
    window: ReportWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.chdir(tmp_path)
    window.show_report(report_for())
    for button in buttons(window).values():
        button.click()
    assert not list(tmp_path.iterdir())


@pytest.mark.shared
def test_a_real_film_fills_a_report(shared_data: Path, tmp_path: Path) -> None:
    frame = read_frame(shared_data / "dicom" / "chest" / "RG1_J2KR.dcm")
    result = analysis(frame)
    decisions = Decisions(findings(frame, result))
    identity = replace(IDENTITY, study=None, series=None)
    write_pdf(draft(frame, answer(frame, result), decisions, identity=identity), tmp_path / "report.pdf")
    assert "1841 × 1955 px" in texts(tmp_path / "report.pdf")[0].replace("\n", " ")
    assert pictures(tmp_path / "report.pdf") >= 4
