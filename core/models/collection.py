"""The model files at hand: those that ship, the reader's own, and which of them the program uses by itself.

Of the reader's own models only those count that passed the local test (`core.training.acceptance`), the one
accepted last before the others; all can be asked by name. Torch-free, so that the window can list them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs

from core.errors import CannotWrite, ModelFileInvalid
from core.files import make_folder, safe_stem
from core.models.acceptance_record import read_record, record_path
from core.models.anomaly_model import ModelCard
from core.models.model_file import ModelFile, ModelHead, read_head, read_model_file, write_model_file
from core.resources import resource_path
from core.settings import Settings


def own_model_folder(settings: Settings) -> Path:
    """The folder of the reader's own models; it need not be there yet."""
    if settings.model_folder:
        return Path(settings.model_folder).expanduser()
    return platformdirs.user_data_path("healthytwin", appauthor=False) / "models"


def available_models(folders: tuple[Path, ...] = ()) -> tuple[tuple[Path, ModelCard], ...]:
    """Files and cards of the shipped models and of those in the given folders; later folders come first.

    Files that cannot be read are left out here; opening one by name says what is wrong with it.
    """
    return tuple(
        (path, head.card)
        for folder in (*reversed(folders), resource_path("models"))
        for path, head in _heads(folder)
    )


def active_models(folders: tuple[Path, ...] = ()) -> tuple[tuple[Path, ModelCard], ...]:
    """The models that may answer without being asked by name: the reader's accepted ones, then the shipped.

    Accepted ones in the order of their acceptance, the newest first.
    """
    accepted = []
    for folder in folders:
        for path, head in _heads(folder):
            record = read_record(path, head)
            if record is not None:
                accepted.append((record.accepted_at, path, head.card))
    accepted.sort(key=lambda entry: entry[0], reverse=True)
    shipped = ((path, head.card) for path, head in _heads(resource_path("models")))
    return (*((path, card) for _, path, card in accepted), *shipped)


def current_model(candidate: Path, folders: tuple[Path, ...] = ()) -> Path | None:
    """The model that answers now for the films of a candidate: same kind, same population; None if none does.

    Raises `ModelFileInvalid` when the candidate cannot be read.
    """
    card = read_head(candidate).card
    for path, other in active_models(folders):
        suits = other.population == card.population or "any" in {other.population, card.population}
        if other.kind == card.kind and suits and path.resolve() != candidate.resolve():
            return path
    return None


def find_model(name: str, folders: tuple[Path, ...] = ()) -> Path:
    """The file of a model by path or by name (e.g. "healthygan-chest-adult"). Raises `ModelFileInvalid`."""
    path = Path(name)
    if path.suffix == ".safetensors" or path.exists():
        return path
    known = available_models(folders)
    for file, card in known:
        if name in {file.stem, card.name}:
            return file
    names = ", ".join(file.stem for file, _ in known) or "none"
    raise ModelFileInvalid(
        f"There is no model called {name}.", f"Known models: {names}. A path to a file works too."
    )


# --- the reader's own files -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model file of the list. `calibration`: values of its calibration, None when it is uncalibrated.

    `shipped`: it comes with the program and is never changed. `accepted_at`: when it passed the local test
    (ISO 8601), "" if it did not. `behind`: the reader's own model that answers in its place, "" if none does.
    """

    path: Path
    card: ModelCard
    calibration: Mapping[str, Any] | None  # JSON object
    shipped: bool
    accepted_at: str = ""
    behind: str = ""

    @property
    def active(self) -> bool:
        """Whether it may answer without being asked by name."""
        return self.shipped or bool(self.accepted_at)


def list_models(folder: Path) -> tuple[ModelEntry, ...]:
    """The reader's own models of a folder, then those that ship; what cannot be read is left out."""
    entries = [
        _entry(path, head, folder)
        for place in (folder, resource_path("models"))
        for path, head in _heads(place)
    ]
    answering: dict[tuple[str, str], str] = {}  # of the reader's own, the first for films of these people
    for entry in entries:
        if entry.accepted_at:
            answering.setdefault(_answers_for(entry.card), entry.card.name)
    return tuple(
        replace(entry, behind=answering.get(_answers_for(entry.card), "")) if entry.shipped else entry
        for entry in entries
    )


def _answers_for(card: ModelCard) -> tuple[str, str]:
    return card.kind, card.population


def entry_of(file: Path, folder: Path) -> ModelEntry:
    """One file as the list has it; it may lie elsewhere. Raises `ModelFileInvalid`."""
    return _entry(file, read_head(file), folder)


def _entry(path: Path, head: ModelHead, folder: Path) -> ModelEntry:
    place = path.resolve().parent
    record = read_record(path, head) if place == folder.resolve() else None
    accepted_at = record.accepted_at if record is not None else ""
    shipped = place == resource_path("models").resolve()
    return ModelEntry(path, head.card, head.calibration, shipped, accepted_at)


def add_model(model: ModelFile, stem: str, folder: Path) -> Path:
    """Write a model into the reader's folder under a safe name that no other model has; returns its file."""
    make_folder(folder)
    for target in _names(folder, stem, model.card.weights_digest):
        if not target.exists():
            write_model_file(target, model)
            return target
        if _same(target, model):
            return target
    raise CannotWrite(f"There is no free name for {stem} in {folder}.", "Rename the file.")


def export_model(file: Path, target: Path) -> Path:
    """Copy a model out of the list: to a file, or into a folder under its own name. Returns the copy.

    Raises `ModelFileInvalid` when the model is damaged, and `CannotWrite` (also when another file is there).
    """
    model = read_model_file(file)
    place = target / file.name if target.is_dir() else target
    if place.suffix != ".safetensors":
        place = place.with_name(place.name + ".safetensors")
    if place.exists() and not _same(place, model):
        raise CannotWrite(f"Another file is at {place}.", "Choose another name.")
    write_model_file(place, model)
    return place


def delete_model(file: Path, folder: Path) -> Path:
    """Take one of the reader's own models out of use: into the folder `deleted` beside it, with its record.

    Returns where it is now; from there it can be brought back. Raises `CannotWrite` for a file that is not
    in the reader's folder, those that ship first of all.
    """
    if file.resolve().parent != folder.resolve():
        raise CannotWrite(f"{file.name} is not one of your own models.", "Only those can be deleted.")
    bin_folder = folder / "deleted"
    make_folder(bin_folder)
    place, number = bin_folder / file.name, 1
    while place.exists():
        number += 1
        place = bin_folder / f"{file.stem}-{number}{file.suffix}"
    try:
        file.replace(place)
        if record_path(file).exists():
            record_path(file).replace(record_path(place))
    except OSError as error:
        raise CannotWrite(
            f"{file.name} cannot be deleted: {error.strerror or error}.", "Check that you may write there."
        ) from error
    return place


def _names(folder: Path, stem: str, digest: str) -> Iterator[Path]:
    safe = safe_stem(stem) or "model"
    yield folder / f"{safe}.safetensors"
    yield folder / f"{safe}-{digest[:12]}.safetensors"
    yield from (folder / f"{safe}-{digest[:12]}-{number}.safetensors" for number in range(2, 100))


def _same(file: Path, model: ModelFile) -> bool:
    """Whether a file holds this very model: weights, card and calibration."""
    try:
        head = read_head(file)
    except ModelFileInvalid:
        return False
    info = None if model.calibration is None else model.calibration[1]
    return head.card == model.card and head.calibration == info


def _heads(folder: Path) -> Iterator[tuple[Path, ModelHead]]:
    for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else []:
        try:
            yield path, read_head(path)
        except ModelFileInvalid:
            continue
