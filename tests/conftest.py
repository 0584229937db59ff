"""What every test stands on: no display, strict logs, nothing left behind, real films where at hand."""

from __future__ import annotations

import logging
import os
import sys
import tarfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from approved_images import Approved

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LC_ALL"] = "C.UTF-8"  # the window speaks English, whoever runs the tests

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
_LANE_PREFIX = "lane-"  # of the worker threads of core.jobs
_PATIENCE_S = 2.0


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real films and DICOM files beside the project, or a skip that says so."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data of {SHARED_DATA}, which is not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def real_series(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Unpacks a real series by the name of its archive, once; the files are for reading only."""
    folder = tmp_path_factory.mktemp("series")

    def unpacked(name: str) -> Path:
        if not (folder / name).is_dir():
            with tarfile.open(shared_data / "dicom" / "series" / f"{name}.tar.xz") as files:
                files.extractall(folder / name, filter="data")
        return folder / name

    return unpacked


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small HealthyGAN and a small SR-AnoGAN, calibrated on phantoms."""
    from small_models import write_small_models  # imports torch, which few tests need

    folder = tmp_path_factory.mktemp("models")
    write_small_models(folder)
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flag that takes pictures over as approved."""
    parser.addoption("--approve-images", action="store_true", help="take the pictures of image tests over")


@pytest.fixture
def approved(request: pytest.FixtureRequest, tmp_path: Path) -> Approved:
    """Compares a picture with the approved one of its name; see `approved_images`."""
    from approved_images import Approved  # imports Qt, which many tests do not need

    return Approved(request.config.getoption("--approve-images"), tmp_path)


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """Fail a test that leaves a widget, a running timer or a lane's worker behind.

    Its name comes first in the alphabet of the fixtures here: set up first, it looks last.
    """
    windows_before = {id(widget) for widget in _windows()}
    yield
    _let_qt_delete()
    windows = [widget for widget in _windows() if id(widget) not in windows_before]
    assert not windows, f"widgets were left behind: {windows}"
    assert not _running_timers(), "a timer of the application still runs"
    workers = [thread for thread in threading.enumerate() if thread.name.startswith(_LANE_PREFIX)]
    for worker in workers:
        worker.join(_PATIENCE_S)
    assert not any(worker.is_alive() for worker in workers), f"workers were left behind: {workers}"


@pytest.fixture(autouse=True)
def _private_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings, index and logs of the tests away from those of the person who runs them."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture(autouse=True)
def _strict_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test that logs a warning or worse without being marked `expect_log`."""
    yield
    if request.node.get_closest_marker("expect_log"):
        return
    loud = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not loud, "unexpected in the log: " + "; ".join(record.getMessage() for record in loud)


def _windows() -> list[object]:
    """Top-level widgets; none as long as no test has imported Qt."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    return list(widgets.QApplication.topLevelWidgets())


def _running_timers() -> list[object]:
    core = sys.modules.get("PySide6.QtCore")
    application = None if core is None else core.QCoreApplication.instance()
    if core is None or application is None:
        return []
    return [timer for timer in application.findChildren(core.QTimer) if timer.isActive()]


def _let_qt_delete() -> None:
    """Carry out what `deleteLater` has put off: outside of a running event loop nothing else does."""
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
        core.QCoreApplication.processEvents()
