"""Does this image suit this model? Accept, warn or refuse, with the reason, before any heatmap."""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image

from core.imaging.frame import Frame, FrameSource
from core.imaging.model_input import ModelInput, thumbnails
from core.imaging.residuals import FloatImage
from core.inference.analysis import ImageHeader, Suitability, Verdict
from core.models.anomaly_model import ModelCard

_LATERAL = {"LATERAL", "LL", "RL", "LLO", "RLO", "LLD", "RLD"}
_ASPECT = (0.6, 1.6)
_SMALLEST_SIDE_PX = 128
# Correlation with the mean healthy film on a 32 x 32 grid, as measured: 170 held-out frontal films 0.39 to
# 0.91 (all but one 0.53 and more), 49 other images from CT to mammogram at most 0.43; the held-out films
# turned at most 0.48, and then always 0.2 more when turned back; inverted at most -0.39.
_UNLIKE, _HARDLY_LIKE, _TURNED_BY_FAR = 0.30, 0.45, 0.20
# How much more a window of the mean film, or of this one, resembles the other than the whole does. Measured
# on held-out films: parts of films gain 0.32 (median), whole ones at most 0.26, tightly collimated bedside
# films up to 0.43, so that a part is only warned of. Photographs of a screen gain 0.45
# (adults) and 0.26 (children), medians; whole films at most 0.36.
_WINDOW_SHARES = (0.45, 0.55, 0.65, 0.75)
_WINDOW_PLACES = np.linspace(0, 1, 5)
_PART_BY, _WITHIN_BY = 0.27, 0.30
_CHEST_WORDS = ("CHEST", "THORAX", "LUNG", "RIB")


def judge_frame(frame: Frame | ImageHeader, card: ModelCard) -> Suitability:
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


def card_fit(frame: Frame | ImageHeader, card: ModelCard) -> int:
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
    nothing. Catches inverted and turned films, parts of films, photographs of a screen, other body parts,
    slices and noise whose files do not say so.
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
    elif likeness < _HARDLY_LIKE and _best_window(model_input.pixels, usual) >= likeness + _WITHIN_BY:
        reason = (
            "A chest fills only a part of the image, as in a photograph of a screen; the model reads films "
            "as they come from the X-ray machine."
        )
    elif likeness < _UNLIKE:
        reason = "The image does not look like a frontal chest film."
    else:
        return _with_warning(before, likeness, _best_window(template, film))
    return Suitability(Verdict.REFUSED, (reason,))


def _with_warning(before: Suitability, likeness: float, as_part: float) -> Suitability:
    """What to tell of a picture that is not refused. `as_part`: its likeness to a window of a usual film."""
    if as_part >= likeness + _PART_BY:
        words = "The image looks like a part of a chest film; do not rely on the map, above all at its edges."
    elif likeness < _HARDLY_LIKE:
        words = "The image looks little like the chest films that the model knows; do not rely on the map."
    else:
        return before
    return Suitability(Verdict.WARNED, (*before.reasons, words))


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


def _judge_age(frame: Frame | ImageHeader, card: ModelCard, refused: list[str], warned: list[str]) -> None:
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


def _best_window(whole: FloatImage, thumbnail: FloatImage) -> float:
    """The largest correlation of `thumbnail` with any window of `whole` that is brought to its size."""
    picture, side, cells = Image.fromarray(np.array(whole, np.float32)), whole.shape[0], thumbnail.shape[0]
    best = -1.0
    for share in _WINDOW_SHARES:
        starts = _WINDOW_PLACES * (1 - share) * side
        for top, left in itertools.product(starts, starts):
            box = (left, top, left + share * side, top + share * side)
            window = picture.resize((cells, cells), Image.Resampling.BOX, box=box)
            best = max(best, _correlation(np.asarray(window, np.float32), thumbnail))
    return best


def _correlation(one: FloatImage, other: FloatImage) -> float:
    """Pearson's r over all cells; 0 for a constant image, which is like nothing."""
    a, b = one - one.mean(), other - other.mean()
    length = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / length if length > 0 else 0.0
