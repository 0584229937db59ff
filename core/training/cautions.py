"""What to be wary of: folders that differ by their source, calibration films from elsewhere, collapse.

Said before a run starts, or while it runs; kept in the model's card. Nothing here stops a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.training.baselines import NUMBERS
from core.training.dataset import Films, TrainingData

CONFOUNDED = 0.75  # models.md 7.4
_FEWEST = 20
_FOLDS = 5
_FULL_MASK, _EMPTY_MASK = 0.85, 0.002  # an untrained reference network's mask covers about 0.6
_NO_SPREAD = 0.05  # the shipped SR-AnoGANs keep 0.88 and 0.95 of the films' spread


def source_confound(data: TrainingData) -> float | None:
    """How well the healthy and the mixed folder are told apart without looking at any anatomy (AUROC).

    Logistic regression on size, aspect, file type and border grey of the films, five folds by patient
    (models.md 7.4). Among films of the sources that both have, for the critic compares no others; among all
    where they share none. None with fewer than 20 films on a side.
    """
    shared = set(data.train.sources) & set(data.mixed.sources)
    healthy, ill = (films.of_sources(shared or films.sources) for films in (data.train, data.mixed))
    if min(len(healthy), len(ill)) < _FEWEST:
        return None
    looks = np.concatenate([_looks(healthy), _looks(ill)])
    mixed = np.array([0] * len(healthy) + [1] * len(ill))
    patients = np.array([f"{file.source}|{file.patient}" for file in (*healthy.files, *ill.files)])
    guess = cross_val_predict(
        make_pipeline(StandardScaler(), LogisticRegression()),
        looks,
        mixed,
        groups=patients,
        cv=StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0),
        method="predict_proba",
    )
    return float(roc_auc_score(mixed, guess[:, 1]))


@dataclass(frozen=True, slots=True)
class Cautions:
    """What to be wary of in the films of a run. `words`: sentences, worst first; empty when there is nothing.

    `source_confound`: how well the folders are told apart without any anatomy (AUROC), see there.
    """

    source_confound: float | None
    words: tuple[str, ...]


def cautions_of(data: TrainingData) -> Cautions:
    """Look at the films of a run; some seconds for thousands of films."""
    found = []
    confound = source_confound(data)
    if confound is not None and confound > CONFOUNDED:
        found.append(
            "The folders differ by their source: size, file type and border alone tell healthy from mixed "
            f"films with an AUROC of {confound:.2f}. The model may learn the source instead of the disease."
        )
    elsewhere = _named(set(data.cal2.sources) - set(data.mixed.sources))
    if elsewhere and _named(data.mixed.sources):
        found.append(
            f"Calibration films come from {', '.join(elsewhere)}, of which no mixed film is: thresholds and "
            "p-values hold for films of the calibration's source only."
        )
    if len(_named(data.cal2.sources)) > 1:
        found.append(
            f"The calibration set mixes {', '.join(data.cal2.sources)}: its false-alarm rate is an average "
            "over them and may hold for none."
        )
    return Cautions(confound, tuple(found))


def collapse_alarm(figures: Mapping[str, float], *, last: bool) -> str:
    """What an evaluation says of a collapse, with the remedy; empty when the model is alive.

    A mask near zero is normal for most of a run (measured), as are twins alike near its beginning: both are
    spoken of only at the `last` evaluation.
    """
    healthy, mixed = figures.get("mask_healthy_val"), figures.get("mask_mixed_val")
    if healthy is not None and healthy > _FULL_MASK:
        return (
            f"The mask covers {healthy:.0%} of healthy films: the model repaints everything. "
            "Train with a smaller learning rate, or use the preset lite."
        )
    if last and mixed is not None and mixed < _EMPTY_MASK:
        return (
            f"The mask covers {mixed:.1%} of mixed films: the model changes nothing. "
            "Train longer, and look whether the mixed folder holds ill films at all."
        )
    spread = figures.get("twin_spread")
    if last and spread is not None and spread < _NO_SPREAD:
        return (
            f"All films get nearly the same twin (it keeps {spread:.0%} of their differences): the code has "
            "collapsed. Train longer, or start anew with another seed or a smaller learning rate."
        )
    return ""


def _named(sources: set[str] | tuple[str, ...]) -> list[str]:
    return sorted(source for source in sources if source)


def _looks(films: Films) -> NDArray[np.float64]:
    """Size, aspect, border grey and file type of each film; no anatomy."""
    sides = np.log([side for _, _, side in films.crops])
    border = films.numbers[:, NUMBERS.index("border mean")]
    kinds = [file.path.suffix.lower() for file in films.files]
    types = np.array([[kind == known for known in (".png", ".jpg", ".jpeg")] for kind in kinds], np.float64)
    return np.column_stack([sides, films.aspect, border, types]).astype(np.float64)
