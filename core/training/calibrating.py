"""Calibrating a model file on held-out healthy films: no training, minutes, the cheapest site adaptation."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import DatasetTooSmall, ModelFileInvalid
from core.imaging.residuals import map_recipe
from core.inference.analyze import film_residuals, map_weight
from core.inference.calibration import MINIMUM_FILMS, Calibration, fit_calibration
from core.inference.device import choose_device
from core.jobs import NO_JOB, JobContext
from core.models.anomaly_model import ModelCard
from core.models.model_file import ModelFile, read_model_file, write_model_file
from core.models.registry import open_model
from core.training.dataset import list_films, read_films, why_left_out


def calibration_for(
    model: ModelFile,
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    source: str,
    device: torch.device,
    ctx: JobContext = NO_JOB,
) -> Calibration:
    """Calibrate on two disjoint sets of healthy films on the model grid, `(n, size, size)` each."""
    network = open_model(model, device)
    return fit_calibration(
        film_residuals(network, first, device, ctx),
        film_residuals(network, second, device, ctx),
        weight=map_weight(model),
        weights_digest=model.card.weights_digest,
        spec_digest=model.card.input_spec.digest,
        map_recipe=map_recipe(model.card.kind),
        source=source,
    )


def calibrate(
    model_file: Path, healthy: Path, out: Path, device: str = "auto", ctx: JobContext = NO_JOB
) -> ModelCard:
    """Calibrate a model on a folder (or list) of healthy films and write it to `out`.

    A third of the patients gives the per-pixel statistics, the rest the p-values. Raises
    `DatasetTooSmall` when fewer than 50 films remain for the p-values.
    """
    model = read_model_file(model_file)
    films, left_out = read_films(list_films(healthy, "healthy"), model.card.input_spec, ctx=ctx)
    patients = sorted({(file.source, file.patient) for file in films.files})
    needed = MINIMUM_FILMS + 2
    if len(films) < needed:
        raise DatasetTooSmall(
            f"{len(films)} usable healthy films are in {healthy}; calibration needs at least {needed}.",
            f"Add healthy films of the same source. {why_left_out(left_out)}".strip(),
        )
    if not patients:
        raise ModelFileInvalid("There are no patients in the list.")
    order = np.random.default_rng(0).permutation(len(patients))
    share = max(2, min(len(patients) // 3, len(patients) - MINIMUM_FILMS))
    statistics = {patients[place] for place in order[:share]}
    in_first = np.array([(file.source, file.patient) in statistics for file in films.files])
    calibration = calibration_for(
        model,
        films.pixels[in_first],
        films.pixels[~in_first],
        ", ".join(name or healthy.name for name in films.sources),
        choose_device(device),
        ctx,
    )
    return write_model_file(out, dataclasses.replace(model, calibration=calibration.to_arrays()))
