"""One safe file a model: weights, card, calibration and digest in the safetensors format; no pickled code.

Tensors are named `weights.*`, `aux.*` (e.g. the lung prior) and `calibration.*`; the header's metadata holds
the card and the calibration's values as JSON and a SHA-256 over everything, since the format itself does
not notice a flipped bit. Torch-free: arrays are numpy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.errors import ModelFileInvalid
from core.files import make_folder, write_whole
from core.imaging.residuals import BLUR_SHARES, map_recipe
from core.models.anomaly_model import ModelCard

_FORMAT = "healthytwin-model-1"
_LARGEST_FILE = 2 * 1024**3
_TRY_ANOTHER = "Choose another model file, or export this one again."

Arrays = dict[str, NDArray[np.generic]]

TEMPLATE = "baseline.template"  # `aux`: the mean healthy film of the training, `(size, size)` in [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class ModelFile:
    """What a model file holds. `calibration` is None for an uncalibrated model.

    `file_name`: of the file that it was read from, for errors; empty for one made in memory.
    """

    card: ModelCard
    weights: Arrays
    aux: Arrays
    calibration: tuple[Mapping[str, NDArray[Any]], dict[str, Any]] | None  # any float type; JSON object
    file_name: str = ""

    @property
    def calibrated(self) -> bool:
        """Whether a calibration of these very weights and this preprocessing is there."""
        return self.calibration is not None


@dataclass(frozen=True, slots=True)
class ModelHead:
    """What a model file says of itself, without its weights. `calibration`: values of the calibration.

    None for a model that is uncalibrated, or whose calibration belongs to other weights or preprocessing.
    """

    card: ModelCard
    calibration: Mapping[str, Any] | None  # JSON object


def weights_digest(weights: Mapping[str, NDArray[Any]]) -> str:  # any number type
    """SHA-256 over names, types, shapes and bytes of all weights, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        array = np.asarray(weights[name], order="C")  # not ascontiguousarray: a number must stay a number
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def write_model_file(path: Path, model: ModelFile) -> ModelCard:
    """Write atomically and return the card with the digest of the weights filled in.

    Raises `CannotWrite`; a half-written file is never left behind.
    """
    card = replace(model.card, weights_digest=weights_digest(model.weights))
    tensors = {f"weights.{name}": array for name, array in model.weights.items()}
    tensors |= {f"aux.{name}": array for name, array in model.aux.items()}
    info: dict[str, Any] | None = None  # JSON object
    if model.calibration is not None:
        arrays, info = model.calibration
        tensors |= {f"calibration.{name}": array for name, array in arrays.items()}
    tensors = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    metadata = {
        "format": _FORMAT,
        "card": json.dumps(card.to_json(), sort_keys=True),
        "calibration": json.dumps(info, sort_keys=True),
    }
    metadata["digest"] = _content_digest(tensors, metadata)
    make_folder(path.parent)
    write_whole(path, save(tensors, metadata))
    return card


def read_model_file(path: Path) -> ModelFile:
    """Read and verify a model file. Raises `ModelFileInvalid` naming the file and what is wrong with it."""
    metadata, tensors = _open(path)
    if metadata.get("digest") != _content_digest(tensors, metadata):
        raise ModelFileInvalid(f"{path.name} is damaged: its contents do not match its digest.", _TRY_ANOTHER)
    card = _card(path, metadata)
    weights = _part(tensors, "weights.")
    if not weights or weights_digest(weights) != card.weights_digest:
        raise ModelFileInvalid(f"The weights in {path.name} do not belong to its card.", _TRY_ANOTHER)
    for name, array in tensors.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise ModelFileInvalid(f"{path.name} holds values that are no numbers in {name}.", _TRY_ANOTHER)
    info = _calibration_info(path, metadata)
    arrays = _part(tensors, "calibration.")
    bound = (arrays, info) if _is_bound(info, card) else None
    return ModelFile(card, weights, _part(tensors, "aux."), bound, path.name)


