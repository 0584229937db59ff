"""Does each file of a set do what the set's manifest expects? One verdict for each file, with the reason.

A manifest is a CSV file with a line for each file. Only the column `file` must be there; what else is given
is checked: `expected` in words, `pixels_sha256` over all stored values (little-endian, C order, before any
colour is converted), `dtype`, `shape`, `min`, `max`. Without a manifest every file below the folder must
give an image or a clear reason why not.
"""

from __future__ import annotations

import hashlib
import math
import re
import tarfile
import tempfile
import tracemalloc
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.dicom.frames import LOSSY_SYNTAXES, read_frame, stored_values
from core.dicom.gate import open_admitted
from core.dicom.image_pixel import IMAGE_PIXEL_KEYWORDS, describe
from core.dicom.index import ScanContext, StudyIndex, scan
from core.dicom.manifest import Wanted, manifest_rows, read_manifest, wanted_of
from core.dicom.raster import is_raster
from core.dicom.tags import harmless, read_attributes, uid_name
from core.errors import ProductError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.imaging.frame import Frame

# What a refusal may claim of memory: the walk over a header needs kilobytes, any picture megabytes.
_REFUSAL_BYTES = 64 * 2**20
# Decoders of lossy streams may round differently (1 grey level over 15 real files, 2 in one).
_LOSSY_TOLERANCE = 2
_MAX_UNPACKED_BYTES = 4 * 2**30
# What begins a sentence about a file that is not damaged but holds no image.
_NO_IMAGE = ("no image", "not a dicom", "the table of contents")


# The standard's own names fill a line each.
_SHORT_NAMES = {
    "1.2.840.10008.1.2": "implicit LE",
    "1.2.840.10008.1.2.1": "explicit LE",
    "1.2.840.10008.1.2.1.98": "encapsulated uncompressed",
    "1.2.840.10008.1.2.1.99": "deflated",
    "1.2.840.10008.1.2.2": "explicit BE",
    "1.2.840.10008.1.2.4.50": "JPEG baseline",
    "1.2.840.10008.1.2.4.51": "JPEG extended",
    "1.2.840.10008.1.2.4.53": "JPEG spectral selection",
    "1.2.840.10008.1.2.4.55": "JPEG progressive",
    "1.2.840.10008.1.2.4.57": "JPEG lossless P14",
    "1.2.840.10008.1.2.4.70": "JPEG lossless SV1",
    "1.2.840.10008.1.2.4.80": "JPEG-LS lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS near-lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.201": "HTJ2K lossless",
    "1.2.840.10008.1.2.4.202": "HTJ2K lossless RPCL",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
    "1.2.840.10008.1.2.5": "RLE",
    "1.2.840.10008.1.2.8.1": "deflated frames",
}


class Verdict(StrEnum):
    """Whether a file does what is expected of it.

    BETTER: an error was expected, but the pixels are, value for value, those of another file of the manifest
    on which independent decoders agree.
    """

    MET = "met"
    BETTER = "better"
    NOT_MET = "not met"


class Outcome(StrEnum):
    """What the program does with a file."""

    IMAGE = "image"
    REFUSED = "refused"
    NO_IMAGE = "no image"
    SERIES = "series"
    FAULT = "fault"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file: its kind, what was expected, what came, and whether that is what was expected.

    `reason` is empty where nothing needs to be said; it is never empty where the expectation is not met.
    """

    file: str
    kind: str
    expected: str
    outcome: Outcome
    verdict: Verdict
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class KindCount:
    """How many files of one kind had which outcome."""

    outcomes: dict[Outcome, int] = field(default_factory=lambda: defaultdict(int))
    files: int = 0
    not_met: int = 0


def check(
    folder: Path, manifest: Path | None = None, context: ScanContext | None = None
) -> tuple[FileResult, ...]:
    """A verdict for every line of the manifest of `folder`, or for every file below it if there is none.

    `manifest`: the CSV file to use, else every `*manifest*.csv` that lies in the folder and has a column
    `file`. Raises `NoImages` if nothing is there to be checked. Whatever a file does to the program is a
    verdict about the file; only what `context.checkpoint` raises stops the check.
    """
    rows = manifest_rows(folder, manifest)
    twins = {row["pixels_sha256"].lower(): row["file"] for row in rows if row.get("pixels_sha256")}
    results: list[FileResult] = []
    for done, row in enumerate(rows):
        if context is not None:
            context.checkpoint()
            context.report(done, len(rows), harmless(row["file"]))
        results.append(_judged(folder, row, twins))
    return tuple(results)


def by_kind(results: Sequence[FileResult]) -> dict[str, KindCount]:
    """Files counted by kind and outcome, in the order of the kinds' names."""
    counts: dict[str, KindCount] = defaultdict(KindCount)
    for result in results:
        count = counts[result.kind]
        count.files += 1
        count.outcomes[result.outcome] += 1
        count.not_met += result.verdict is Verdict.NOT_MET
    return dict(sorted(counts.items()))


