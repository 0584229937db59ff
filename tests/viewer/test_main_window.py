"""The window over a session: what it shows in each state, and what its commands do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_ct_series, write_not_an_image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot
from reading_room import command
from scripted_shelf import ScriptedShelf

from core.errors import ModelFileInvalid
from core.imaging.frame import Window
from core.imaging.marks import Mark, MarkKind
from core.session import Session
from viewer.first_steps import FirstStepsDialog
from viewer.main_window import MainWindow
from viewer.model_comparison import ModelComparison
from viewer.models_window import ModelsWindow
from viewer.pointer import Tool
from viewer.shortcut_sheet import ShortcutSheet
from viewer.wish import Panel, TwinMode


def texts(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_an_empty_window_teaches_how_to_begin(window: MainWindow) -> None:
    assert "Drop a study folder here" in texts(window)
    assert "Research use only. Not for diagnosis." in texts(window)
    assert not command(window, "report").isEnabled()


def test_an_open_film_is_named_everywhere(
    window: MainWindow, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    assert "Phantom" in window.windowTitle()
    assert "Script, 1 thread" in texts(window)
    assert window.messages.text == ""
    assert command(window, "report").isEnabled()
    assert command(window, "heatmap").isChecked()


def test_a_film_on_screen_has_the_models_warmed_up_and_nothing_to_show_for_it(
    window: MainWindow, session: Session, shelf: ScriptedShelf, qtbot: QtBot, film: Path
) -> None:
    session.change_settings(replace(session.settings, analyze_automatically=False))
    window.open_paths([film])
    qtbot.waitUntil(lambda: len(shelf.warmed) == 1)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert shelf.asked == []
    assert "Not analyzed yet." in texts(window)


def test_the_first_steps_are_told_until_something_is_opened(
    session: Session, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    session.settings = replace(session.settings, show_welcome=True)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.show()
    assert window.comparison.teaches
    assert "What the three panels show" in texts(window)
    window.open_paths([film])
    opened(film)
    assert not window.comparison.teaches
    assert not session.settings.show_welcome
    session.close_all()
    assert "Drop a study folder here" in texts(window)
    command(window, "first_steps").trigger()
    dialog = window.findChild(FirstStepsDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_the_first_steps_are_not_told_at_the_second_start(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.settings = replace(session.settings, show_welcome=True)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.show()
    close, kept = session.close, []
    # What the window gives away to be stored goes on as ever, and is looked at.
    monkeypatch.setattr(session, "close", lambda *given: (kept.extend(given), close(*given)))
    window.close()
    assert [settings.show_welcome for settings in kept] == [False]


def test_a_folder_without_images_says_so_in_the_panels(
    window: MainWindow, opened: Callable[..., Session], tmp_path: Path
) -> None:
    write_not_an_image(tmp_path / "report.dcm")
    window.open_paths([tmp_path])
    opened(tmp_path)
    assert "Nothing to show in report.dcm" in texts(window)
    assert command(window, "open_folder").isEnabled()


def test_a_bad_folder_leaves_the_film_and_tells_in_a_line(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path, tmp_path: Path
) -> None:
    opened(film)
    shown = session.frame
    bad = tmp_path / "bad"
    bad.mkdir()
    opened(bad)
    assert "no files" in window.messages.text
    assert session.frame is shown
    opened(film)
    assert session.frame is not None


def test_files_are_dropped(window: MainWindow, session: Session, qtbot: QtBot, film: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(film))])
    drop = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    qtbot.waitUntil(lambda: session.frame is not None and not session.jobs.active)


def test_a_failed_analysis_is_told_beside_the_film(
    window: MainWindow, shelf: ScriptedShelf, opened: Callable[..., Session], film: Path
) -> None:
    shelf.error = ModelFileInvalid("The model file x is damaged.", "Choose another.")
    opened(film)
    assert window.messages.text == "The model file x is damaged. Choose another."
    assert "The analysis failed." in texts(window)


@pytest.mark.expect_log
def test_a_fault_of_the_program_is_told_once_without_values(
    window: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    error = ValueError("KIM^Minsoo")
    window.show_fault(error)
    assert "error of its own" in window.messages.text
    assert "KIM" not in window.messages.text
    window.messages.clear()
    window.show_fault(error)
    assert window.messages.text == ""
    assert any(record.levelno == logging.CRITICAL for record in caplog.records)


def test_stacks_have_a_slider_and_films_have_none(
    window: MainWindow,
    session: Session,
    opened: Callable[..., Session],
    film: Path,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    write_ct_series(tmp_path / "ct", 4)
    opened(tmp_path / "ct")
    slider = next(
        one for one in window.findChildren(QSlider) if one.accessibleName() == "Image of the series"
    )
    assert slider.isVisible()
    assert slider.maximum() == 3
    slider.setValue(2)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert session.selection is not None
    assert session.selection.position == 2
    window.comparison.setFocus()
    QTest.keyClick(window.comparison, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: session.selection.position == 0 and not session.jobs.active)
    opened(film)
    assert not slider.isVisible()


def test_keys_work_in_the_panels(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    window.comparison.setFocus()
    key, press = Qt.Key, QTest.keyClick
    press(window.comparison, key.Key_I)
    assert session.invert
    press(window.comparison, key.Key_2)
    assert session.grey == session.presets[1].grey
    press(window.comparison, key.Key_0)
    assert "Auto" in session.grey.explanation
    press(window.comparison, key.Key_W, Qt.KeyboardModifier.AltModifier)
    assert (session.grey, session.invert) == (session.presets[0].grey, False)
    press(window.comparison, key.Key_Space)
    assert not session.settings.show_corner_texts
    opacity = session.heatmap.opacity
    press(window.comparison, key.Key_Q)
    assert session.heatmap.opacity < opacity
    press(window.comparison, key.Key_D)
    assert window.tool is Tool.MEASURE
    press(window.comparison, key.Key_F9)
    assert not any(dock.isVisible() for dock in window._docks)
    press(window.comparison, key.Key_F9)
    assert all(dock.isVisible() for dock in window._docks)


def test_letters_in_a_text_are_letters(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    window.focus_impression()
    edit = window.findings_panel.findChild(QPlainTextEdit)
    QTest.keyClicks(edit, "Gain [ ] 10 Inverted ?")
    assert session.review.impression == "Gain [ ] 10 Inverted ?"
    assert session.heatmap.visible
    assert not session.invert


def test_the_panels_hand_on_what_the_reader_does(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    opened(film)
    window.comparison.windowed.emit(Window(1000, 300), True)
    assert session.grey == Window(1000, 300)
    assert session.invert
    for kind in (MarkKind.LENGTH, MarkKind.ARROW):
        window.comparison.markDrawn.emit(Mark(kind, ((1.0, 2.0), (3.0, 4.0))))
    assert [mark.name for mark in session.review.drawings.marks] == ["M1", "A1"]
    window.comparison.twinModeChanged.emit(TwinMode.NETWORK_OUTPUT)
    qtbot.waitUntil(lambda: session.twin is not None and not session.twin.detail_preserving)
    session.set_threshold(0.001)
    finding = session.reading.findings[0]
    window.comparison.findingClicked.emit(finding.identifier)
    assert session.selected_finding == finding.identifier
    view = window.comparison.viewpoint
    assert (view.row, view.column) == pytest.approx(finding.centre)
    window.comparison.contextRequested.emit(QPoint(10, 10))


def test_dialogs_open_from_their_commands(window: MainWindow) -> None:
    for name in ("shortcuts", "about", "log", "computer", "settings"):
        command(window, name).trigger()
    titles = [one.windowTitle() for one in window.findChildren(QWidget) if one.isWindow() and one.isVisible()]
    assert sorted(title for title in titles if title) == [
        "About HealthyTwin",
        "Keys and mouse",
        "Log",
        "Settings",
    ]
    (sheet,) = window.findChildren(ShortcutSheet)
    assert ("Ctrl+O", "Open folder") in sheet.shown[0].rows
    assert ("Middle drag", "Pan") in sheet.shown[-1].rows


def test_the_sheet_shows_the_keys_and_the_mouse_of_the_reader(window: MainWindow, session: Session) -> None:
    own = replace(session.settings, own_keys=(("heatmap", "F7"),), own_mouse=(("middle", "zoom"),))
    session.change_settings(own)
    command(window, "shortcuts").trigger()
    (sheet,) = window.findChildren(ShortcutSheet)
    assert ("F7", "Heatmap") in next(part for part in sheet.shown if part.title == "Analysis").rows
    assert ("Middle drag", "Zoom") in sheet.shown[-1].rows


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(
    window: MainWindow,
    session: Session,
    opened: Callable[..., Session],
    film: Path,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    opened(film)
    window.export_panel(Panel.ORIGINAL, tmp_path / "absent" / "film.png")
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert "could not be written" in window.messages.text
    window.export_panel(Panel.ORIGINAL, tmp_path / "film.png")
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert window.messages.text.startswith("Written:")
    assert not list(tmp_path.glob("*.part"))


def test_changing_how_it_looks_keeps_the_twin_on_screen(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    before = window.comparison._twin
    assert before is not None
    session.set_threshold(0.03)
    session.set_heatmap(replace(session.heatmap, opacity=0.3))
    assert window.comparison._twin is before


def test_another_patient_is_never_left_on_screen_while_reading(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path, tmp_path: Path
) -> None:
    other = write_chest_film(tmp_path / "other.dcm", seed=9, patient_id="Z", patient_name="Zoe").path
    opened(film, other)
    session._memory.clear()
    session.step_series(1 if session.selection.instance.path == film else -1)  # type: ignore[union-attr]  # opened above
    assert session.frame is None
    assert "Reading" in texts(window)
    assert "Phantom" not in window.windowTitle()


@pytest.mark.parametrize("name", ["models", "compare_models"])
def test_each_window_about_models_opens_once(
    window: MainWindow, session: Session, qtbot: QtBot, name: str
) -> None:
    kinds = {"models": ModelsWindow, "compare_models": ModelComparison}
    for _ in range(2):
        command(window, name).trigger()
        qtbot.waitUntil(lambda: not session.jobs.active, timeout=20_000)
    (opened_window,) = window.findChildren(kinds[name])
    assert opened_window.isVisible()
    opened_window.close()


def test_planes_open_once_for_each_series(
    window: MainWindow, opened: Callable[..., Session], tmp_path: Path, qtbot: QtBot
) -> None:
    write_ct_series(tmp_path / "one", seed=1, series_number=1)
    write_ct_series(tmp_path / "two", seed=1, series_number=2)
    session = opened(tmp_path)
    first = window.show_planes()
    assert first is not None
    assert window.show_planes() is first
    qtbot.waitUntil(lambda: first.volume is not None)
    session.step_series(1)
    qtbot.waitUntil(lambda: not session.jobs.active)
    second = window.show_planes()
    assert second is not None
    assert second is not first
    assert second.series != first.series
    qtbot.waitUntil(lambda: second.volume is not None)
    first.close()
    second.close()


def test_a_command_that_cannot_be_used_says_why(
    window: MainWindow, opened: Callable[..., Session], film: Path, tmp_path: Path
) -> None:
    assert window.show_planes() is None
    assert "No series is open." in command(window, "planes").toolTip()
    opened(film)
    assert not command(window, "planes").isEnabled()
    assert "not for DX" in command(window, "planes").toolTip()
    write_ct_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    assert command(window, "planes").isEnabled()
    assert command(window, "planes").toolTip() == "Three planes (M)"


def test_the_window_closes_while_a_volume_is_read(
    session: Session, opened: Callable[..., Session], tmp_path: Path, qtbot: QtBot
) -> None:
    write_ct_series(tmp_path / "ct", slices=40)
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.show()
    opened(tmp_path / "ct")
    planes = made.show_planes()
    assert planes is not None
    qtbot.waitUntil(lambda: bool(session.jobs.active))
    made.close()
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert planes.volume is None
