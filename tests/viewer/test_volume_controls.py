"""The row of controls by itself: what it tells when it is used, and that it follows a wish in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from marked_volumes import AXIAL, Acquisition, marked_stack, turned
from pytestqt.qtbot import QtBot

from core.imaging.display import Preset
from core.imaging.frame import Window
from core.imaging.regridding import Axes, volume_of
from core.imaging.volume import Projection
from viewer.app import make_application
from viewer.pointer import Tool
from viewer.volume_controls import VolumeControls
from viewer.volume_wish import VolumeWish

WISH = VolumeWish((0.0, 0.0, 0.0), Window(1, 2))


@pytest.fixture
def controls(qtbot: QtBot) -> Iterator[VolumeControls]:
    make_application()
    made = VolumeControls()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_new_volume_is_offered_its_windows_and_thicknesses(controls: VolumeControls):
    told: list[object] = []
    controls.changed.connect(told.append)
    controls.crosshair.setChecked(False)
    controls.kind.setCurrentText("mean slab")
    told.clear()
    wish = controls.show_volume(volume_of(marked_stack(Acquisition())), WISH, 75.0)
    assert wish == VolumeWish(
        WISH.point, Window(40, 400), slab_mm=10.0, projection=Projection.MEAN, crosshair=False
    )
    assert controls.preset.findText("Lung") > 0
    assert (controls.thickness.minimum(), controls.thickness.maximum()) == (1, 75)
    assert not controls.axes.isVisible()
    controls.show_volume(volume_of(marked_stack(Acquisition(turned(AXIAL, 20)))), WISH, 75.0)
    assert controls.axes.isVisible()
    assert not told


def test_each_control_tells_what_it_changes(controls: VolumeControls):
    told: list[object] = []
    volume = volume_of(marked_stack(Acquisition()))
    controls.show_wish(controls.show_volume(volume, WISH, 75.0))
    controls.changed.connect(told.append)
    controls.invert.click()
    controls.crosshair.click()
    controls.kind.setCurrentText("MinIP slab")
    controls.thickness.setValue(20)
    controls.step_thickness(-2)
    controls.take_preset(0)
    controls.take_preset(99)
    assert told == [
        {"invert": True},
        {"crosshair": False},
        {"projection": Projection.MINIMUM},
        {"slab_mm": 20.0},
        {"slab_mm": 18.0},
        {"grey": Window(40, 400)},
    ]


def test_tools_axes_and_reset(controls: VolumeControls, qtbot: QtBot):
    tools: list[object] = []
    axes: list[object] = []
    controls.toolTaken.connect(tools.append)
    controls.axesTaken.connect(axes.append)
    controls.tools[Tool.PAN].click()
    controls.take_tool(Tool.CROSSHAIR)
    assert tools == [Tool.PAN, Tool.CROSSHAIR]
    assert [tool for tool, button in controls.tools.items() if button.isChecked()] == [Tool.CROSSHAIR]
    controls.axes.activated.emit(1)
    assert axes == [Axes.SLICES]
    assert all(button.toolTip() and button.accessibleName() for button in controls.tools.values())


def test_it_follows_what_the_mouse_did(controls: VolumeControls):
    wish = controls.show_volume(volume_of(marked_stack(Acquisition())), WISH, 75.0)
    controls.show_wish(replace(wish, grey=Window(123, 456), projection=None))
    assert controls.preset.currentIndex() == -1
    assert not controls.thickness.isEnabled()
    controls.show_wish(replace(wish, projection=Projection.MAXIMUM, slab_mm=12.0, invert=True))
    assert controls.preset.currentText() == "Window 1"
    assert controls.thickness.isEnabled()
    assert controls.invert.isChecked()


def test_the_readers_own_windows_are_offered(qtbot: QtBot):
    make_application()
    own = (Preset("Liver", Window(90, 150)),)
    made = VolumeControls(presets_of=lambda frame: own)
    qtbot.addWidget(made)
    made.show_volume(volume_of(marked_stack(Acquisition())), WISH, 75.0)
    assert [made.preset.itemText(n) for n in range(made.preset.count())] == ["Liver"]