# --- one file ----------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    """What the program made of one file."""

    outcome: Outcome
    kind: str
    reason: str = ""
    sha256: str = ""
    dtype: str = ""
    shape: str = ""
    low: float = math.nan
    high: float = math.nan
    lossy: bool = False
    notes: tuple[str, ...] = ()
    peak_bytes: int = 0


def _judged(folder: Path, row: Mapping[str, str], twins: Mapping[str, str]) -> FileResult:
    """The verdict on one line of the manifest; `twins`: files by the digest of their stored values."""
    path = folder / row["file"]
    expected = row.get("expected", "")
    wanted = wanted_of(row)
    if not path.exists():
        seen, problem = _Seen(Outcome.ABSENT, "absent"), "the file is absent."
    elif wanted is Wanted.SERIES or path.is_dir():
        seen, problem = _series(path, row)
    elif wanted is Wanted.FILE_SET:
        seen, problem = _file_set(path)
    else:
        seen = _seen(path, row, measured="alloc" in expected.lower())
        problem = _problem(wanted, seen, row)
    verdict, reason = (Verdict.NOT_MET if problem else Verdict.MET), problem or seen.reason
    if problem and wanted is Wanted.ERROR and seen.sha256 in twins:
        verdict, reason = Verdict.BETTER, f"all stored values are those of {twins[seen.sha256]}."
    return FileResult(row["file"], seen.kind, expected, seen.outcome, verdict, reason, seen.notes)


def _seen(path: Path, row: Mapping[str, str], *, measured: bool) -> _Seen:
    """Open a file as the program does, and all of its frames; `measured`: also what memory it takes."""
    if not measured:
        return _opened(path, row)
    already = tracemalloc.is_tracing()
    if not already:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        seen = _opened(path, row)
        return seen._replace(peak_bytes=tracemalloc.get_traced_memory()[1] - before)
    finally:
        if not already:
            tracemalloc.stop()


