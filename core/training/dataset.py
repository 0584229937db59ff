"""Local folders or lists -> training films: split by patient, and what was left out and why.

A source of films is a folder (searched recursively; DICOM, PNG, JPEG) or a CSV list with the columns
`file` (relative to the list) and, optionally, `patient_id`, `source`, `label` and `role`. Films of one
patient, exact duplicates and near copies never cross a split; a patient whose healthy films are held out has
no mixed film in training; copies do not stand in both sets.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dicom.frames import read_frame
from core.errors import DatasetTooSmall, ModelDoesNotFit, NoImages, ProductError, UnreadableFile
from core.imaging.frame import Frame
from core.imaging.model_input import ModelInput, ModelInputSpec, central_quantiles, matched, to_model_grid
from core.jobs import NO_JOB, JobContext
from core.training.film_list import listed_path, read_list

FloatImage = NDArray[np.float32]

ROLES = ("train", "cal1", "cal2", "val")
_HEALTHY_SHARES = (700, 100, 100, 100)
_MIXED_SHARES = (800, 0, 0, 200)
# 00000459_041: patient and number of the film. A patient's part holds a digit: film_001 and film_002 are not
# two films of a patient called "film".
_NIH_LIKE = re.compile(r"^(.*\d.*?)[_-]\d{1,3}$")
_HEALTHY_LABELS = {"healthy", "normal", "no finding", "no_finding"}
_NEAR_COPY_BITS = 2


@dataclass(frozen=True, slots=True)
class FilmFile:
    """One listed film before it is read. `role` is empty unless the list fixes it."""

    path: Path
    label: str = ""
    source: str = ""
    patient: str = ""
    role: str = ""

    @property
    def healthy(self) -> bool:
        """Whether the label says healthy."""
        return self.label.strip().lower() in _HEALTHY_LABELS


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A film that is not used, with the reason."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Films:
    """Films on the model grid, float32 `(n, size, size)` in [0, 1], with the files they came from.

    `numbers`: seven plain numbers of each film before histogram matching (mean, spread, 10 %, 90 %, centre
    mean, gradient, border mean), `(n, 7)`; `aspect`: width / height. Both serve the trivial baselines only.
    `crops`: (row, column, side) of the square crop in pixels of the film.
    """

    files: tuple[FilmFile, ...]
    pixels: FloatImage
    numbers: FloatImage
    aspect: FloatImage
    crops: tuple[tuple[int, int, int], ...]

    def __len__(self) -> int:
        return len(self.files)

    def of_sources(self, sources: Iterable[str]) -> Films:
        """Only the films of the given sources."""
        wanted = set(sources)
        return self.where([file.source in wanted for file in self.files])

    def where(self, keep: Iterable[bool]) -> Films:
        """Only the films for which `keep` is true."""
        places = np.flatnonzero(np.fromiter(keep, bool, len(self.files)))
        return Films(
            tuple(self.files[place] for place in places),
            self.pixels[places],
            self.numbers[places],
            self.aspect[places],
            tuple(self.crops[place] for place in places),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the films, sorted."""
        return tuple(sorted({file.source for file in self.files}))


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """All that a run reads: healthy films by role, mixed films by role, and what was left out.

    `cal1`, `cal2`: held-out healthy films of the calibration (statistics, p-values). `test`: labelled films
    that nothing is trained on or chosen by; no other part holds a film of their patients, or a copy.
    """

    spec: ModelInputSpec
    train: Films
    cal1: Films
    cal2: Films
    healthy_val: Films
    mixed: Films
    mixed_val: Films
    left_out: tuple[LeftOut, ...]
    test: Films | None = None

    def summary(self) -> dict[str, object]:
        """Counts by role and source for the card and the log; no names, no paths."""
        parts = {
            "healthy train": self.train,
            "calibration statistics": self.cal1,
            "calibration p-values": self.cal2,
            "healthy validation": self.healthy_val,
            "mixed train": self.mixed,
            "mixed validation": self.mixed_val,
        }
        counts: dict[str, object] = {
            name: {source or "folder": len(films.of_sources([source])) for source in films.sources}
            for name, films in parts.items()
        }
        counts["left out"] = len(self.left_out)
        return counts


