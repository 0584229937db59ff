"""The list of models: what is used, what a card says; models come and go, and the shown film follows."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from scripted_shelf import ScriptedShelf

from core.jobs import JobQueue
from core.models.acceptance_record import write_record
from core.session import Session
from core.settings import Settings
from viewer import model_card, models_window
from viewer.app import make_application
from viewer.main_thread import MainThread
from viewer.models_window import CARD_WORDS, CheckpointDialog, ModelsWindow

WAIT_MS = 60_000


@pytest.fixture
def folder(tmp_path: Path, small_models: Path) -> Path:
    """The reader's folder: one accepted model, one that is not."""
    place = tmp_path / "own"
    place.mkdir()
    for name in ("healthygan-small", "sr-anogan-small"):
        shutil.copy(small_models / f"{name}.safetensors", place)
    write_record(place / "sr-anogan-small.safetensors", {"passed": True}, "2026-03-04T00:00:00+00:00")
    return place


@pytest.fixture
def own_session(qapp: QApplication, folder: Path, shelf: ScriptedShelf) -> Iterator[Session]:
    make_application()
    bridge = MainThread()
    settings = Settings(show_welcome=False, model_folder=str(folder))
    made = Session(JobQueue(bridge.post), settings, open_shelf=lambda wished: shelf)
    yield made
    made.close()
    QCoreApplication.processEvents()


@pytest.fixture
def window(own_session: Session, qtbot: QtBot) -> ModelsWindow:
    made = ModelsWindow(own_session)
    qtbot.addWidget(made)
    made.show()
    rest(own_session, qtbot)
    return made


def rest(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)


def row(window: ModelsWindow, name: str) -> list[str]:
    for place in range(window.table.rowCount()):
        cells = [window.table.item(place, column).text() for column in range(window.table.columnCount())]
        if cells[0] == name:
            return cells
    return []


def choose(window: ModelsWindow, name: str) -> None:
    for place in range(window.table.rowCount()):
        if window.table.item(place, 0).text() == name:
            window.table.selectRow(place)


def test_the_list_says_which_models_are_used_and_why(window: ModelsWindow) -> None:
    assert row(window, "sr-anogan small")[5] == "in use since 2026-03-04"
    assert row(window, "healthygan small")[5] == "when asked by name"
    assert row(window, "healthygan small")[3] == "50 healthy films of phantoms"


def test_the_card_is_readable_and_what_ships_cannot_be_deleted(window: ModelsWindow) -> None:
    choose(window, "healthygan small")
    text = window.card.toPlainText()
    assert "HealthyGAN, preset lite" in text
    assert "Made in code for tests; knows nothing of people." in text
    assert "{" not in text, "no raw JSON"
    assert window.remove.isEnabled()
    shipped = [entry for entry in window._entries if entry.shipped]
    if shipped:
        choose(window, shipped[0].card.name)
        assert not window.remove.isEnabled()
        assert "Credit" in window.card.toPlainText()


def test_a_deleted_model_is_gone_and_the_film_is_asked_again(
    window: ModelsWindow, own_session: Session, shelf: ScriptedShelf, film: Path, folder: Path, qtbot: QtBot
) -> None:
    own_session.open([film])
    rest(own_session, qtbot)
    asked = len(shelf.asked)
    choose(window, "sr-anogan small")
    window.remove.click()
    rest(own_session, qtbot)
    assert row(window, "sr-anogan small") == []
    assert not (folder / "sr-anogan-small.safetensors").exists()
    assert str(folder / "deleted" / "sr-anogan-small.safetensors") in window.messages.text
    assert len(shelf.asked) == asked + 1


def test_an_imported_model_is_in_the_list_and_chosen(
    window: ModelsWindow, own_session: Session, folder: Path, qtbot: QtBot
) -> None:
    choose(window, "healthygan small")
    window.remove.click()
    rest(own_session, qtbot)
    window.take_in(folder / "deleted" / "healthygan-small.safetensors")
    rest(own_session, qtbot)
    assert window.chosen is not None
    assert window.chosen.path == folder / "healthygan-small.safetensors"
    assert "Imported as" in window.messages.text


