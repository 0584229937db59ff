"""Folders of 1,000 and 10,000 files to the list of studies, and one large film to its first picture."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
import pytest
from phantoms import write_chest_film, write_ct_series
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from core import settings as settings_file
from core.dicom.file_labels import KEYWORDS
from core.dicom.frames import read_frame
from core.dicom.index import StudyIndex, scan, scan_onto
from core.settings import Settings
from core.study_database import study_database
from viewer.app import build_window, make_application
from viewer.main_window import MainWindow

FILES = 1000
MANY, MANY_IN_A_SERIES = 10_000, 500
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


# What a scanner writes beside what the phantom has: about 90 elements together (measured.md section 4).
USUAL = {
    **dict.fromkeys(("InstanceCreationDate", "AcquisitionDate", "ContentDate", "SeriesDate"), "20260101"),
    **dict.fromkeys(("InstanceCreationTime", "AcquisitionTime", "ContentTime", "SeriesTime"), "101010.000"),
    **dict.fromkeys(("InstitutionName", "InstitutionAddress", "StationName", "OperatorsName"), "Somewhere"),
    **dict.fromkeys(("ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions"), "Phantom"),
    **dict.fromkeys(("ProtocolName", "ScanOptions", "FilterType", "ConvolutionKernel"), "STANDARD"),
    **dict.fromkeys(("PatientWeight", "PatientSize", "KVP", "DataCollectionDiameter"), "70"),
    **dict.fromkeys(("ReconstructionDiameter", "DistanceSourceToDetector", "GantryDetectorTilt"), "350"),
    **dict.fromkeys(("DistanceSourceToPatient", "TableHeight", "FocalSpots", "SliceLocation"), "1.5"),
    **dict.fromkeys(("ExposureTime", "XRayTubeCurrent", "Exposure", "GeneratorPower"), "200"),
    **dict.fromkeys(("StudyID", "AcquisitionNumber", "PerformedProcedureStepID"), "1"),
    **dict.fromkeys(("ImageComments", "AdditionalPatientHistory", "ContrastBolusAgent"), "none"),
    **dict.fromkeys(("RequestedProcedureDescription", "PerformedProcedureStepDescription"), "CT chest"),
    "RotationDirection": "CW",
    "PatientPosition": "HFS",
    "PositionReferenceIndicator": "SN",
    "RescaleType": "HU",
    "LossyImageCompression": "00",
    "ReferringPhysicianName": "Phantom^Referring",
    "SpecificCharacterSet": "ISO_IR 100",
    "AccessionNumber": "A-1",
    "StudyTime": "100000",
    "PatientAge": "050Y",
}


def write_archive(root: Path, files: int, in_a_series: int) -> Path:
    """Series of small slices with long headers: each file is one that pydicom wrote, with its own values."""
    number_mark, place_mark = "99999", "-99999.999"
    (path,) = write_ct_series(root / "mark", 1, **USUAL)
    ds = pydicom.dcmread(path)
    shutil.rmtree(root / "mark")
    block = ds.private_block(0x0019, "PHANTOM", create=True)
    for element in range(8):
        block.add_new(element, "DS", str(element))
    for keyword in ("ReferencedStudySequence", "ReferencedImageSequence"):
        item = pydicom.Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", "1.2.3"
        setattr(ds, keyword, [item])
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.88888.{number_mark}"
    ds.SeriesInstanceUID, ds.StudyInstanceUID = "1.2.4.88888", "1.2.5.88888"
    ds.InstanceNumber = number_mark
    ds.ImagePositionPatient = ["-100", "-100", place_mark]
    ds.save_as(root / "mark")
    content = (root / "mark").read_bytes()
    (root / "mark").unlink()
    for series in range(files // in_a_series):
        folder = root / f"series-{series}"
        folder.mkdir()
        of_series = content.replace(b"88888", f"{series + 10000}".encode())
        for number in range(in_a_series):
            own = of_series.replace(number_mark.encode() + b"\0", f"{number + 10000}".encode() + b"\0")
            own = own.replace(number_mark.encode() + b" ", f"{number + 10000}".encode() + b" ")
            own = own.replace(place_mark.encode(), f"{number * 2.5:010.3f}".encode())
            (folder / f"IM{number:05d}").write_bytes(own)
    return root


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty series of 500 slices."""
    return write_archive(tmp_path_factory.mktemp("archive"), MANY, MANY_IN_A_SERIES)


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