def list_films(place: Path, label: str = "") -> tuple[FilmFile, ...]:
    """Films of a folder or CSV list, in a fixed order. Raises `NoImages` or `UnreadableFile`."""
    if place.is_dir():
        files = tuple(
            FilmFile(path, label=label, source="", patient="")
            for path in sorted(place.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        )
    elif place.is_file() and place.suffix.lower() == ".csv":
        files = tuple(_listed(place, label))
    else:
        raise NoImages(
            f"{place} is neither a folder nor a .csv list.", "Choose a folder of films or a list of them."
        )
    if not files:
        raise NoImages(
            f"There are no films in {place}.", "Choose a folder that holds DICOM, PNG or JPEG films."
        )
    return files


def read_films(
    files: Iterable[FilmFile], spec: ModelInputSpec, *, minimum_side_px: int = 64, ctx: JobContext = NO_JOB
) -> tuple[Films, tuple[LeftOut, ...]]:
    """Read films onto the model grid; what cannot be used is left out with its reason."""
    listed = tuple(files)
    kept: list[FilmFile] = []
    inputs: list[ModelInput] = []
    left_out: list[LeftOut] = []
    for done, file in enumerate(listed):
        ctx.checkpoint()
        ctx.report(done, len(listed), "Reading films")
        try:
            model_input, patient = _read(file, spec, minimum_side_px)
        except ProductError as error:
            left_out.append(LeftOut(file.path, error.message))
            continue
        kept.append(replace(file, patient=file.patient or patient))
        inputs.append(model_input)
    return _films(kept, inputs, spec.size), tuple(left_out)


def why_left_out(left_out: Sequence[LeftOut]) -> str:
    """In one sentence how many films were left out, and the most frequent reason; "" if none was."""
    if not left_out:
        return ""
    # Reasons of unreadable files begin with their name; without it equal faults count as one.
    reasons = [entry.reason.removeprefix(f"{entry.path.name}: ") for entry in left_out]
    reason = max(reasons, key=reasons.count)
    name = left_out[reasons.index(reason)].path.name
    return f"Left out: {len(left_out)}, {reasons.count(reason)} of them like {name}: {reason}"


def gather(
    healthy: Path,
    mixed: Path | None,
    spec: ModelInputSpec,
    *,
    histogram_match: bool = True,
    minimum_side_px: int = 200,
    minimum_healthy: int = 20,
    test: Iterable[FilmFile] = (),
    ctx: JobContext = NO_JOB,
) -> TrainingData:
    """Read, clean and split the films of a run; the spec comes back with the healthy reference curve.

    `test`: labelled films that are kept apart from all others.

    Raises `DatasetTooSmall` when fewer than `minimum_healthy` healthy films remain for training.
    """
    plain = replace(spec, reference_quantiles=())
    healthy_films, left_out = read_films(
        list_films(healthy, "healthy"), plain, minimum_side_px=minimum_side_px, ctx=ctx
    )
    mixed_films, left_out_mixed = (
        read_films(list_films(mixed, "mixed"), plain, minimum_side_px=minimum_side_px, ctx=ctx)
        if mixed is not None
        else (_films([], [], spec.size), ())
    )
    test_films, left_out_test = read_films(test, plain, ctx=ctx)
    healthy_films, tested = _apart_from(healthy_films, test_films)
    mixed_films, tested_mixed = _apart_from(mixed_films, test_films)
    healthy_films, copies = _without_copies(healthy_films, ())
    mixed_films, mixed_copies = _without_copies(mixed_films, _fingerprints(healthy_films.pixels))
    roles = _roles(healthy_films, _HEALTHY_SHARES)
    held_out = {
        file.patient for file, role in zip(healthy_films.files, roles, strict=True) if role != "train"
    }
    mixed_roles = [
        "val" if file.patient in held_out else role
        for file, role in zip(mixed_films.files, _roles(mixed_films, _MIXED_SHARES), strict=True)
    ]
    parts = {role: healthy_films.where([own == role for own in roles]) for role in ROLES}
    if len(parts["train"]) < minimum_healthy:
        raise DatasetTooSmall(
            f"Only {len(parts['train'])} usable healthy films remain for training; "
            f"at least {minimum_healthy} are needed.",
            f"Add healthy films. {why_left_out((*left_out, *tested, *copies))}".strip(),
        )
    if histogram_match:
        curve = np.mean(
            [central_quantiles(film, spec.histogram_region) for film in parts["train"].pixels], axis=0
        )
        spec = replace(spec, reference_quantiles=tuple(float(value) for value in curve))

    def finish(films: Films) -> Films:
        if not len(films):
            return films
        return replace(films, pixels=np.stack([matched(film, spec) for film in films.pixels]))

    return TrainingData(
        spec=spec,
        train=finish(parts["train"]),
        cal1=finish(parts["cal1"]),
        cal2=finish(parts["cal2"]),
        healthy_val=finish(parts["val"]),
        mixed=finish(mixed_films.where([role == "train" for role in mixed_roles])),
        mixed_val=finish(mixed_films.where([role == "val" for role in mixed_roles])),
        left_out=(
            *(*left_out, *left_out_mixed, *left_out_test),
            *(*tested, *tested_mixed, *copies, *mixed_copies),
        ),
        test=test_films if len(test_films) or left_out_test else None,
    )


def _listed(place: Path, label: str) -> Iterator[FilmFile]:
    for row in read_list(place, "file"):
        role = row["role"]
        if role not in {"", *ROLES}:
            raise UnreadableFile(
                f"Line {row.number} of {place} has the role {role!r}.",
                f"Roles are {', '.join(ROLES)} or empty.",
            )
        yield FilmFile(
            path=listed_path(place, row["file"]),
            label=row["label"] or label,
            source=row["source"],
            patient=row["patient_id"],
            role=role,
        )


def _films(files: list[FilmFile], inputs: list[ModelInput], size: int) -> Films:
    return Films(
        tuple(files),
        np.array([film.pixels for film in inputs], np.float32).reshape(-1, size, size),
        np.array([_seven_numbers(film) for film in inputs], np.float32).reshape(-1, 7),
        np.array([film.frame_shape[1] / film.frame_shape[0] for film in inputs], np.float32),
        tuple((film.row, film.column, film.side) for film in inputs),
    )


def _seven_numbers(film: ModelInput) -> tuple[float, ...]:
    """Plain numbers of a film before histogram matching; see `Films`."""
    plain = np.interp(film.pixels, film.grey_knots, film.film_knots)
    quarter, edge = film.size // 4, max(1, film.size // 16)
    centre = plain[quarter:-quarter, quarter:-quarter]
    down, across = np.gradient(plain)
    border = np.concatenate(
        [plain[:edge].ravel(), plain[-edge:].ravel(), plain[:, :edge].ravel(), plain[:, -edge:].ravel()]
    )
    low, high = np.quantile(plain, (0.1, 0.9))
    slope = float(np.abs(down).mean() + np.abs(across).mean())
    return (
        float(plain.mean()),
        float(plain.std()),
        float(low),
        float(high),
        float(centre.mean()),
        slope,
        float(border.mean()),
    )


def _read(file: FilmFile, spec: ModelInputSpec, minimum_side_px: int) -> tuple[ModelInput, str]:
    frame = read_frame(file.path)
    reason = _unsuitable(frame, minimum_side_px)
    if reason:
        raise ModelDoesNotFit(reason)
    match = _NIH_LIKE.match(file.path.stem)
    patient = match.group(1) if match else file.path.name
    if frame.source.patient_id:
        patient = hashlib.sha256(frame.source.patient_id.encode()).hexdigest()[:16]
    return to_model_grid(frame, spec), patient


def _unsuitable(frame: Frame, minimum_side_px: int) -> str:
    """Why a film is not one for training; empty when it is."""
    if not frame.is_grey:
        return "It is a colour image."
    if min(frame.rows, frame.columns) < minimum_side_px:
        return f"It is smaller than {minimum_side_px} pixels."
    if frame.source.number_of_frames > 1:
        return "It has several frames."
    if frame.source.view_position.upper() in {"LATERAL", "LL", "RL", "LLO", "RLO"}:
        return "It is a lateral view."
    return ""


def _fingerprints(pixels: FloatImage) -> NDArray[np.uint64]:
    """64-bit perceptual hashes: signs of the low cosine frequencies around their median, `(n,)`."""
    if len(pixels) == 0:
        return np.zeros(0, np.uint64)
    size = pixels.shape[1]
    wave = np.cos(np.pi / size * np.outer(np.arange(1, 9), np.arange(size) + 0.5)).astype(np.float32)
    low = np.einsum("ur,nrc,vc->nuv", wave, pixels, wave, optimize=True).reshape(len(pixels), 64)
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64).ravel()