def test_what_cannot_be_imported_is_said(
    window: ModelsWindow, own_session: Session, tmp_path: Path, folder: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "360000-G.ckpt"
    broken.write_bytes(b"nothing")
    before = sorted(folder.iterdir())
    window.take_in(broken)
    rest(own_session, qtbot)
    assert "360000-G.ckpt" in window.messages.text
    assert sorted(folder.iterdir()) == before


def test_a_model_is_exported(
    window: ModelsWindow, own_session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    choose(window, "healthygan small")
    window.export(tmp_path / "for others.safetensors")
    rest(own_session, qtbot)
    assert (tmp_path / "for others.safetensors").is_file()
    assert "for others.safetensors" in window.messages.text


def test_the_dialog_finds_the_critic_beside_the_generator(window: ModelsWindow, tmp_path: Path) -> None:
    for letter in "GD":
        (tmp_path / f"360000-{letter}.ckpt").touch()
    dialog = CheckpointDialog(tmp_path / "360000-G.ckpt", window)
    taken: list[tuple[object, ...]] = []
    dialog.taken.connect(lambda *said: taken.append(said))
    dialog.size_px.setCurrentText("128")
    dialog.population.setCurrentText("adult")
    dialog._take()
    generator, critic = tmp_path / "360000-G.ckpt", tmp_path / "360000-D.ckpt"
    assert taken == [(generator, critic, "healthygan-360000-G", 128, "adult")]


def test_the_chosen_model_can_be_compared(window: ModelsWindow) -> None:
    wanted: list[Path] = []
    window.compareWanted.connect(wanted.append)
    choose(window, "healthygan small")
    window.compare.click()
    assert wanted == [window._entries[0].path]


class ScriptedQuestion(QObject):
    """Answers a command by rule instead of starting a process."""

    progressed = Signal(str)
    said = Signal(object)
    answered = Signal(object)
    failed = Signal(str)
    asked: ClassVar[list[tuple[str, ...]]] = []
    answer: ClassVar[object] = None
    stopped: ClassVar[int] = 0

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        type(self).asked.append(tuple(arguments))

    def ask(self) -> None:
        self.progressed.emit("Reading films (3 of 9)")
        if isinstance(self.answer, str):
            self.failed.emit(self.answer)
        elif self.answer is not None:
            self.answered.emit(self.answer)

    def stop(self) -> None:
        type(self).stopped += 1


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> type[ScriptedQuestion]:
    kind = type("Question", (ScriptedQuestion,), {"asked": [], "answer": None, "stopped": 0})
    monkeypatch.setattr(models_window, "Question", kind)
    return kind


def test_a_model_that_passed_is_in_use_and_its_test_is_kept(
    window: ModelsWindow, own_session: Session, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """The dialog has its own tests; here what follows from it."""
    file = folder / "healthygan-small.safetensors"
    choose(window, "healthygan small")
    dialog = window.ask_test()
    assert dialog is not None
    rest(own_session, qtbot)
    dialog.films.set_place(tmp_path)
    write_record(file, {"passed": True}, "2026-05-06T00:00:00+00:00")  # as the dialog does
    own_session.models_changed()
    dialog.activated.emit(file)
    dialog.close()
    rest(own_session, qtbot)
    assert row(window, "healthygan small")[5] == "in use since 2026-05-06"
    assert own_session.settings.test_films == str(tmp_path)
    again = window.ask_test()
    assert again is not None
    assert again.films.place == tmp_path
    again.close()
    rest(own_session, qtbot)


def test_a_calibration_can_be_stopped_and_only_one_runs(
    window: ModelsWindow, questions: type[ScriptedQuestion], folder: Path
) -> None:
    choose(window, "healthygan small")
    window.calibrate_on(folder)
    assert "Reading films (3 of 9)" in window.work.text()
    assert window.stop.isVisible()
    assert not window.test.isEnabled()
    assert not window.calibrate.isEnabled()
    window.stop.click()
    assert questions.stopped == 1
    assert window.calibrate.isEnabled()
    assert not window.stop.isVisible()


def test_a_calibration_that_fails_says_why(
    window: ModelsWindow, questions: type[ScriptedQuestion], folder: Path
) -> None:
    choose(window, "healthygan small")
    questions.answer = "There are no films."
    window.calibrate_on(folder)
    assert window.messages.text == "There are no films."


def test_a_calibration_goes_into_the_readers_own_folder(
    window: ModelsWindow, own_session: Session, questions: type[ScriptedQuestion], folder: Path, qtbot: QtBot
) -> None:
    file = folder / "healthygan-small.safetensors"
    choose(window, "healthygan small")
    questions.answer = {"file": str(file)}
    window.calibrate_on(folder)
    rest(own_session, qtbot)
    assert questions.asked[-1][-3:] == ("--out", str(file), "--json")
    assert "Test it before it is used" in window.messages.text
    shipped = [entry for entry in window._entries if entry.shipped]
    if shipped:
        choose(window, shipped[0].card.name)
        assert not window.test.isEnabled()
        window.calibrate_on(folder)
        assert Path(questions.asked[-1][-2]).parent == folder


def test_the_words_of_a_card_that_are_translated_are_those_of_the_card() -> None:
    source = inspect.getsource(model_card)
    assert [words for words in CARD_WORDS if f'"{words}"' not in source.replace("_", " ")] == []