def _pydicom_alone(archive: Path) -> None:
    for path in sorted(archive.rglob("IM*")):
        pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(KEYWORDS))


def _opened(archive: Path, database: Path) -> StudyIndex:
    with study_database(database) as known:
        return scan_onto(StudyIndex(), [archive], database=known).index


def _elapsed_s(work: Callable[[], object]) -> float:
    """Time of the processor: others on the machine take their share of the clock's."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.mark.benchmark(group="10,000 files")
def test_archive_beside_pydicom(
    benchmark: BenchmarkFixture, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """First opening at most 0.2 times pydicom alone, second opening at most 0.05 times."""
    ratios: dict[str, list[float]] = {"first opening": [], "second opening": []}

    def in_turn() -> None:
        database = tmp_path / f"{len(ratios['first opening'])}" / "index.sqlite3"
        peer = _elapsed_s(lambda: _pydicom_alone(archive))
        for name in ratios:
            ratios[name].append(_elapsed_s(lambda: _opened(archive, database)) / peer)

    benchmark.pedantic(in_turn, rounds=3)
    index = _opened(archive, tmp_path / "0" / "index.sqlite3")
    assert (len(index.series), len(index.instances)) == (MANY // MANY_IN_A_SERIES, MANY)
    medians = {f"{name} / pydicom": round(sorted(found)[1], 3) for name, found in ratios.items()}
    benchmark.extra_info.update(medians)
    with capsys.disabled():
        print(f"\n10,000 headers, times of the processor: {medians}")  # noqa: T201 - what this is for


WINDOW = """
import json, sys, time
from pathlib import Path
from core.settings import Settings, save
from viewer.app import build_window, make_application
folder, place = Path(sys.argv[1]), Path(sys.argv[2])
save(Settings(analyze_automatically=False, show_welcome=False), place / "settings.json")
app = make_application()
window = build_window(place / "settings.json")
window.session._warm = True  # networks are not what is measured
window.show()
def rest(condition):
    quiet = time.monotonic()
    while time.monotonic() - quiet < 1.0:
        app.processEvents()
        time.sleep(0.005)
        if window.session.jobs.active or not condition():
            quiet = time.monotonic()
def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
rest(lambda: True)
empty, begun, first = megabytes(), time.monotonic(), None
window.open_paths([folder])
while window.session.frame is None:
    app.processEvents()
    time.sleep(0.001)
first = time.monotonic() - begun
while any(job.title.startswith("Looking") for job in window.session.jobs.active):
    app.processEvents()
    time.sleep(0.001)
whole = time.monotonic() - begun
rest(lambda: window.session.frame is not None)
more = round(megabytes() - empty)
print(json.dumps({"empty_mb": round(empty), "more_mb": more, "first_image_s": round(first, 2),
    "whole_s": round(whole, 2), "files": len(window.session.index.instances)}))
window.close()
"""


def window_figures(folder: Path, place: Path) -> dict[str, float]:
    """Memory of the empty window, and what opening a folder adds; measured in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", WINDOW, str(folder), str(place)], capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


@pytest.mark.benchmark(group="10,000 files")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_archive_in_the_window(
    benchmark: BenchmarkFixture, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Less than 150 MB above the empty window, small pictures and the frames of the shown series included."""
    figures = benchmark.pedantic(window_figures, args=(archive, tmp_path), rounds=1)
    assert figures["files"] == MANY
    benchmark.extra_info.update(figures)
    with capsys.disabled():
        print(f"\n10,000 files in the window: {figures}")  # noqa: T201 - what this is for


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
