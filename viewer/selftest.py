"""Is this installation whole? Decoders, shipped models, fonts and libraries, checked in a minute, no network.

Nothing of it needs a display. The shipped models are asked about a synthetic film, and the answer is
compared with the fingerprint that was stored when their weights were made.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import core
from core.errors import ProductError, UnreadableFile
from core.files import write_whole
from core.imaging.frame import Frame
from core.inference.analysis import Analysis
from core.models.anomaly_model import ModelCard
from core.resources import resource_path

FINGERPRINTS = "fingerprints.json"
_LARGEST_DIFFERENCE = 1e-3
_GRID = 8
# Fingerprints are of the CPU: graphics cards round differently, and are compared with it when chosen.
_DEVICE = "cpu"

Fingerprint = dict[str, Any]  # JSON object: model, score, twin, denser


class CheckFailed(ProductError):
    """A check of the self-test found a difference."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the self-test."""

    name: str
    passed: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok    ' if self.passed else 'FAILED'} {self.name}: {self.words}"


def selftest() -> Iterator[Check]:
    """Run all checks, one after the other; each says how it went, none stops the rest."""
    yield _checked("program", _program)
    manifest: dict[str, Any] = {}  # JSON object
    yield _checked("drawn film", lambda: _truth_is_whole(manifest))
    for specimen in manifest.get("specimens", ()):
        yield _checked(f"decode {specimen['file']}", partial(_decoded, manifest, specimen))
    yield _checked("networks' library", _device_words)
    models = _shipped_models()
    stored: dict[str, Fingerprint] = {}
    yield _checked("model registry", lambda: _registry(models, stored))
    for path, card in models:
        yield _checked(f"model {path.stem}", partial(_model, path, card, stored))
    yield _checked("fonts", _fonts)
    yield _checked("report", _report)


def write_fingerprints(folder: Path | None = None) -> Path:
    """Store what the shipped models answer now; done once when new weights ship. Raises `CannotWrite`."""
    target = (folder or resource_path("models")) / FINGERPRINTS
    prints = {
        card.weights_digest: {"model": card.name} | fingerprint(path, card)
        for path, card in _shipped_models()
    }
    write_whole(target, (json.dumps(prints, indent=1) + "\n").encode())
    return target


def fingerprint(model_file: Path, card: ModelCard) -> Fingerprint:
    """Score, twin and map of a model on the synthetic film with the lesion, on a coarse grid."""
    # Imported here: torch takes over a second, and the command line must start at once.
    from core.inference.analyze import ModelShelf

    answer = ModelShelf(device=_DEVICE).analyze(_film_for(card), model_file)
    if not answer.analyses:
        reasons = [reason for refusal in answer.refusals for reason in refusal.suitability.reasons]
        raise CheckFailed(f"it refuses the synthetic film: {' '.join(reasons)}")
    analysis: Analysis = answer.analyses[0]
    return {
        "score": round(analysis.score, 5),
        "twin": _coarse(analysis.twin),
        "denser": _coarse(analysis.denser),
    }


