"""Mutated files through `scan` and `read_frame`: what dies, hangs, grows, or fails without words.

    make fuzz COUNT=20000 SEED=0

Each file is made from its own seed, so a fault is found again with COUNT=1 and its seed. The work is done in
a process that may die; the one that watches counts the death, keeps the file, and goes on with the next seed.
Blocks of seeds that are done are not done again: a campaign that was stopped goes on where it was. Kept
files, and the tally of each block, lie in the folder `--out` (out/fuzz).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import pydicom
from fuzz_mutations import mutated
from PIL import Image

from core.dicom import decoding
from core.dicom.frames import read_frame
from core.dicom.index import scan
from core.errors import ProductError

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data" / "dicom"
LARGEST_SOURCE = 1_500_000
NO_SOURCES = (".xz", ".csv", ".md", ".txt", ".py")
BLOCK = 500
SILENCE_S = 120.0  # without a sign of life the working process hangs
MAIN_CPU_S = 5.0
MAIN_GROWTH = 2**30
CHILD_MEMORY = 3 * 2**30 + 2**29
FRAMES_READ = 3
_ON_LINUX = sys.platform.startswith("linux")


@dataclass(slots=True)
class Tally:
    """What came of a range of seeds. Times in seconds of CPU, memory in MiB; `worst` names the seeds."""

    files: int = 0
    shown: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    faults: list[dict[str, object]] = field(default_factory=list)
    decoder_deaths: int = 0
    decodes_stopped: int = 0
    worst: dict[str, tuple[float, int]] = field(default_factory=dict)

    def at_most(self, what: str, value: float, seed: int) -> None:
        """Keep the largest value of a kind with its seed."""
        if value > self.worst.get(what, (-1.0, 0))[0]:
            self.worst[what] = (round(value, 3), seed)

    def add(self, other: Tally) -> None:
        """Take another range's figures in."""
        self.files += other.files
        self.shown += other.shown
        self.decoder_deaths += other.decoder_deaths
        self.decodes_stopped += other.decodes_stopped
        self.failures.update(other.failures)
        self.mutations.update(other.mutations)
        self.faults += other.faults
        for what, (value, seed) in other.worst.items():
            self.at_most(what, value, seed)

    def as_json(self) -> dict[str, object]:
        """The tally as JSON values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @staticmethod
    def of(stored: dict[str, object]) -> Tally:
        """A tally out of its JSON form."""
        tally = Tally(**stored)  # type: ignore[arg-type]  # written by `as_json`
        tally.failures, tally.mutations = Counter(tally.failures), Counter(tally.mutations)
        tally.worst = {what: (pair[0], pair[1]) for what, pair in tally.worst.items()}
        return tally


class Corpus:
    """The files that are mutated: those of ../shared where they are, else those of the pydicom wheel.

    Half of the choices are compressed images, most of the others uncompressed ones.
    """

    def __init__(self, folder: Path | None = None) -> None:
        wheel = Path(pydicom.__file__).parent / "data" / "test_files"
        root = folder or (SHARED if SHARED.is_dir() else wheel)
        paths = sorted(path for path in root.rglob("*") if path.is_file())
        self._paths = [
            path
            for path in paths
            if 132 < path.stat().st_size < LARGEST_SOURCE
            and path.suffix not in (".xz", ".csv", ".md", ".txt", ".py")
        ]
        self._pictures = _pictures()
        compressed = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"
        contents = {path: path.read_bytes() for path in self._paths}
        self._compressed = [path for path in self._paths if compressed in contents[path]]
        self._images = [path for path in self._paths if b"\xe0\x7f\x10\x00" in contents[path]]

    def mutated(self, seed: int) -> tuple[str, bytes, tuple[str, ...]]:
        """Name of the source, bytes, and mutations of a seed."""
        rng = np.random.default_rng(seed)
        kind = rng.random()
        if kind < 0.02:
            name, content = self._pictures[int(rng.integers(len(self._pictures)))]
        else:
            paths = self._compressed if kind < 0.5 else self._images if kind < 0.9 else self._paths
            path = paths[int(rng.integers(len(paths)))]
            name, content = path.name, path.read_bytes()
        return name, *mutated(content, rng)


def _pictures() -> list[tuple[str, bytes]]:
    """A PNG and a JPEG made in code."""
    grey = np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("picture.png", "picture.jpg"):
            Image.fromarray(grey).save(Path(folder) / name)
            made.append((name, (Path(folder) / name).read_bytes()))
    return made


def try_seed(seed: int, corpus: Corpus, path: Path, tally: Tally) -> None:
    """One mutated file through scan and read_frame; whatever is no `ProductError` becomes a fault."""
    name, content, done = corpus.mutated(seed)
    path.write_bytes(content)
    tally.files += 1
    tally.mutations.update(done)
    _forget_peaks()
    held = _memory("self", "VmRSS")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what would be printed is seen by nobody
            began = time.process_time()
            index = scan([path])
            tally.at_most("scan CPU s", time.process_time() - began, seed)
            targets = [(one, frame) for one in index.instances for frame in _frames(one.number_of_frames)]
            if not targets:
                tally.failures["skipped: " + _kind(index.skipped[0].reason)] += 1
            for source, frame in targets or [(path, 0)]:
                _read(source, frame, seed, tally)
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        tally.faults.append(
            {
                "seed": seed,
                "source": name,
                "mutations": done,
                "error": traceback.format_exc(limit=-6),
                "what": _kind(repr(error)),
            }
        )
    grown = _memory("self", "VmHWM") - held
    tally.at_most("main peak growth MiB", grown / 2**20, seed)
    tally.at_most("main peak MiB", _memory("self", "VmHWM") / 2**20, seed)
    if grown > MAIN_GROWTH:
        tally.faults.append({"seed": seed, "source": name, "what": f"the process grew by {grown >> 20} MiB"})


def _read(source: object, frame: int, seed: int, tally: Tally) -> None:
    """One frame, with the time and memory it took here and in the decoding process."""
    before = {process.pid: _cpu(process.pid) for process in decoding._PROCESSES.all if process.pid}
    began = time.process_time()
    try:
        read_frame(source, frame)  # type: ignore[arg-type]  # an Instance or a Path
        tally.shown += 1
    except ProductError as error:
        tally.failures[_kind(error.message.partition(": ")[2])] += 1
        tally.decoder_deaths += "broke down" in error.message
        tally.decodes_stopped += "takes too long" in error.message
    here = time.process_time() - began
    tally.at_most("read CPU s", here, seed)
    if here > MAIN_CPU_S:
        tally.faults.append({"seed": seed, "what": f"reading took {here:.1f} s of CPU"})
    for process in decoding._PROCESSES.all:
        if process.pid is None:
            continue
        tally.at_most("decode CPU s", _cpu(process.pid) - before.get(process.pid, 0.0), seed)
        peak = _memory(str(process.pid), "VmHWM")
        tally.at_most("decoding process peak MiB", peak / 2**20, seed)
        if peak > CHILD_MEMORY:
            tally.faults.append({"seed": seed, "what": f"the decoding process took {peak >> 20} MiB"})


def _frames(count: int) -> list[int]:
    return sorted({0, count // 2, count - 1})[:FRAMES_READ]


def _kind(reason: str) -> str:
    """A reason without its numbers and names."""
    return re.sub(r"“[^”]*”|[\d,.]*\d", "#", reason)[:110]


def _memory(process: str, what: str) -> int:
    """Bytes of a process as the system counts them; 0 where it does not."""
    with contextlib.suppress(OSError):
        for line in (
            Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
        ):
            if line.startswith(what):
                return int(line.split()[1]) * 1024
    return 0


def _cpu(pid: int | None) -> float:
    with contextlib.suppress(OSError):
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _forget_peaks() -> None:
    """Let the system count this process's largest memory anew."""
    if _ON_LINUX:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


