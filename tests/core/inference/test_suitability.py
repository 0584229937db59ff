"""Which films a model accepts, warns of or refuses, each with its reason; and which model a film gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_models import healthy_films

from core.imaging.frame import Frame, FrameSource
from core.imaging.model_input import ModelInputSpec, to_model_grid
from core.inference.analysis import Suitability, Verdict
from core.inference.suitability import card_fit, judge_frame, judge_picture, judge_twin
from core.models.anomaly_model import ModelCard

ADULT = ModelCard(
    name="adult",
    kind="healthygan",
    preset="lite",
    version="1",
    network={},
    input_spec=ModelInputSpec(size=32),
    population="adult",
    age_years=(16.0, 150.0),
)


def card(**changes: Any) -> ModelCard:  # of the card
    return ModelCard(**{name: getattr(ADULT, name) for name in ModelCard.__dataclass_fields__} | changes)


CHILD = card(name="child", population="child", age_years=(0.5, 10.0))
ANYONE = card(name="any", population="any", age_years=(0.0, 150.0))
RECONSTRUCTION = card(kind="sr-anogan")


def film(rows: int = 160, columns: int = 150, **source: Any) -> Frame:  # of the source
    """A frontal film of an adult, unless `source` says otherwise."""
    said: dict[str, Any] = {
        "modality": "DX",
        "body_part_examined": "CHEST",
        "view_position": "PA",
        "patient_age_years": 45.0,
        "burned_in_annotation": False,
    }
    picture = np.random.default_rng(0).integers(0, 4096, (rows, columns)).astype(np.uint16)
    return Frame(picture, bits_stored=12, source=FrameSource(**(said | source)))


def colour_film() -> Frame:
    picture = np.zeros((160, 150, 3), np.uint8)
    return Frame(picture, "RGB", bits_stored=8, source=film().source)


def refusal(frame: Frame, one: ModelCard = ADULT) -> str:
    """The only reason for which a film is refused; such a film has no fit either."""
    suitability = judge_frame(frame, one)
    assert suitability.verdict is Verdict.REFUSED
    assert card_fit(frame, one) == 0
    (reason,) = suitability.reasons
    return reason


def test_a_frontal_film_of_the_right_age_is_accepted_without_words() -> None:
    assert judge_frame(film(), ADULT) == Suitability(Verdict.ACCEPTED)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"modality": "CT"}, "made for CR, DX, RG images, not for CT"),
        ({"modality": "MG"}, "not for MG"),
        ({"body_part_examined": "KNEE"}, "made for the chest; the file says KNEE"),
        ({"view_position": "LATERAL"}, "this is a lateral view"),
        ({"view_position": "LL"}, "this is a lateral view"),
        ({"view_position": "rl"}, "this is a lateral view"),
        ({"view_position": "LLO"}, "this is a lateral view"),
        ({"view_position": "RLO"}, "this is a lateral view"),
        ({"view_position": "LLD"}, "this is a lateral view"),
        ({"view_position": "RLD"}, "this is a lateral view"),
        ({"view_position": "RAO"}, "made for PA and AP views; the file says RAO"),
    ],
)
def test_what_the_file_says_is_believed(said: dict[str, Any], words: str) -> None:
    assert words in refusal(film(**said))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (colour_film(), "is in colour"),
        (film(127, 140), "only 140 × 127 pixels"),
        (film(140, 127), "only 127 × 140 pixels"),
        (film(400, 239), "too narrow or too wide"),
        (film(200, 321), "too narrow or too wide"),
    ],
    ids=["colour", "too few rows", "too few columns", "narrow", "wide"],
)
def test_what_the_picture_shows_is_believed(frame: Frame, words: str) -> None:
    assert words in refusal(frame)


@pytest.mark.parametrize(
    "frame",
    [
        film(128, 128),
        film(400, 240),
        film(200, 320),
        film(modality="dx"),
        film(modality="CR"),
        film(view_position="ap"),
        film(body_part_examined="Thorax pa"),
    ],
)
def test_the_borders_belong_to_the_model_and_spelling_does_not_matter(frame: Frame) -> None:
    assert judge_frame(frame, ADULT).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"view_position": ""}, "does not say which view"),
        ({"modality": ""}, "does not say how the image was made"),
        ({"body_part_examined": ""}, "the chest is assumed"),
        ({"patient_age_years": None}, "age is not known; the model was made for the population “adult”"),
        ({"burned_in_annotation": True}, "text is burned into"),
    ],
)
def test_what_is_not_known_is_a_warning(said: dict[str, Any], words: str) -> None:
    suitability = judge_frame(film(**said), ADULT)
    assert suitability.verdict is Verdict.WARNED
    (reason,) = suitability.reasons
    assert words in reason


def test_a_refusal_gives_all_reasons_and_no_mere_warnings() -> None:
    frame = film(100, 300, modality="CT", body_part_examined="HEAD", view_position="", patient_age_years=3.0)
    suitability = judge_frame(frame, ADULT)
    assert suitability.verdict is Verdict.REFUSED
    assert len(suitability.reasons) == 5
    assert not any("does not say" in reason for reason in suitability.reasons)


# --- age --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "adult", "child"),
    [
        (0.0, 0, 0),
        (0.49, 0, 0),
        (0.5, 0, 3),
        (5.0, 0, 3),
        (10.0, 0, 3),
        (10.01, 0, 0),
        (13.0, 0, 0),
        (15.99, 0, 0),
        (16.0, 3, 0),
        (90.0, 3, 0),
        (None, 2, 1),
    ],
)
def test_the_model_for_the_age_fits_and_of_an_unknown_age_the_adults(
    age: float | None, adult: int, child: int
) -> None:
    frame = film(patient_age_years=age)
    assert (card_fit(frame, ADULT), card_fit(frame, CHILD)) == (adult, child)
    assert card_fit(frame, ANYONE) == (2 if age is None else 3)


@pytest.mark.parametrize("age", [0.25, 10.5, 12.0, 15.67, 15.994, 10.006])
def test_the_age_as_said_is_outside_of_the_ages_as_said(age: float) -> None:
    """Never "made for ages from 16 on; the patient is 16 years old", as whole years would have it."""
    for one in (ADULT, CHILD):
        words = refusal(film(patient_age_years=age), one)
        youngest, oldest = one.age_years
        assert f"ages {youngest:g} to {oldest:g}" in words
        said = float(words.split("the patient is ")[1].split()[0])
        assert not youngest <= said <= oldest
        assert said == pytest.approx(age, abs=0.006)


def test_a_model_for_everyone_does_not_ask_for_the_age() -> None:
    assert judge_frame(film(patient_age_years=None), ANYONE).verdict is Verdict.ACCEPTED


# --- after the network ------------------------------------------------------------------------------------

WARNED = Suitability(Verdict.WARNED, ("The file does not say which view it is.",))


@pytest.mark.parametrize(("one", "limit"), [(ADULT, 0.12), (RECONSTRUCTION, 0.25)])
def test_a_twin_that_differs_everywhere_is_refused(one: ModelCard, limit: float) -> None:
    """SR-AnoGAN redraws every rib, so that more is normal for it."""
    model_input = to_model_grid(film(), one.input_spec)
    down = np.where(model_input.pixels > 0.5, -1, 1).astype(np.float32)

    def judged(change: float) -> Suitability:
        return judge_twin(WARNED, model_input, model_input.pixels + down * np.float32(change), one)

    assert judged(limit - 0.001) is WARNED
    refused = judged(limit + 0.001)
    assert refused.verdict is Verdict.REFUSED
    assert refused.reasons[:1] == WARNED.reasons
    assert f"mean {limit:.2f} of the grey range" in refused.reasons[1]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_twin_that_is_no_picture_is_refused(value: float) -> None:
    model_input = to_model_grid(film(), ADULT.input_spec)
    twin = model_input.pixels.copy()
    twin[3, 4] = value
    refused = judge_twin(WARNED, model_input, twin, ADULT)
    assert refused.verdict is Verdict.REFUSED
    assert "no numbers" in refused.reasons[-1]


# --- what the picture shows -------------------------------------------------------------------------------

WARNED = Suitability(Verdict.WARNED, ("The file does not say which view it is.",))


@pytest.fixture(scope="module")
def phantoms() -> NDArray[np.float32]:
    return healthy_films(12)


def seen(picture: NDArray[np.floating], phantoms: NDArray[np.float32], before: Suitability) -> Suitability:
    """The judgement of a picture on the model's grid by a model that knows the other phantoms."""
    frame = Frame((np.clip(picture, 0, 1) * 4095).astype(np.uint16), bits_stored=12)
    return judge_picture(before, to_model_grid(frame, ModelInputSpec(size=64)), phantoms[1:].mean(axis=0))