def _checked(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except ProductError as error:
        return Check(name, False, str(error))
    except Exception as error:  # noqa: BLE001  # a self-test names every fault and goes on
        return Check(name, False, f"{type(error).__name__}: {error}")


def _program() -> str:
    return f"HealthyTwin {core.__version__}, Python {platform.python_version()}, {platform.platform()}"


def _truth_is_whole(manifest: dict[str, Any]) -> str:  # JSON object
    """Fills `manifest` with the list of films that are decoded next."""
    manifest.update(_read_json(resource_path("selftest", "specimens.json")))
    pixels = np.ascontiguousarray(_specimen(manifest["truth"]).stored.astype("<u2"))
    if hashlib.sha256(pixels.tobytes()).hexdigest() != manifest["pixels_sha256"]:
        raise CheckFailed("the uncompressed film is not what it was.", "Install the program again.")
    return f"{pixels.shape[0]} × {pixels.shape[1]} px as drawn"


def _decoded(manifest: dict[str, Any], specimen: dict[str, Any]) -> str:  # JSON objects
    truth = _specimen(manifest["truth"]).stored.astype(np.int64) >> specimen["shift"]
    frame = _specimen(specimen["file"])
    if frame.stored.shape != truth.shape:
        raise CheckFailed(f"the picture has {frame.stored.shape} pixels, not {truth.shape}.")
    difference = int(np.abs(frame.stored.astype(np.int64) - truth).max())
    if difference > specimen["tolerance"]:
        raise CheckFailed(f"off by {difference} grey levels, at most {specimen['tolerance']} are allowed.")
    exact = "exact" if difference == 0 else f"within {difference} grey levels"
    return f"{frame.source.transfer_syntax_uid}, {exact}"


def _specimen(name: str | Path) -> Frame:
    from core.dicom.frames import read_frame

    return read_frame(resource_path("selftest") / name)


def _device_words() -> str:
    from core.inference.device import choose_device, device_text

    return device_text(choose_device("auto"))


def _shipped_models() -> tuple[tuple[Path, ModelCard], ...]:
    from core.models.collection import available_models

    return available_models()


def _read_json(path: Path) -> dict[str, Any]:  # JSON object
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckFailed(f"{path.name} cannot be read: {error}.", "Install the program again.") from error
    return read


def _registry(models: tuple[tuple[Path, ModelCard], ...], stored: dict[str, Fingerprint]) -> str:
    """Whether all that shipped is there, and nothing twice; fills `stored` with the fingerprints."""
    fingerprints = resource_path("models", FINGERPRINTS)
    if fingerprints.is_file():
        stored.update(_read_json(fingerprints))
    files = sorted(resource_path("models").glob("*.safetensors"))
    unread = {path.name for path in files} - {path.name for path, _ in models}
    if unread:
        raise CheckFailed(f"not readable: {', '.join(sorted(unread))}.", "Install the program again.")
    if not models:
        raise CheckFailed("no model ships with this installation.", "Install the program again.")
    digests = [card.weights_digest for _, card in models]
    gone = [said["model"] for digest, said in stored.items() if digest not in digests]
    if gone:
        raise CheckFailed(f"missing: {', '.join(sorted(gone))}.", "Install the program again.")
    doubled = [path.name for path, card in models if digests.count(card.weights_digest) > 1]
    if doubled:
        raise CheckFailed(f"the same model twice: {', '.join(doubled)}.", "Install the program again.")
    return ", ".join(path.stem for path, _ in models)


def _model(path: Path, card: ModelCard, stored: dict[str, Fingerprint]) -> str:
    answered = fingerprint(path, card)
    expected = stored.get(card.weights_digest)
    if expected is None:
        raise CheckFailed(f"no fingerprint is stored for these weights ({card.weights_digest[:12]}).")
    differences = {
        name: float(np.max(np.abs(np.subtract(answered[name], expected[name]))))
        for name in ("twin", "denser", "score")
    }
    worst = max(differences["twin"], differences["denser"])
    # A score is a ratio to the healthy spread, so it moves by more than the maps it comes from.
    score_limit = 10 * _LARGEST_DIFFERENCE * max(1.0, abs(expected["score"]))
    if not worst <= _LARGEST_DIFFERENCE or not differences["score"] <= score_limit:
        raise CheckFailed(
            f"its answer differs from the stored one by {worst:.2g} (score {differences['score']:.2g}).",
            "Install the program again; if it stays, do not use this model here.",
        )
    return f"{card.weights_digest[:12]}, score {answered['score']:.2f}, differs by {worst:.1g} at most"


def _film_for(card: ModelCard) -> Frame:
    """The synthetic film of a patient of the age that the model was made for."""
    from core.dicom.frames import read_frame

    film = read_frame(resource_path("demo", "synthetic-lesion.dcm"))
    youngest, oldest = card.age_years
    age = (youngest + min(oldest, 90.0)) / 2
    return replace(film, source=replace(film.source, patient_age_years=age))


def _coarse(picture: NDArray[np.float32]) -> list[list[float]]:
    """Means over 8 × 8 blocks; the grid of a model is a multiple of 8."""
    side = picture.shape[0] // _GRID
    blocks = picture[: side * _GRID, : side * _GRID].reshape(_GRID, side, _GRID, side)
    return [[round(float(value), 6) for value in row] for row in blocks.mean(axis=(1, 3))]


def _fonts() -> str:
    from viewer.screen import require_qt

    require_qt()
    from viewer.report_window import ensure_gui_application
    from viewer.theme import check_fonts, load_fonts

    ensure_gui_application()
    complaint = check_fonts()
    if complaint:
        raise UnreadableFile(complaint)
    families = load_fonts()
    style = resource_path("report", "style.css").read_text(encoding="utf-8")
    named = dict.fromkeys(re.findall(r'"(HealthyTwin[^"]*)"', style))
    missing = [family for family in named if family not in families]
    if missing:
        raise CheckFailed(f"missing: {', '.join(missing)}.", "Install the program again.")
    return f"{len(families)} shipped families"


def _report() -> str:
    """A report on the drawn film, printed as it would be for a reader."""
    from core.reporting.report import Decisions, draft
    from viewer.report_window import write_pdf

    film = _specimen(resource_path("demo", "synthetic-lesion.dcm"))
    with TemporaryDirectory() as folder:
        printed = Path(folder) / "report.pdf"
        write_pdf(draft(film, None, Decisions()), printed)
        content = printed.read_bytes()
    if not content.startswith(b"%PDF-") or not content.rstrip().endswith(b"%%EOF"):
        raise CheckFailed("the PDF is not whole.", "Install the program again.")
    return f"PDF of {len(content) // 1024} KiB"
