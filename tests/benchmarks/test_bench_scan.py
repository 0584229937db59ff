"""A folder of 1,000 files to the list of studies, and one large film to its first picture in the window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_ct_series
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from core import settings as settings_file
from core.dicom.frames import read_frame
from core.dicom.index import scan
from core.settings import Settings
from viewer.app import build_window, make_application
from viewer.main_window import MainWindow

FILES = 1000
ROWS, COLUMNS = 3000, 2500
WAIT_MS = 20_000
SYNTAXES = {
    "uncompressed": ExplicitVRLittleEndian,
    "JPEG-LS": JPEGLSLossless,
    "JPEG 2000": JPEG2000Lossless,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four series of 250 slices."""
    root = tmp_path_factory.mktemp("studies")
    for number in range(4):
        write_ct_series(root / f"series-{number}", FILES // 4, seed=number, series_number=number)
    return root


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One film of 3,000 x 2,500 in each encoding."""
    root = tmp_path_factory.mktemp("films")
    return {
        name: write_chest_film(
            root / name.replace(" ", "-"), rows=ROWS, columns=COLUMNS, transfer_syntax_uid=syntax
        ).path
        for name, syntax in SYNTAXES.items()
    }


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The window, which analyzes nothing by itself."""
    make_application()
    preferences = tmp_path / "settings.json"
    settings_file.save(Settings(analyze_automatically=False, show_welcome=False), preferences)
    made = build_window(preferences)
    made.resize(1280, 800)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.mark.benchmark(group="1,000 files")
def test_folder_to_list(benchmark: BenchmarkFixture, folder: Path):
    index = benchmark.pedantic(scan, args=([folder],), rounds=5, warmup_rounds=1)
    assert len(index.instances) == FILES


@pytest.mark.benchmark(group="one film of 3,000 x 2,500")
@pytest.mark.parametrize("encoding", SYNTAXES)
def test_read(benchmark: BenchmarkFixture, films: dict[str, Path], encoding: str):
    benchmark.pedantic(read_frame, args=(films[encoding],), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="one film of 3,000 x 2,500")
@pytest.mark.parametrize("encoding", SYNTAXES)
def test_file_to_first_picture(
    benchmark: BenchmarkFixture,
    qtbot: QtBot,
    window: MainWindow,
    films: dict[str, Path],
    encoding: str,
    tmp_path: Path,
):
    """From opening a file that was never seen to its painted picture."""
    copies = iter(range(100))

    def another() -> tuple[tuple[Path], dict[str, object]]:
        # A new file each round: frames that were read are kept by the session.
        copy = tmp_path / f"film-{next(copies)}"
        shutil.copy(films[encoding], copy)
        window.session.close_all()
        return (copy,), {}

    def opened(path: Path) -> None:
        window.open_paths([path])
        qtbot.waitUntil(lambda: window.session.frame is not None, timeout=WAIT_MS)
        window.comparison.repaint()

    benchmark.pedantic(opened, setup=another, rounds=5)