def _without_copies(
    films: Films, others: NDArray[np.uint64] | tuple[()]
) -> tuple[Films, tuple[LeftOut, ...]]:
    """Drop films that are near copies of an earlier one of another patient, or of one in `others`."""
    prints = _fingerprints(films.pixels)
    seen = np.asarray(others, np.uint64)
    keep = np.zeros(len(films), np.bool_)
    left_out: list[LeftOut] = []
    for place, own in enumerate(prints):
        earlier = np.flatnonzero(keep)
        against_others = bool(seen.size) and int(np.bitwise_count(seen ^ own).min()) <= _NEAR_COPY_BITS
        near = earlier[np.bitwise_count(prints[earlier] ^ own) <= _NEAR_COPY_BITS]
        foreign = any(films.files[other].patient != films.files[place].patient for other in near)
        keep[place] = not (against_others or foreign)
        if against_others or foreign:
            words = "healthy set" if against_others else "set"
            left_out.append(LeftOut(films.files[place].path, f"It is a copy of another film of the {words}."))
    return films.where(keep), tuple(left_out)


def _apart_from(films: Films, test: Films) -> tuple[Films, tuple[LeftOut, ...]]:
    """Drop films of patients in the test, and copies of its films."""
    if not len(test) or not len(films):
        return films, ()
    # A patient that nothing names is called after the file, and files of two folders may share a name.
    patients = {file.patient for file in test.files if file.patient != file.path.name}
    tested = _fingerprints(test.pixels)
    keep, left_out = [], []
    for file, own in zip(films.files, _fingerprints(films.pixels), strict=True):
        copy = int(np.bitwise_count(tested ^ own).min()) <= _NEAR_COPY_BITS
        keep.append(not copy and file.patient not in patients)
        if not keep[-1]:
            words = "It is a copy of a film of the test." if copy else "Its patient is in the test."
            left_out.append(LeftOut(file.path, words))
    return films.where(keep), tuple(left_out)


def _roles(films: Films, shares: tuple[int, ...]) -> list[str]:
    """Role of each film: fixed by its list, else by a hash of its patient, so that it never changes."""
    fixed = {file.patient: file.role for file in films.files if file.role}
    roles = []
    for file in films.files:
        draw = (
            int.from_bytes(hashlib.sha256(f"split-1|{file.source}|{file.patient}".encode()).digest()[:4])
            % 1000
        )
        place = int(np.searchsorted(np.cumsum(shares), draw, side="right"))
        roles.append(fixed.get(file.patient) or ROLES[place])
    return roles
