"""The controls of analysis and grey scale follow the session and change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from scripted_shelf import SPEC, ScriptedShelf, analysis_of
from state_files import voi, write_state

from core.imaging.findings import Sign, count_regions
from core.inference.analysis import ModelChoice
from core.inference.calibration import FilmResiduals, fit_calibration
from core.session import Session
from viewer.display_panel import DisplayPanel, price_words
from viewer.threshold_slider import THRESHOLD_STEP


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> DisplayPanel:
    made = DisplayPanel(session)
    qtbot.addWidget(made)
    made.show()
    return made


def named(panel: QWidget, kind: type[QWidget], name: str) -> QWidget:
    return next(widget for widget in panel.findChildren(kind) if widget.accessibleName() == name)


def labels(panel: QWidget) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel))


def test_without_an_image_there_is_nothing_to_set(panel: DisplayPanel) -> None:
    assert "No image is open." in labels(panel)
    assert not named(panel, QSlider, "Threshold").isVisibleTo(panel)
    assert not named(panel, QDoubleSpinBox, "Window center").isEnabled()


def test_the_threshold_and_its_price(
    panel: DisplayPanel, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    assert "uncalibrated" in labels(panel)
    assert (
        "findings above" in labels(panel) or "1 finding above" in labels(panel) or "Nothing" in labels(panel)
    )
    slider = named(panel, QSlider, "Threshold")
    assert slider.value() == 20
    slider.setValue(4)
    assert session.heatmap.threshold == pytest.approx(0.02)
    reset = named(panel, QToolButton, "Back to the calibrated threshold")
    assert reset.isEnabled()
    reset.click()
    assert session.heatmap.threshold == pytest.approx(0.1)
    assert not reset.isEnabled()


def test_style_controls_follow_and_change(
    panel: DisplayPanel, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    boxes = {box.text(): box for box in panel.findChildren(QCheckBox)}
    boxes["Heatmap"].click()
    boxes["Outline only"].click()
    assert (session.heatmap.visible, session.heatmap.contour) == (False, True)
    session.set_heatmap(replace(session.heatmap, visible=True, opacity=0.25))
    assert boxes["Heatmap"].isChecked()
    assert named(panel, QSlider, "Opacity").value() == 5
    named(panel, QSlider, "Opacity").setValue(10)
    assert session.heatmap.opacity == 0.5
    sign = named(panel, QComboBox, "Kind of difference")
    sign.activated.emit(1)
    assert session.heatmap.sign is Sign.LUCENT
    assert not named(panel, QComboBox, "Colours").isEnabled()


def test_the_window_is_typed_chosen_and_inverted(
    panel: DisplayPanel, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    preset = named(panel, QComboBox, "Window preset")
    assert preset.currentIndex() == 0
    named(panel, QDoubleSpinBox, "Window width").setValue(500)
    assert session.grey.width == 500  # type: ignore[union-attr]  # a window by now
    assert preset.currentIndex() == -1
    preset.activated.emit(1)
    assert session.grey == session.presets[1].grey
    next(box for box in panel.findChildren(QCheckBox) if box.text() == "Invert").click()
    assert session.invert


def test_the_model_is_chosen_run_and_stopped(
    panel: DisplayPanel,
    session: Session,
    shelf: ScriptedShelf,
    opened: Callable[..., Session],
    film: Path,
    qtbot: QtBot,
) -> None:
    opened(film)
    shelf.hold()
    named(panel, QComboBox, "Model").activated.emit(2)
    assert session.choice is ModelChoice.BOTH
    qtbot.waitUntil(lambda: "Analyzing" in labels(panel))
    stop = named(panel, QToolButton, "Stop")
    stop.click()
    assert named(panel, QToolButton, "Analyze") is stop
    shelf.release()
    stop.click()
    qtbot.waitUntil(lambda: len(session.reading.analyses) == 2)
    front = named(panel, QComboBox, "Opinion in front")
    assert front.count() == 3
    front.activated.emit(2)
    assert session.reading.shown is session.reading.analyses[1]


def test_a_refusal_and_its_reasons_are_readable(
    panel: DisplayPanel, shelf: ScriptedShelf, opened: Callable[..., Session], film: Path
) -> None:
    shelf.refuse = "This is a lateral view."
    opened(film)
    assert "Not suitable" in labels(panel)
    assert "This is a lateral view." in labels(panel)


def test_the_price_is_what_the_calibration_counts(
    session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    random = np.random.default_rng(1)
    films = [
        FilmResiduals(*np.abs(random.normal(0, 0.02, (2, SPEC.size, SPEC.size))).astype(np.float32), None)
        for _ in range(120)
    ]
    second = films[20:]
    calibration = fit_calibration(
        films[:20],
        second,
        weight=np.ones((SPEC.size, SPEC.size), np.float32),
        weights_digest="w",
        spec_digest=SPEC.digest,
        map_recipe="m",
        source="noise",
    )
    analysis = replace(analysis_of(session.frame), calibration=calibration)  # type: ignore[arg-type]  # opened
    threshold = float(np.median(calibration.denser_peaks))
    share = (calibration.denser_peaks >= threshold).mean()
    words = price_words(analysis, Sign.DENSER, threshold).replace("\u00a0", " ")
    assert f"Lights {share:.0%} of healthy films (n = 100)" in words
    assert "about" in words, "between two steps of the slider"
    assert price_words(analysis, Sign.LUCENT, 0.5).startswith("Lights 0% of")
    for sign in Sign:
        lucent = sign is Sign.LUCENT
        step = 20 * THRESHOLD_STEP
        for value in (step, calibration.threshold(lucent=lucent)):
            counts = [count_regions(calibration.maps(one)[lucent], value) for one in second]
            price = price_words(analysis, sign, value)
            assert price.endswith(f", {np.mean(counts):.2f} false regions a film.")
        assert price.startswith("Calibrated: lights 5% of")


def test_in_agreement_both_models_state_score_and_price(
    panel: DisplayPanel, session: Session, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    opened(film)
    session.choose_model(ModelChoice.BOTH)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert "HealthyGAN: score" in labels(panel)
    assert "SR-AnoGAN: score" in labels(panel)
    assert "HealthyGAN unknown at\u00a00.100; SR-AnoGAN unknown at\u00a00.100" in labels(panel)
    session.show_opinion("sr-anogan")
    assert "HealthyGAN: score" not in labels(panel)
    assert "HealthyGAN unknown" not in labels(panel)


def test_words_have_the_room_that_they_need_when_they_grow(
    panel: DisplayPanel, session: Session, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    panel.setFixedWidth(230)
    panel.show()
    opened(film)
    for choice in (ModelChoice.HEALTHYGAN, ModelChoice.BOTH):
        session.choose_model(choice)
        qtbot.waitUntil(lambda: not session.jobs.active)
        QApplication.processEvents()
        words = [
            one for one in panel.findChildren(QLabel) if one.wordWrap() and one.isVisible() and one.text()
        ]
        assert words
        assert [one.text() for one in words if one.height() < one.heightForWidth(one.width())] == []


def test_states_and_layers_show_where_there_are_any(
    panel: DisplayPanel, session: Session, opened: Callable[..., Session], tmp_path: Path, film: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    shutter = {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": 2, "ShutterRightVerticalEdge": 8}
    shutter |= {"ShutterUpperHorizontalEdge": 1, "ShutterLowerHorizontalEdge": 6}
    image = write_grey(folder / "image", np.arange(64, dtype=np.uint16).reshape(8, 8))
    wishes = {"SoftcopyVOILUTSequence": [voi(30, 20)], "ContentDescription": "hip", **shutter}
    write_state(folder / "state", image, **wishes)
    write_state(folder / "colour", image, SOPClassUID="1.2.840.10008.5.1.4.1.1.11.2")
    opened(folder)
    states = named(panel, QComboBox, "Presentation state")
    assert states.isVisibleTo(panel)
    assert [states.itemText(n) for n in range(states.count())] == [
        "As the file says",
        "hip (2024-01-02)",
        "State (2024-01-02): not applied",
    ]
    assert states.currentIndex() == 1
    assert session.grey is not None
    assert (session.grey.center, session.grey.width) == (30, 20)
    boxes = {box.text(): box for box in panel.findChildren(QCheckBox)}
    assert boxes["Shutter"].isVisibleTo(panel)
    assert not boxes["Overlays"].isVisibleTo(panel)
    boxes["Shutter"].setChecked(False)
    assert not session.layers.shutter
    states.activated.emit(0)
    assert session.presented is not None
    assert session.presented.state is None
    assert session.presented.frame is session.frame
    assert not boxes["Shutter"].isVisibleTo(panel)
    opened(film)
    assert not states.isVisibleTo(panel)
