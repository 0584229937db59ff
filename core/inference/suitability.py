"""Does this image suit this model? Accept, warn or refuse, with the reason, before any heatmap."""

from __future__ import annotations

import numpy as np

from core.imaging.frame import Frame, FrameSource
from core.imaging.model_input import ModelInput, thumbnails
from core.imaging.residuals import FloatImage
from core.inference.analysis import Suitability, Verdict
from core.models.anomaly_model import ModelCard

_LATERAL = {"LATERAL", "LL", "RL", "LLO", "RLO", "LLD", "RLD"}
_ASPECT = (0.6, 1.6)
_SMALLEST_SIDE_PX = 128
# Correlation with the mean healthy film on a 32 x 32 grid, as measured: 170 held-out frontal films 0.39 to
# 0.91 (all but one 0.53 and more), 49 other images from CT to mammogram at most 0.43; the held-out films
# turned at most 0.48, and then always 0.2 more when turned back; inverted at most -0.39.
_UNLIKE, _HARDLY_LIKE, _TURNED_BY_FAR = 0.30, 0.45, 0.20
_CHEST_WORDS = ("CHEST", "THORAX", "LUNG", "RIB")


def judge_frame(frame: Frame, card: ModelCard) -> Suitability:
    """The hard rules (models.md 4.7), from what the file says of itself and from its size."""
    refused: list[str] = []
    warned: list[str] = []
    source = frame.source
    if not frame.is_grey:
        refused.append("The image is in colour; the model reads grey X-ray images.")
    _judge_words(source, card, refused, warned)
    if min(frame.rows, frame.columns) < _SMALLEST_SIDE_PX:
        refused.append(f"The image is only {frame.columns} × {frame.rows} pixels.")
    if not _ASPECT[0] <= frame.columns / frame.rows <= _ASPECT[1]:
        refused.append("The image is too narrow or too wide for a chest film.")
    _judge_age(frame, card, refused, warned)
    if source.burned_in_annotation:
        warned.append("The file says that text is burned into the image.")
    if refused:
        return Suitability(Verdict.REFUSED, tuple(refused))
    return Suitability(Verdict.WARNED if warned else Verdict.ACCEPTED, tuple(warned))


def card_fit(frame: Frame, card: ModelCard) -> int:
    """How well a card suits a film: 0 not at all, 3 well; of an unknown age 2 for adults, 1 for children."""
    suitability = judge_frame(frame, card)
    if suitability.verdict is Verdict.REFUSED:
        return 0
    if frame.source.patient_age_years is not None:
        return 3
    # Without an age most films are of adults; the warning says that this is assumed.
    return 2 if card.population in {"adult", "any"} else 1


def judge_picture(before: Suitability, model_input: ModelInput, template: FloatImage | None) -> Suitability:
    """Before the network: refuse what does not look like an upright frontal film of this population.

    `template`: the mean healthy film `(size, size)` in [0, 1] that the model was trained on; None judges
    nothing. Catches inverted and turned films, other body parts, slices and noise whose files do not say so.
    """
    if template is None:
        return before
    film, usual = thumbnails(np.stack([model_input.pixels, template]))
    likeness = _correlation(film, usual)
    turned = {turns: _correlation(np.rot90(film, turns), usual) for turns in (1, 2, 3)}
    turns = max(turned, key=lambda key: turned[key])
    if turned[turns] >= max(_HARDLY_LIKE, likeness + _TURNED_BY_FAR):
        how = {1: "a quarter to the right", 2: "upside down", 3: "a quarter to the left"}[turns]
        reason = f"The image looks like a chest film that lies {how}; the model reads upright films only."
    elif -likeness >= _HARDLY_LIKE:
        reason = "The image looks inverted: black where films are white. The file's own greys must be right."
    elif likeness < _UNLIKE:
        reason = "The image does not look like a frontal chest film."
    elif likeness < _HARDLY_LIKE:
        words = "The image looks little like the chest films that the model knows; do not rely on the map."
        return Suitability(Verdict.WARNED, (*before.reasons, words))
    else:
        return before
    return Suitability(Verdict.REFUSED, (reason,))


def judge_twin(
    before: Suitability, model_input: ModelInput, twin: FloatImage, card: ModelCard
) -> Suitability:
    """After the network: refuse a twin that changes the whole image, for then the map means nothing."""
    if not np.isfinite(twin).all():
        return Suitability(
            Verdict.REFUSED, (*before.reasons, "The model answered with values that are no numbers.")
        )
    change = float(np.abs(model_input.pixels - twin).mean())
    limit = 0.12 if card.kind == "healthygan" else 0.25
    if change > limit:
        words = f"The twin differs everywhere (mean {change:.2f} of the grey range): it is not reliable here."
        return Suitability(Verdict.REFUSED, (*before.reasons, words))
    return before


def _judge_words(source: FrameSource, card: ModelCard, refused: list[str], warned: list[str]) -> None:
    """Modality, body part and view as the file names them; what it leaves out is assumed, and said."""
    if source.modality and source.modality.upper() not in card.modalities:
        refused.append(
            f"The model was made for {', '.join(card.modalities)} images, not for {source.modality}."
        )
    if source.body_part_examined and not any(
        word in source.body_part_examined.upper() for word in _CHEST_WORDS
    ):
        refused.append(f"The model was made for the chest; the file says {source.body_part_examined}.")
    if not source.modality:
        warned.append("The file does not say how the image was made; a plain X-ray film is assumed.")
    if not source.body_part_examined:
        warned.append("The file does not say which part of the body it shows; the chest is assumed.")
    view = source.view_position.upper()
    if view in _LATERAL:
        refused.append("The model was made for frontal films; this is a lateral view.")
    elif view and view not in card.views:
        refused.append(
            f"The model was made for {' and '.join(card.views)} views; the file says {source.view_position}."
        )
    elif not view:
        warned.append("The file does not say which view it is; a frontal film is assumed.")


def _judge_age(frame: Frame, card: ModelCard, refused: list[str], warned: list[str]) -> None:
    youngest, oldest = card.age_years
    if frame.source.patient_age_years is None:
        if card.population != "any":
            warned.append(
                f"The patient's age is not known; the model was made for the population “{card.population}”."
            )
        return
    # Judged as precisely as it is said, lest a patient of "16 years" be refused for ages from 16 on.
    age = round(frame.source.patient_age_years, 2)
    if not youngest <= age <= oldest:
        refused.append(
            f"The model was made for ages {youngest:g} to {oldest:g}; the patient is {age:g} years old."
        )


def _correlation(one: FloatImage, other: FloatImage) -> float:
    """Pearson's r over all cells; 0 for a constant image, which is like nothing."""
    a, b = one - one.mean(), other - other.mean()
    length = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / length if length > 0 else 0.0