def calibration_words(calibration: Mapping[str, Any] | None) -> str:  # JSON object
    """What a model was calibrated on, in words."""
    if calibration is None:
        return "uncalibrated"
    try:
        return f"calibrated on {int(calibration['films'][1])} healthy films of {calibration['source']}"
    except (KeyError, TypeError, ValueError, IndexError):
        return "calibrated"


def read_head(path: Path) -> ModelHead:
    """Card and values of the calibration, without reading weights. Raises `ModelFileInvalid`."""
    with _safe_open(path) as file:
        metadata = _metadata(path, file)
    card, info = _card(path, metadata), _calibration_info(path, metadata)
    return ModelHead(card, info if _is_bound(info, card) else None)


def read_card(path: Path) -> ModelCard:
    """Only the card, without reading weights. Raises `ModelFileInvalid`."""
    with _safe_open(path) as file:
        return _card(path, _metadata(path, file))


def _open(path: Path) -> tuple[dict[str, str], Arrays]:
    with _safe_open(path) as file:
        metadata = _metadata(path, file)
        try:
            return metadata, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dict
        except (SafetensorError, OSError, TypeError, ValueError, AttributeError) as error:
            # An AttributeError is safetensors' answer to a type of number that numpy does not have.
            raise ModelFileInvalid(f"{path.name} cannot be read: {error}.", _TRY_ANOTHER) from error


def _safe_open(path: Path) -> Any:  # safetensors has no types
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise ModelFileInvalid(f"{path.name} is larger than any model of this program.", _TRY_ANOTHER)
        return safe_open(path, framework="np")
    except OSError as error:
        raise ModelFileInvalid(
            f"The model file {path} cannot be opened: {error.strerror or error}.", _TRY_ANOTHER
        ) from error
    except SafetensorError as error:
        if _may_hold_code(path):
            raise ModelFileInvalid(
                f"{path.name} is a pickle or zip file, as PyTorch writes them: opening it could run hidden "
                "code, so this program never does.",
                "Choose a .safetensors file of this program.",
            ) from error
        raise ModelFileInvalid(
            f"{path.name} is not a model file of this program ({error}).", _TRY_ANOTHER
        ) from error


def _may_hold_code(path: Path) -> bool:
    """Whether a file begins as a zip archive (torch.save since 1.6) or as a pickle of protocol 2 or later."""
    with path.open("rb") as file:
        start = file.read(4)
    return start == b"PK\x03\x04" or (len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5)


def _metadata(path: Path, file: Any) -> dict[str, str]:  # safetensors has no types
    metadata = file.metadata() or {}
    if metadata.get("format") != _FORMAT:
        raise ModelFileInvalid(
            f"{path.name} holds weights, but not in the form of this program.", _TRY_ANOTHER
        )
    return dict(metadata)


def _card(path: Path, metadata: dict[str, str]) -> ModelCard:
    try:
        return ModelCard.from_json(json.loads(metadata["card"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelFileInvalid(f"The card in {path.name} cannot be read: {error}.", _TRY_ANOTHER) from error


def _calibration_info(path: Path, metadata: dict[str, str]) -> Any:  # JSON
    try:
        return json.loads(metadata.get("calibration", "null"))
    except (ValueError, RecursionError) as error:
        raise ModelFileInvalid(
            f"The calibration in {path.name} cannot be read: {error}.", _TRY_ANOTHER
        ) from error


def _is_bound(info: Any, card: ModelCard) -> bool:  # JSON
    """Whether a calibration is one of these very weights, this preprocessing and maps that are made so."""
    return (
        isinstance(info, dict)
        and card.kind in BLUR_SHARES
        and info.get("map") == map_recipe(card.kind)
        and info.get("weights_digest") == card.weights_digest
        and info.get("spec_digest") == card.input_spec.digest
    )


def _part(tensors: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}


def _content_digest(tensors: Arrays, metadata: dict[str, str]) -> str:
    digest = hashlib.sha256(weights_digest(tensors).encode())
    for name in ("format", "card", "calibration"):
        digest.update(f"{name}|{metadata.get(name, '')}|".encode())
    return digest.hexdigest()