@pytest.mark.parametrize("before", [Suitability(Verdict.ACCEPTED), WARNED])
def test_an_upright_film_passes_with_what_was_said_before(
    phantoms: NDArray[np.float32], before: Suitability
) -> None:
    assert seen(phantoms[0], phantoms, before) == before
    assert seen(phantoms[0] ** 0.6, phantoms, before) == before


@pytest.mark.parametrize(
    ("turns", "words"), [(-1, "a quarter to the right"), (2, "upside down"), (1, "a quarter to the left")]
)
def test_a_turned_film_is_refused_with_how_it_lies(
    phantoms: NDArray[np.float32], turns: int, words: str
) -> None:
    suitability = seen(np.rot90(phantoms[0], turns), phantoms, WARNED)
    assert suitability.verdict is Verdict.REFUSED
    (reason,) = suitability.reasons
    assert words in reason


def test_an_inverted_film_is_refused(phantoms: NDArray[np.float32]) -> None:
    suitability = seen(1 - phantoms[0], phantoms, WARNED)
    assert suitability.verdict is Verdict.REFUSED
    assert "inverted" in suitability.reasons[0]


def test_noise_and_stripes_are_refused_as_no_chest(phantoms: NDArray[np.float32]) -> None:
    noise = np.random.default_rng(0).random((64, 64))
    stripes = np.tile((np.arange(64) // 2 % 2).astype(np.float64), (64, 1))
    for picture in (noise, 0.2 + 0.5 * stripes + 0.1 * noise):
        suitability = seen(picture, phantoms, WARNED)
        assert suitability.verdict is Verdict.REFUSED
        assert "does not look like a frontal chest film" in suitability.reasons[0]


@pytest.mark.parametrize(
    "part",
    [np.s_[:40, :], np.s_[24:, :], np.s_[12:52, 12:52], np.s_[4:40, 28:64]],
    ids=["top", "bottom", "middle", "one side"],
)
def test_a_part_of_a_film_is_never_taken_for_a_whole_one(phantoms: NDArray[np.float32], part: Any) -> None:
    cropped = np.kron(phantoms[0][part], np.ones((4, 4)))
    suitability = seen(cropped, phantoms, Suitability(Verdict.ACCEPTED))
    assert suitability.verdict is not Verdict.ACCEPTED


def test_a_chest_that_fills_a_part_of_the_image_is_refused(phantoms: NDArray[np.float32]) -> None:
    """As a telephone's photograph of a screen: a room around it, a glare on it."""
    rows, columns = np.mgrid[0:128, 0:128]
    photo = 0.3 + 0.1 * np.sin(rows / 20) + 0.1 * np.cos(columns / 31)
    photo[30:94, 34:98] = phantoms[0]
    photo = photo * 0.8 + 0.15 * np.exp(-((rows - 40) ** 2 + (columns - 90) ** 2) / 400)
    suitability = seen(photo, phantoms, WARNED)
    assert suitability.verdict is Verdict.REFUSED
    assert "fills only a part of the image" in suitability.reasons[0]


def test_whole_films_are_not_taken_for_parts(phantoms: NDArray[np.float32]) -> None:
    for place in range(1, 12):
        others = np.delete(phantoms, place, axis=0)
        accepted = Suitability(Verdict.ACCEPTED)
        assert seen(phantoms[place], others, accepted) == accepted


def test_the_less_is_left_of_a_chest_the_less_it_is_trusted(phantoms: NDArray[np.float32]) -> None:
    """From a film to blocks of noise: accepted, then with a warning, then refused."""
    blocks = np.kron(np.random.default_rng(3).random((8, 8)), np.ones((8, 8)))
    answers = [
        seen((1 - share) * phantoms[0] + share * blocks, phantoms, WARNED) for share in np.linspace(0, 1, 41)
    ]
    stages = [
        2 if one.verdict is Verdict.REFUSED else int("looks little like" in one.reasons[-1])
        for one in answers
    ]
    assert stages == sorted(stages)
    assert set(stages) == {0, 1, 2}
    assert answers[stages.index(1)].reasons[0] == WARNED.reasons[0]


def test_a_model_without_template_judges_no_picture(phantoms: NDArray[np.float32]) -> None:
    frame = Frame((phantoms[0] * 4095).astype(np.uint16), bits_stored=12)
    upside_down = Frame(np.ascontiguousarray(frame.stored[::-1]), bits_stored=12)
    assert judge_picture(WARNED, to_model_grid(upside_down, ModelInputSpec(size=64)), None) is WARNED