# --- the process that works, and the one that watches ---------------------------------------------


def work(start: int, count: int, out: Path, corpus: Corpus) -> None:
    """Try a range of seeds; say each before it begins, and leave the tally at the end."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutated.dcm"
        for seed in range(start, start + count):
            sys.stdout.write(f"{seed}\n")
            sys.stdout.flush()
            known = len(tally.faults)
            try_seed(seed, corpus, path, tally)
            if len(tally.faults) > known:
                (out / f"seed-{seed}.dcm").write_bytes(path.read_bytes())
    decoding.close()
    (out / f"tally-{start}-{count}.json").write_text(json.dumps(tally.as_json()), encoding="utf-8")


def watch(start: int, count: int, out: Path, corpus_folder: Path | None) -> Tally:
    """One block of seeds in processes of their own; a death costs its own seed."""
    total = Tally()
    end = start + count
    while start < end:
        finished = out / f"tally-{start}-{end - start}.json"
        if not finished.is_file():
            last = _one_process(start, end - start, out, corpus_folder)
            if not finished.is_file():
                reached = start if last is None else last
                # What was tried before the death counts too: it is tried again, in a process of its own.
                if reached > start:
                    total.add(watch(start, reached - start, out, corpus_folder))
                total.files += 1
                total.faults.append({"seed": reached, "what": "the process died or hung"})
                (out / f"seed-{reached}.dcm").write_bytes(Corpus(corpus_folder).mutated(reached)[1])
                start = reached + 1
                continue
        total.add(Tally.of(json.loads(finished.read_text(encoding="utf-8"))))
        break
    return total


def _one_process(start: int, count: int, out: Path, corpus_folder: Path | None) -> int | None:
    """Run a range in a process of its own; the seed that it said last."""
    command = [
        sys.executable,
        __file__,
        "--work",
        "--seed",
        str(start),
        "--count",
        str(count),
        "--out",
        str(out),
    ]
    if corpus_folder is not None:
        command += ["--corpus", str(corpus_folder)]
    said = out / "last-seed.txt"
    with said.open("w", encoding="ascii") as stream:
        process = subprocess.Popen(command, stdout=stream)
        size, since = 0, time.monotonic()
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
            if said.stat().st_size != size:
                size, since = said.stat().st_size, time.monotonic()
            elif time.monotonic() - since > SILENCE_S:
                process.kill()
    if process.returncode == 1:
        raise RuntimeError("the working process failed by itself; what it said stands above")
    seeds = said.read_text(encoding="ascii").split()
    return int(seeds[-1]) if seeds else None


def report(tally: Tally) -> str:
    """The tally in lines to read."""
    lines = [
        f"{tally.files:,} files, {tally.shown:,} frames shown, "
        f"{sum(tally.failures.values()):,} failures in words, {len(tally.faults)} faults",
        f"decoding processes that died: {tally.decoder_deaths}, that were stopped: {tally.decodes_stopped}",
        *(f"largest {what}: {value:,} (seed {seed})" for what, (value, seed) in sorted(tally.worst.items())),
        *(f"{count:7,}  {reason}" for reason, count in tally.failures.most_common(60)),
        *(f"FAULT {json.dumps(fault)}" for fault in tally.faults),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Command line; exit status 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000, help="number of files")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first file; the others follow")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "fuzz", help="where results are kept")
    parser.add_argument("--corpus", type=Path, help="folder with the files that are mutated")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    wish.out.mkdir(parents=True, exist_ok=True)
    if wish.work:
        work(wish.seed, wish.count, wish.out, Corpus(wish.corpus))
        return 0
    total = Tally()
    began = time.monotonic()
    for start in range(wish.seed, wish.seed + wish.count, BLOCK):
        total.add(watch(start, min(BLOCK, wish.seed + wish.count - start), wish.out, wish.corpus))
        done = f"{total.files:,} of {wish.count:,} files, {len(total.faults)} faults"
        sys.stderr.write(f"{done}, {time.monotonic() - began:.0f} s\n")
    sys.stdout.write(report(total))
    return 1 if total.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