def _opened(path: Path, row: Mapping[str, str]) -> _Seen:
    try:
        frame = read_frame(path)
        seen = _values_of(path, frame)
        last = frame.source.number_of_frames - 1
        if last > 0:
            read_frame(path, last)
        return seen
    except ProductError as error:
        return _refusal(path, row, str(error.message))
    except OSError as error:
        return _refusal(path, row, f"{path.name}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - to find the program's own faults is what this is for
        return _Seen(Outcome.FAULT, _told_kind(row), f"the program failed: {type(error).__name__}: {error}.")


def _refusal(path: Path, row: Mapping[str, str], message: str) -> _Seen:
    """A file that gives no image: is there none, or is it damaged? The list of files says so too."""
    reason = message.removeprefix(f"{path.name}: ")
    if not reason.lower().startswith(_NO_IMAGE):
        return _Seen(Outcome.REFUSED, _told_kind(row), message)
    listed = next(iter(scan([path]).skipped), None)
    words = listed.reason if listed is not None else reason
    kind = re.search(r"\((.+)\)\.$", words)
    return _Seen(
        Outcome.NO_IMAGE, f"no image: {kind[1] if kind else words.rstrip('.')}", f"{path.name}: {words}"
    )


def _values_of(path: Path, first: Frame) -> _Seen:
    """Digest, type, shape and range of the stored values of all frames, one frame at a time."""
    digest, low, high = hashlib.sha256(), math.inf, -math.inf
    raster = is_raster(path)
    count = first.source.number_of_frames
    values = first.stored
    for index in range(count):
        if not raster:
            values = stored_values(path, index).values
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        digest.update(np.ascontiguousarray(values).tobytes())
        finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    shape = values.shape if count == 1 else (count, *values.shape)
    return _Seen(
        outcome=Outcome.IMAGE,
        kind=_picture_kind(first) if raster else _kind(path),
        sha256=digest.hexdigest(),
        dtype=values.dtype.str,
        shape="x".join(map(str, shape)),
        low=low,
        high=high,
        lossy=first.source.lossy or first.source.transfer_syntax_uid in LOSSY_SYNTAXES,
        notes=first.notes,
    )


def _kind(path: Path) -> str:
    """Transfer syntax, photometric interpretation, bits and frames, as the file has them."""
    opened = open_admitted(path)
    with opened.stream as stream:
        attributes = read_attributes(stream, IMAGE_PIXEL_KEYWORDS)
        pixels = describe(attributes, opened.survey)
    parts = (
        _syntax_words(opened.survey.transfer_syntax_uid),
        pixels.photometric_interpretation,
        f"{pixels.bits_stored} in {pixels.bits_allocated} bits"
        + (", signed" if pixels.pixel_representation else "")
        + (", float" if pixels.pixel_keyword != "PixelData" else ""),
        "several frames" if pixels.frames > 1 else "one frame",
    )
    return " · ".join(parts)


def _syntax_words(uid: str) -> str:
    return _SHORT_NAMES.get(uid) or uid_name(uid) or uid


def _picture_kind(frame: Frame) -> str:
    kind = "JPEG picture" if frame.source.lossy else "PNG picture"
    return f"{kind} · {frame.photometric_interpretation} · {frame.bits_stored} bits"


def _told_kind(row: Mapping[str, str]) -> str:
    """The kind as the manifest tells it, for files that the program does not open."""
    bits = "/".join(row[name] for name in ("bits_stored", "bits_allocated") if row.get(name))
    parts = (
        _syntax_words(row.get("transfer_syntax", "")),
        row.get("photometric"),
        f"{bits} bits" if bits else "",
    )
    return "refused: " + (" · ".join(part for part in parts if part) or "of unknown kind")


def _problem(wanted: Wanted, seen: _Seen, row: Mapping[str, str]) -> str:
    """Why a file is not what was expected, or nothing."""
    if seen.outcome is Outcome.FAULT:
        return seen.reason
    if seen.peak_bytes > _REFUSAL_BYTES:
        return f"{seen.peak_bytes:,} bytes were allocated for it."
    if seen.outcome is Outcome.IMAGE:
        if wanted in (Wanted.ERROR, Wanted.NO_IMAGE):
            return f"expected {wanted.value}, but an image of {seen.shape} was read."
        return _other_values(seen, row)
    if wanted is Wanted.IMAGE:
        return f"an image was expected. {seen.reason}"
    return ""


def _other_values(seen: _Seen, row: Mapping[str, str]) -> str:
    """In what the pixels differ from the manifest, or nothing."""
    wrong = [
        f"{name} is {found}, expected {row[name]}"
        for name, found in (("dtype", seen.dtype), ("shape", seen.shape))
        if row.get(name) and not _same_text(row[name], found)
    ]
    range_known = True
    for name, found in (("min", seen.low), ("max", seen.high)):
        told = _number(row.get(name, ""))
        range_known = range_known and told is not None
        if told is not None and abs(told - found) > (_LOSSY_TOLERANCE if seen.lossy else 1e-6 * abs(told)):
            wrong.append(f"{name} is {found:g}, expected {told:g}")
    sha256 = row.get("pixels_sha256", "").lower()
    if sha256 and sha256 != seen.sha256 and not (seen.lossy and range_known and not wrong):
        wrong.append("the stored values differ from those on which other decoders agree")
    return "; ".join(wrong) + "." if wrong else ""


def _same_text(told: str, found: str) -> bool:
    """Whether a type or shape is the same, however it is written: <u2 and uint16, 4x5 and (4, 5)."""
    if re.findall(r"\d+", told) == re.findall(r"\d+", found) and told[:1] in "(0123456789[":
        return True
    try:
        return np.dtype(told) == np.dtype(found)
    except TypeError:
        return told == found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


# --- file sets and series ----------------------------------------------------------------------------


def _file_set(path: Path) -> tuple[_Seen, str]:
    """A DICOMDIR: either its images are listed, or it is named as what it is."""
    try:
        index = scan([path])
    except Exception as error:  # noqa: BLE001 - to find the program's own faults is what this is for
        return _Seen(Outcome.FAULT, "DICOMDIR"), f"the program failed: {type(error).__name__}: {error}."
    if index:
        return _Seen(Outcome.SERIES, "DICOMDIR", f"{len(index.instances)} images."), ""
    words = " ".join(one.reason for one in index.skipped)
    return _Seen(Outcome.NO_IMAGE, "DICOMDIR", words), "" if words else "nothing is said of it."


def _series(path: Path, row: Mapping[str, str]) -> tuple[_Seen, str]:
    """A folder or archive of slices: how many series and images, whether all are right and in order."""
    kind = "series in an archive" if path.is_file() else "series in a folder"
    try:
        with tempfile.TemporaryDirectory() as place:
            root = path
            if path.is_file():
                root = Path(place)
                _unpack(path, root)
            index = scan([root])
            problem = _series_problem(path, index, row, root)
            outcome = Outcome.SERIES if index else Outcome.NO_IMAGE
            return _Seen(outcome, kind, f"{len(index.series)} series, {_images(index)} images."), problem
    except (OSError, tarfile.TarError, EOFError) as error:
        return _Seen(Outcome.REFUSED, kind), f"the archive cannot be unpacked: {error}."
    except ProductError as error:
        return _Seen(Outcome.REFUSED, kind), str(error.message)
    except Exception as error:  # noqa: BLE001 - to find the program's own faults is what this is for
        return _Seen(Outcome.FAULT, kind), f"the program failed: {type(error).__name__}: {error}."


def _unpack(path: Path, target: Path) -> None:
    """Files of a tar archive, none outside of `target` and not more than the limit."""
    left = _MAX_UNPACKED_BYTES
    with tarfile.open(path) as archive:
        for member in archive:
            left -= member.size
            if left < 0:
                raise tarfile.TarError(f"it holds more than {_MAX_UNPACKED_BYTES // 2**30} GiB")
            archive.extract(member, target, filter="data")


def _images(index: StudyIndex) -> int:
    return sum(series.number_of_images for series in index.series)


def _series_problem(path: Path, index: StudyIndex, row: Mapping[str, str], root: Path) -> str:
    words = row.get("expected", "").lower()
    count = re.search(r"(\d+) (images|slices|files|frames)", words)
    if count and _images(index) != int(count[1]):
        return f"{_images(index)} images, expected {count[1]}."
    if "one series" in words and len(index.series) != 1:
        return f"{len(index.series)} series, expected one."
    slices = {Path(one["file"]).name: one for one in _slices(path)}
    for series in index.series:
        orders = [
            order
            for instance in series.instances
            if (order := _number(slices.get(instance.path.name, {}).get("spatial_order", ""))) is not None
        ]
        if orders not in (sorted(orders), sorted(orders, reverse=True)):
            return "the slices are not in the order of their positions."
    for instance in index.instances:
        wanted = slices.get(instance.path.name)
        problem = _other_values(_values_of(instance.path, read_frame(instance)), wanted) if wanted else ""
        if problem:
            return f"{instance.path.relative_to(root)}: {problem}"
    return ""


def _slices(path: Path) -> Iterator[dict[str, str]]:
    """Lines about the slices of an archive in the `*manifest*.csv` beside it, without their shape."""
    for manifest in sorted(path.parent.glob("*manifest*.csv")):
        for line in read_manifest(manifest):
            if line.get("archive") == path.name:
                yield line
