"""A compressed CT series, decoded by two threads: ours beside SimpleITK, in the same run.

Both read the same files with two threads that take one slice after the other, round by round in turn, so that
whatever else the machine does falls on both. The ratios are printed (-s). CPU time is the steadier measure
on a machine that is busy: of this process and, for ours, of the processes that decode.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import SimpleITK as sitk
from phantoms import write_grey
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless
from pytest_benchmark.fixture import BenchmarkFixture

from core.dicom import decoding
from core.dicom.frames import read_frame

SLICES, SIZE, THREADS, ROUNDS = 40, 512, 2, 7
SYNTAXES = {"JPEG-LS": JPEGLSLossless, "JPEG 2000": JPEG2000Lossless}
READERS = ("ours", "SimpleITK")


@pytest.fixture(scope="module", params=SYNTAXES)
def series(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, list[Path]]]:
    """Slices of 512 x 512 and 12 bits, smooth with noise, which compress about 2.4 times."""
    folder = tmp_path_factory.mktemp("series")
    rng = np.random.default_rng(0)
    down, across = np.mgrid[0:SIZE, 0:SIZE]
    paths = []
    for number in range(SLICES):
        smooth = 1000 + 800 * np.sin(down / 40 + number / 10) * np.cos(across / 55)
        stored = (smooth + rng.normal(0, 20, smooth.shape)).clip(0, 4095).astype(np.uint16)
        paths.append(folder / f"{number:03d}.dcm")
        write_grey(
            paths[-1],
            stored,
            transfer_syntax_uid=SYNTAXES[request.param],
            BitsStored=12,
            HighBit=11,
            Modality="CT",
            SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
            SOPInstanceUID=f"1.2.3.{number + 1}",
            ImagePositionPatient=[0, 0, number],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[0.7, 0.7],
            RescaleSlope=1,
            RescaleIntercept=0,
        )
    yield request.param, paths
    decoding.close()


def ours(path: Path) -> np.ndarray:
    return read_frame(path).stored


def peer(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path))).reshape(SIZE, SIZE)


def cpu_seconds() -> float:
    """CPU time of this process and of the decoding processes."""
    total = time.process_time()
    for process in decoding._PROCESSES.all:
        stat = Path(f"/proc/{process.pid}/stat")
        if process.pid is not None and stat.exists():
            user, system = stat.read_text(encoding="ascii").rsplit(")", 1)[1].split()[11:13]
            total += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return total


def test_series_on_two_threads(benchmark: BenchmarkFixture, series: tuple[str, list[Path]]):
    name, paths = series
    readers: dict[str, Callable[[Path], np.ndarray]] = dict(zip(READERS, (ours, peer), strict=True))
    assert np.array_equal(ours(paths[3]), peer(paths[3]))
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    wall: dict[str, list[float]] = {reader: [] for reader in READERS}
    cpu: dict[str, list[float]] = {reader: [] for reader in READERS}
    with ThreadPoolExecutor(THREADS) as threads:

        def one_round() -> None:
            for reader, read in readers.items():
                began, worked = time.perf_counter(), cpu_seconds()
                list(threads.map(read, paths))
                wall[reader].append((time.perf_counter() - began) / SLICES * 1e3)
                cpu[reader].append((cpu_seconds() - worked) / SLICES * 1e3)

        one_round()
        for taken in (*wall.values(), *cpu.values()):
            taken.clear()
        benchmark.pedantic(one_round, rounds=ROUNDS)
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before)
    for kind, taken in (("wall", wall), ("CPU", cpu)):
        ratios = [a / b for a, b in zip(taken["ours"], taken["SimpleITK"], strict=True)]
        best = {reader: min(taken[reader]) for reader in READERS}
        sys.stdout.write(
            f"\n{name}, {THREADS} threads, {kind}: ours {best['ours']:.2f} ms a slice, SimpleITK "
            f"{best['SimpleITK']:.2f}; ratio of the best {best['ours'] / best['SimpleITK']:.2f}, "
            f"median of the rounds' ratios {median(ratios):.2f}\n"
        )
