"""Which of the reader's own models passed the local test: a record beside the file, bound to what it holds.

The record is not part of the model file: a model that was accepted elsewhere has to pass here, too. It
counts only as long as weights and calibration are those that were tested. Torch-free.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.files import write_whole
from core.models.model_file import ModelHead, read_head

_FORMAT = "healthytwin-acceptance-1"
_LARGEST_RECORD = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class AcceptanceRecord:
    """That a model passed: when (ISO 8601, UTC) and the verdict as JSON (`core.training.acceptance`)."""

    accepted_at: str
    verdict: Mapping[str, Any]  # JSON object


def record_path(model_file: Path) -> Path:
    """Where the record of a model file stands."""
    return model_file.with_suffix(".acceptance.json")


def calibration_digest(head: ModelHead) -> str:
    """SHA-256 over the values of a model's calibration; "" for an uncalibrated one.

    The calibration's maps are not read: its films' scores and scales, which are, tell calibrations apart.
    """
    if head.calibration is None:
        return ""
    return hashlib.sha256(json.dumps(head.calibration, sort_keys=True).encode()).hexdigest()


def write_record(model_file: Path, verdict: Mapping[str, Any], accepted_at: str = "") -> None:  # JSON object
    """Write down that this file, as it is now, passed. Raises `CannotWrite` or `ModelFileInvalid`."""
    head = read_head(model_file)
    record = {
        "format": _FORMAT,
        "weights_digest": head.card.weights_digest,
        "calibration_digest": calibration_digest(head),
        "accepted_at": accepted_at or datetime.now(UTC).isoformat(timespec="microseconds"),
        "verdict": dict(verdict),
    }
    write_whole(record_path(model_file), json.dumps(record, indent=1, ensure_ascii=False).encode())


def read_record(model_file: Path, head: ModelHead) -> AcceptanceRecord | None:
    """The record of a model file; None when there is none, or when it is one of other contents."""
    place = record_path(model_file)
    try:
        if place.stat().st_size > _LARGEST_RECORD:
            return None
        stored = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(stored, dict) or stored.get("format") != _FORMAT or head.calibration is None:
        return None
    bound = (stored.get("weights_digest"), stored.get("calibration_digest"))
    verdict, accepted_at = stored.get("verdict"), stored.get("accepted_at")
    if bound != (head.card.weights_digest, calibration_digest(head)):
        return None
    if not isinstance(verdict, dict) or not isinstance(accepted_at, str):
        return None
    return AcceptanceRecord(accepted_at, verdict)
