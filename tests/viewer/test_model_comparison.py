"""Two models at both sides of a line: one film, one place, and never the other model's name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_chest_film
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from scripted_shelf import ScriptedShelf

from core.imaging.frame import Frame
from core.imaging.model_input import ModelInputSpec
from core.inference.analysis import Analysis, Answer, ModelChoice
from core.jobs import NO_JOB, JobContext, JobQueue
from core.models.anomaly_model import ModelCard
from core.models.collection import ModelEntry
from core.models.model_file import read_card
from core.session import Session
from core.settings import Settings
from viewer.app import make_application
from viewer.main_thread import MainThread
from viewer.model_comparison import ModelComparison, _first_choice

WAIT_MS = 60_000


class NamedShelf(ScriptedShelf):
    """Answers each file with its own card; the model of `dark` files makes the film darker."""

    def analyze(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext = NO_JOB) -> Answer:
        answer = super().analyze(frame, choice, ctx)
        if not isinstance(choice, Path) or not answer.analyses:
            return answer
        found = answer.analyses[0]
        values = {name: getattr(found, name) for name in Analysis.__dataclass_fields__}
        values["card"] = read_card(choice)
        values["score"] = 7.0 if "sr-anogan" in choice.name else 3.0
        if "sr-anogan" in choice.name:
            values["twin"] = np.zeros_like(found.twin)
        return Answer(frame.digest, ModelChoice(values["card"].kind), (Analysis(**values),))


@pytest.fixture
def shelf() -> NamedShelf:
    return NamedShelf()


@pytest.fixture
def own_session(
    qapp: QApplication, tmp_path: Path, small_models: Path, shelf: NamedShelf
) -> Iterator[Session]:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("healthygan-small", "sr-anogan-small"):
        shutil.copy(small_models / f"{name}.safetensors", folder)
    make_application()
    bridge = MainThread()
    settings = Settings(show_welcome=False, model_folder=str(folder), detail_preserving_twin=False)
    made = Session(JobQueue(bridge.post), settings, open_shelf=lambda wished: shelf)
    yield made
    made.close()
    QCoreApplication.processEvents()


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(3):
        write_chest_film(folder / f"{number}.dcm", rows=320, columns=300, seed=number)
    return folder


def rest(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)


@pytest.fixture
def window(own_session: Session, films: Path, qtbot: QtBot) -> ModelComparison:
    made = ModelComparison(own_session)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    rest(own_session, qtbot)
    made.open_folder(films)
    rest(own_session, qtbot)
    return made


def picture(window: ModelComparison) -> QImage:
    return window.stage.grab().toImage()


def test_each_half_carries_the_name_and_numbers_of_its_own_model(window: ModelComparison) -> None:
    one, other = window.sides
    assert one.view._content.title == "A  healthygan small"
    assert other.view._content.title == "B  sr-anogan small"
    assert "score 3.00" in one.words.text()
    assert "score 7.00" in other.words.text()
    for side in window.sides:
        assert "synthetic" in side.view._content.status
        assert side.view._content.border.name == "TWIN"


def test_both_halves_show_one_film_from_one_place(window: ModelComparison) -> None:
    """A position of the film stands at the same place of the window, whoever shows it."""

    def places() -> list[tuple[float, float]]:
        found = []
        for side in window.sides:
            x, y = side.view.mapping.to_screen(100.0, 150.0)
            found.append((x + side.view.x(), y))
        return found

    for change in (lambda: None, lambda: window.move_divider(0.2), window.fit):
        change()
        QCoreApplication.processEvents()
        one, other = places()
        assert one == pytest.approx(other, abs=0.01)
    before = places()[0]
    view = window.sides[1].view
    view.viewpointChanged.emit(view.mapping.zoomed(2.0, 10.0, 40.0))
    one, other = places()
    assert one == pytest.approx(other, abs=0.01)
    assert one != pytest.approx(before, abs=1.0)
    anchor = view.mapping.to_frame(10.0, 40.0)
    view.viewpointChanged.emit(view.mapping.zoomed(1.5, 10.0, 40.0))
    assert view.mapping.to_frame(10.0, 40.0) == pytest.approx(anchor, abs=0.01)


def test_the_divider_uncovers_the_other_models_twin(window: ModelComparison) -> None:
    """Model B answers with black: where B is uncovered, the film goes dark."""

    def brightness_at(share: float) -> float:
        image = picture(window)
        grey = [
            image.pixelColor(round(share * image.width()), y).lightness()
            for y in range(150, image.height() - 120, 7)
        ]
        return float(np.mean(grey))

    window.stage.setSizes([900, 100])
    QCoreApplication.processEvents()
    bright = brightness_at(0.55)
    window.stage.setSizes([300, 700])
    QCoreApplication.processEvents()
    assert brightness_at(0.55) < bright / 2


def test_wheel_and_keys_go_through_the_films_and_stop_at_the_ends(
    window: ModelComparison, own_session: Session, qtbot: QtBot
) -> None:
    names = [window._name.text()]
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Down)
        rest(own_session, qtbot)
        names.append(window._name.text())
    assert [name.split(" · ")[0] for name in names] == ["1 of 3", "2 of 3", "3 of 3", "3 of 3"]
    window.sides[0].view.scrolled.emit(-1)
    rest(own_session, qtbot)
    assert window._name.text().startswith("2 of 3")
    assert all(side.analysis is not None for side in window.sides)


def test_an_answer_to_the_film_before_is_never_shown(
    window: ModelComparison, own_session: Session, shelf: NamedShelf, qtbot: QtBot
) -> None:
    shelf.hold()
    window.step(1)
    qtbot.waitUntil(shelf.started.is_set, timeout=WAIT_MS)
    assert all(side.analysis is None and side.twin is None for side in window.sides)
    window.step(1)
    shelf.release()
    rest(own_session, qtbot)
    frame = window._frame
    assert frame is not None
    assert [side.analysis.frame_digest for side in window.sides if side.analysis] == [frame.digest] * 2


def test_another_model_replaces_name_and_map_together(
    window: ModelComparison, own_session: Session, qtbot: QtBot
) -> None:
    """Its answer is at hand, since B asked the same: at no moment does the twin of the first stay."""
    one = window.sides[0]
    one.choice.setCurrentIndex(1)
    assert one.twin is None
    assert one.view._picture is None
    assert one.view._content.title == "A  sr-anogan small"
    rest(own_session, qtbot)
    assert one.twin is not None
    assert "score 7.00" in one.words.text()


def test_a_film_that_does_not_suit_gets_its_reason(
    window: ModelComparison, own_session: Session, shelf: NamedShelf, qtbot: QtBot
) -> None:
    shelf.refuse = "It is a lateral view."
    window.step(1)
    rest(own_session, qtbot)
    for side in window.sides:
        assert "It is a lateral view." in side.view._content.message
        assert side.view._picture is None


def test_the_difference_is_drawn_over_the_film(window: ModelComparison) -> None:
    window.shown.setCurrentText("Difference")
    for side in window.sides:
        assert side.view._content.heat is not None
        assert "difference" in side.view._content.status


def test_the_open_study_is_where_it_begins(own_session: Session, films: Path, qtbot: QtBot) -> None:
    own_session.open([films])
    rest(own_session, qtbot)
    window = ModelComparison(own_session)
    qtbot.addWidget(window)
    rest(own_session, qtbot)
    assert own_session.frame is not None
    assert window._frame is not None
    assert window._frame.digest == own_session.frame.digest


def _card(population: str) -> ModelCard:
    return ModelCard("one", "healthygan", "lite", "1", {}, ModelInputSpec(), population=population)


@pytest.mark.parametrize(
    ("populations", "first"),
    [
        (("adult", "child", "adult"), (0, 2)),
        (("adult", "child"), (0, 1)),
        (("adult",), (0, 0)),
        ((), (-1, -1)),
    ],
)
def test_two_models_for_the_same_patients_are_compared_first(
    populations: tuple[str, ...], first: tuple[int, int]
) -> None:
    entries = tuple(
        ModelEntry(Path(f"{place}.safetensors"), _card(population), None, shipped=True)
        for place, population in enumerate(populations)
    )
    assert tuple(_first_choice(number, entries) for number in (0, 1)) == first
