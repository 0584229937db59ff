"""The page of an evaluation: all of it is there, it needs nothing else, and every text is only text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from small_models import SPEC

from core import RESEARCH_USE
from core.models.anomaly_model import ModelCard
from core.training.curves import AlarmCurve, RocCurve, quartiles
from core.training.dataset import LeftOut
from core.training.evaluation import Evaluation, FilmValues, LabelSums, Sample, SourceFigures
from core.training.evaluation_page import evaluation_page
from core.training.intervals import Figure

HOSTILE = '"><script>alert(1)</script> & ${style} ‮gpj'
CARD = ModelCard(
    "adults", "sr-anogan", "plus", "1", {}, SPEC, population="adult", limits=("Frontal films only.",)
)
PROMISE = "range that the calibration promises"


def measured(source: str = "clinic", ill: str = "pneumonia", *, away: str = "") -> Evaluation:
    """Eight healthy and eight ill films of one source; with `away` eight ill ones of another."""
    films = [
        *(_film(source, "healthy", number, 0.0) for number in range(8)),
        *(_film(source, ill, number, 1.0) for number in range(8)),
        *(_film(away, "covid", number, 3.0) for number in range(8) if away),
    ]
    figures = {
        "AUROC of the anomaly score": Figure(0.7, 0.55, 0.82, 16),
        "false alarms of the score at α = 5 %": Figure(0.125, 0.003, 0.527, 8),
        PROMISE: Figure(0.05, 0.016, 0.099, 100),
        "AUROC of the sum A, whole model": Figure(0.6, 0.45, 0.75, 16),
        "AUROC of the sum A, stage 1 alone": Figure(0.2, 0.1, 0.3, 16),
    }
    shares = (0.01, 0.05, 0.3)
    own = SourceFigures(
        source,
        8,
        8,
        figures,
        {"seven numbers": Figure(0.9, 0.8, 1.0, 16)},
        RocCurve((0.0, 0.5, 1.0), (0.2, 0.8, 1.0), (0.1, 0.6, 1.0), (0.4, 0.9, 1.0)),
        AlarmCurve(8, shares, (0.0, 0.125, 0.25), (0.0, 0.0, 0.03), (0.4, 0.5, 0.6), *[(0.0, 0.02, 0.2)] * 2),
    )
    foreign = (SourceFigures(away, 0, 8, {}, {}),) if away else ()
    return Evaluation(
        model="adults",
        weights_digest="ab" * 32,
        calibrated=True,
        calibration=f"calibrated on 100 healthy films of {source}",
        sources=(*foreign, own),
        left_out=(LeftOut(Path("/films/Miller^Anna.png"), "Miller^Anna.png: It is a colour image."),),
        score_threshold=1.5,
        map_threshold=0.1,
        films=tuple(films),
        comparison="What is compared.",
        sums=tuple(_sums(films, *key) for key in sorted({(film.source, film.label) for film in films})),
        samples=tuple(_sample(film) for film in (films[0], films[8])),
    )


def _film(source: str, label: str, number: int, shift: float) -> FilmValues:
    well = label == "healthy"
    alone = 300.0 - 20 * shift + number
    return FilmValues(
        f"/films/{label}{number}.png",
        label,
        source,
        well,
        shift + number / 8,
        0.2,
        0.9,
        500 + 50 * shift,
        alone,
    )


def _sums(films: list[FilmValues], source: str, label: str) -> LabelSums:
    own = [film for film in films if (film.source, film.label) == (source, label)]
    whole, alone = (
        quartiles(np.array(values, np.float64))
        for values in ([film.anomaly_sum for film in own], [film.stage_one_sum for film in own])
    )
    return LabelSums(source, label, label == "healthy", whole, whole, alone)


def _sample(values: FilmValues) -> Sample:
    film = np.full((64, 64), 0.4, np.float32)
    lit = np.zeros((64, 64), np.float32)
    lit[20:40, 20:40] = 0.2
    return Sample(values, 0.5, film + lit, film, lit)


def page(evaluation: Evaluation, card: ModelCard = CARD, *, with_films: bool = True) -> str:
    return evaluation_page(evaluation, card, data="list.csv", made_on="today", with_films=with_films)


class _Reader(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    return reader


def words(text: str) -> str:
    return " ".join(" ".join(read(text).words).split())


def test_the_page_needs_no_other_file() -> None:
    text = page(measured())
    reader = read(text)
    addresses = [
        value for _, attributes in reader.tags for key, value in attributes.items() if key in ("src", "href")
    ]

    assert addresses
    assert all(address and address.startswith("data:image/png;base64,") for address in addresses)
    assert not {tag for tag, _ in reader.tags} & {
        "link",
        "script",
        "iframe",
        "object",
        "form",
        "image",
        "use",
    }
    style = text.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in text


def test_every_plot_is_whole_and_speaks() -> None:
    plots = re.findall(r"<svg .*?</svg>", page(measured(away="elsewhere")), flags=re.DOTALL)

    assert len(plots) >= 8
    for plot in plots:
        root = ElementTree.fromstring(plot)  # noqa: S314  # our own words
        assert (root.findtext("title") or "").strip()


def test_names_of_films_and_patients_never_stand_on_it() -> None:
    text = page(measured())

    assert "Miller" not in text
    assert "pneumonia3.png" not in text
    assert "/films" not in text
    assert "1 × It is a colour image." in words(text)


def test_texts_are_only_text() -> None:
    plain = read(page(measured()))
    hostile = read(page(measured(HOSTILE, HOSTILE)))

    assert [tag for tag, _ in plain.tags] == [tag for tag, _ in hostile.tags]
    assert "‮" not in "".join(hostile.words), "nothing reorders what stands around it"
    assert "alert(1)" in "".join(hostile.words)


def test_films_are_announced_and_can_be_left_out() -> None:
    with_films, without = page(measured()), page(measured(), with_films=False)

    assert "holds images of patients" in words(with_films)
    assert with_films.count("<img") == 6
    assert "healthy twin, synthetic" in with_films
    assert "images of patients" not in words(without)
    assert "<img" not in without
    assert "data:image" not in without.split("<body>")[1]


def test_what_was_aimed_at_is_told_with_what_came_out() -> None:
    text = words(page(measured()))

    for aim, verdict in (
        ("its whole interval lies above 0.5 clinic 0.700 [0.550, 0.820]", "reached"),
        ("above that of the best trivial baseline clinic 0.700 against 0.900 (seven numbers)", "missed"),
        ("not above what is promised clinic 0.125, promised 0.016 to 0.099", "missed"),
        ("Mean A of the whole model: healthy < pneumonia clinic 500 and 550", "reached"),
        ("the whole interval of A's AUROC is above 0.5 clinic 0.600 [0.450, 0.750]", "missed"),
    ):
        assert f"{aim} {verdict}" in text


def test_no_more_than_the_promise_is_kept_even_by_no_alarm_at_all() -> None:
    evaluation = measured()
    (source,) = evaluation.sources
    none = Figure(0.0, 0.0, 0.37, 8)
    figures = source.figures | {"false alarms of the score at α = 5 %": none}
    text = words(page(replace(evaluation, sources=(replace(source, figures=figures),))))

    assert "0.000, promised 0.016 to 0.099 reached" in text


def test_healthygan_has_aims_of_its_own() -> None:
    evaluation = measured()
    (source,) = evaluation.sources
    figures = source.figures | {
        "mean change on healthy films (0–1)": Figure(0.002, 0.001, 0.003, 8),
        "SSIM of healthy films and their twins": Figure(0.97, 0.96, 0.98, 8),
    }
    evaluation = replace(evaluation, sources=(replace(source, figures=figures),), sums=(), comparison="")
    text = words(page(evaluation, replace(CARD, kind="healthygan")))

    assert "at most 0.01 clinic 0.002 [0.001, 0.003] reached" in text
    assert "at least 0.98 clinic 0.970 [0.960, 0.980] missed" in text
    assert "papers' own number" not in text


def test_the_seed_s_comparison_is_shown_and_the_wrong_order_named() -> None:
    text = words(page(measured(away="elsewhere")))

    assert "clinic, pneumonia: mean A of the whole model healthy 500 < 550; of stage 1 alone" in text
    assert "healthy 304 > 284 (the wrong order)" in text
    assert "covid (healthy films of another source, clinic) elsewhere 500 and 650 reached" in text
    assert "The healthy films are of another source (clinic)" in text
    assert "stage 1 alone 0.200 [0.100, 0.300] (n = 16)" in text
    assert "What is compared." in text


def test_the_whole_model_on_the_searched_films_is_told_where_these_were_not_all() -> None:
    evaluation = measured()
    few = tuple(replace(row, whole_searched=replace(row.whole, films=3)) for row in evaluation.sums)

    assert "the searched films" not in words(page(evaluation))
    assert "clinic healthy whole model 500.0 500.0 500.0 500.0 8 clinic healthy stage 1 alone 303.5" in words(
        page(evaluation)
    )
    assert words(page(replace(evaluation, sums=few))).count("whole model, the searched films") == 2


def test_sources_that_can_be_compared_within_come_first() -> None:
    text = page(measured(away="a first name"))

    assert text.index("clinic: 8 healthy") < text.index("a first name: 0 healthy, 8 abnormal films</h2>")


def test_an_uncalibrated_model_says_so_and_shows_no_threshold() -> None:
    evaluation = measured()
    (source,) = evaluation.sources
    bare = replace(
        evaluation,
        calibrated=False,
        calibration="uncalibrated",
        sources=(replace(source, alarms=None),),
        score_threshold=None,
        map_threshold=None,
    )
    text = words(page(bare))

    assert "This model is uncalibrated" in text
    assert "p ≤ 5 % to its right" not in text
    assert "No outlines" in text


def test_the_page_says_what_it_is_and_what_not() -> None:
    text = words(page(measured()))

    for told in (
        RESEARCH_USE,
        "SR-AnoGAN, preset plus",
        "ab" * 32,
        "100 healthy films of clinic",
        "list.csv",
    ):
        assert told in text
    assert "Frontal films only." in text


@pytest.mark.parametrize("empty", ["sums", "samples", "left_out"])
def test_what_is_not_there_leaves_no_empty_place(empty: str) -> None:
    text = page(replace(measured(), **{empty: ()}))

    assert not re.search(r"<(section|table|figure|ul)>\s*</\1>", text)
