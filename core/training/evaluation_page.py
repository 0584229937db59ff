"""Evaluation -> one self-contained page: plots, tables and films as data, every text escaped, nothing loaded.

The films on it are pictures of patients, which the page says; they can be left out. Names of files never
stand on it: they may hold the names of patients.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Iterator, Sequence
from string import Template

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core import RESEARCH_USE, __version__
from core.imaging.heatmap import SCALE_MAX, contours
from core.inference.analysis import model_name
from core.models.anomaly_model import ModelCard
from core.resources import resource_path
from core.training.curves import quartiles
from core.training.evaluation import Evaluation, FilmValues, LabelSums, Sample, SourceFigures
from core.training.intervals import Figure
from core.training.plots import Axis, Group, Plot, box_plot, interval_mark
from core.visible import visible

_AUROC = "AUROC of the anomaly score"
_ALARMS = "false alarms of the score at α = 5 %"
_PROMISE = "range that the calibration promises"
_CHANGE = "mean change on healthy films (0–1)"
_SSIM = "SSIM of healthy films and their twins"
_SUM = "AUROC of the sum A, "
_SUM_WHOLE = f"{_SUM}whole model"

_STYLES = ("abnormal", "third", "fourth", "fifth")
_BINS = 24
_PICTURE_PX = 256
_NOTHING, _DENSER, _LUCENT = (22, 25, 30), (255, 190, 92), (96, 190, 250)
_SYNTHETIC = (230, 140, 214)

_MEANINGS = (
    (
        "Anomaly score",
        "How far a film and its twin are apart, in spreads of healthy films: 0 is the healthy mean. Without "
        "a calibration it is the mean of the difference map.",
    ),
    (
        "AUROC",
        "The chance that an abnormal film scores higher than a healthy one of the same source: 0.5 is a "
        "coin, 1 is perfect. Sources are never pooled: across two of them a model can win by recognising the "
        "source.",
    ),
    (
        "Interval",
        "95 %. Areas and means: by drawing patients (not films) a thousand times; shares: exact binomial.",
    ),
    (
        "p-value and α",
        "p is the share of healthy calibration films that score at least as high. The rule p ≤ α promises "
        "false alarms near α on films like those of the calibration, and on no others; how near, depends on "
        "how many they were. It is no probability of disease.",
    ),
    (
        "Trivial baselines",
        "What anybody gets from the same films without a model. A model is worth what it adds to them.",
    ),
    ("Synthetic lesions", "Pasted on the healthy films of this set, so that their place is known."),
    (
        "SSIM",
        "Structural similarity of a healthy film and its twin: 1 means that the model changed nothing.",
    ),
)


def evaluation_page(
    evaluation: Evaluation, card: ModelCard, *, data: str, made_on: str, with_films: bool = True
) -> str:
    """The page. `data`: what was measured on, `made_on`: when, both as people read them."""
    template = Template(resource_path("report", "template.html").read_text(encoding="utf-8"))
    shown = evaluation.samples if with_films else ()
    return template.substitute(
        title=_text(f"Evaluation of {card.name}"),
        style=resource_path("report", "evaluation.css").read_text(encoding="utf-8"),
        body="\n".join(_body(evaluation, card, data, made_on, shown)),
    )


def _body(
    evaluation: Evaluation, card: ModelCard, data: str, made_on: str, samples: Sequence[Sample]
) -> Iterator[str]:
    yield f'<header><p class="research">{_text(RESEARCH_USE)}</p>'
    yield f"<h1>Evaluation of {_text(card.name)}</h1></header>"
    if samples:
        yield '<p class="banner">This page holds images of patients. Treat it like their films.</p>'
    if not evaluation.calibrated:
        yield (
            '<p class="banner">This model is uncalibrated: no rate of false alarms is promised, and scores '
            "have no unit.</p>"
        )
    yield f"<section>{_facts(_origin(evaluation, card, data, made_on))}</section>"
    yield f"<section><h2>Aims</h2>{_aims(evaluation, card)}</section>"
    yield f"<section><h2>What the figures mean</h2>{_facts(_MEANINGS)}</section>"
    styles = _styles(evaluation.films)
    for source in _in_order(evaluation.sources):
        yield _source(evaluation, source)
    yield f"<section><h2>Anomaly score by label</h2>{_scores_by_label(evaluation.films, styles)}</section>"
    if evaluation.sums:
        yield _comparison(evaluation, styles)
    if samples:
        yield _samples(evaluation, samples)
    yield f"<section><h2>What was left out</h2>{_left_out(evaluation)}</section>"
    yield f"<section><h2>Limits of this model</h2>{_limits(card)}</section>"


def _in_order(sources: Sequence[SourceFigures]) -> list[SourceFigures]:
    """Those with both kinds of film first: only they can be compared within themselves."""
    return sorted(sources, key=lambda source: (not (source.healthy and source.abnormal), source.source))


def _limits(card: ModelCard) -> str:
    limits = "".join(f"<li>{_text(limit)}</li>" for limit in card.limits)
    return f"<ul>{limits}</ul><p>{_text(card.intended_use)}</p>"


def _origin(evaluation: Evaluation, card: ModelCard, data: str, made_on: str) -> Iterable[tuple[str, str]]:
    youngest, oldest = card.age_years
    ages = f"{youngest:g} to {oldest:g} years" if oldest < 150 else f"from {youngest:g} years on"
    counts = [
        f"{source.source}: {source.healthy} healthy, {source.abnormal} abnormal"
        for source in evaluation.sources
    ]
    return (
        ("Model", f"{card.name}, {model_name(card.kind)}, preset {card.preset}, version {card.version}"),
        ("Made for", f"{card.population}, {ages}; {', '.join(card.views)} views"),
        ("Weights", evaluation.weights_digest),
        ("Calibration", evaluation.calibration),
        ("Measured on", f"{data}: {'; '.join(counts)}"),
        ("Made", f"{made_on}, HealthyTwin {__version__}"),
    )


def _aims(evaluation: Evaluation, card: ModelCard) -> str:
    rows = []
    for source in _in_order(evaluation.sources):
        for aim, measured, reached in _aims_of(source, card, evaluation.sums):
            verdict = '<td class="yes">reached</td>' if reached else '<td class="no">missed</td>'
            texts = f"<td>{_text(aim)}</td><td>{_text(source.source)}</td>"
            rows.append(f'<tr>{texts}<td class="number">{_text(measured)}</td>{verdict}</tr>')
    if not rows:
        return "<p>None of the aims can be measured on these films.</p>"
    head = "<tr><th>aim</th><th>source</th><th>measured</th><th></th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _aims_of(
    source: SourceFigures, card: ModelCard, sums: Sequence[LabelSums]
) -> Iterator[tuple[str, str, bool]]:
    """Aim, what was measured, whether it was reached; only of what can be measured."""
    figures = source.figures
    if _AUROC in figures:
        area = figures[_AUROC]
        yield "The score orders the films: its whole interval lies above 0.5", str(area), area.low > 0.5
        if source.baselines:
            name, best = max(source.baselines.items(), key=lambda entry: entry[1].value)
            words = f"{area.value:.3f} against {best.value:.3f} ({name})"
            yield "Its AUROC is above that of the best trivial baseline", words, area.value > best.value
    if _ALARMS in figures and _PROMISE in figures:
        alarms, promise = figures[_ALARMS], figures[_PROMISE]
        words = f"{alarms.value:.3f}, promised {promise.low:.3f} to {promise.high:.3f}"
        inside = promise.low <= alarms.value <= promise.high
        # Zero of few films may lie below the range by chance, and does nobody harm.
        yield (
            "False alarms at α = 5 % are not above what is promised",
            words,
            inside or alarms.value < promise.low,
        )
    if card.kind == "healthygan":
        if _CHANGE in figures:
            yield (
                "Mean change on healthy films at most 0.01",
                str(figures[_CHANGE]),
                figures[_CHANGE].value <= 0.01,
            )
        if _SSIM in figures:
            yield "SSIM on healthy films at least 0.98", str(figures[_SSIM]), figures[_SSIM].value >= 0.98
    yield from _order_aims(source, sums)


def _order_aims(source: SourceFigures, sums: Sequence[LabelSums]) -> Iterator[tuple[str, str, bool]]:
    """The seed paper's comparison: healthy films have the lower mean A."""
    for row in sums:
        if row.healthy or row.source != source.source:
            continue
        for well in _healthy_beside(row, sums):
            foreign = (
                "" if well.source == row.source else f" (healthy films of another source, {well.source})"
            )
            words = f"{well.whole.mean:.0f} and {row.whole.mean:.0f}"
            aim = f"Mean A of the whole model: healthy < {row.label}{foreign}"
            yield aim, words, well.whole.mean < row.whole.mean
    if _SUM_WHOLE in source.figures:
        area = source.figures[_SUM_WHOLE]
        yield (
            "That order is no chance: the whole interval of A's AUROC is above 0.5",
            str(area),
            area.low > 0.5,
        )


def _healthy_beside(row: LabelSums, sums: Sequence[LabelSums]) -> list[LabelSums]:
    """The healthy films of the same source; those of others only where it has none."""
    own = [other for other in sums if other.healthy and other.source == row.source]
    return own or [other for other in sums if other.healthy]


def _source(evaluation: Evaluation, source: SourceFigures) -> str:
    films = [film for film in evaluation.films if film.source == source.source]
    plots = [*_roc(source), _histogram(films, evaluation), *_alarms(source)]
    title = _text(f"{source.source}: {source.healthy} healthy, {source.abnormal} abnormal films")
    figures = "".join(f"<figure>{plot}</figure>" for plot in plots)
    return f'<section><h2>{title}</h2><div class="plots">{figures}</div>{_table(source)}</section>'


def _roc(source: SourceFigures) -> Iterator[str]:
    if source.roc is None:
        return
    area, curve = source.figures[_AUROC], source.roc
    plot = Plot(
        f"ROC, {source.source}",
        f"Sensitivity against false alarms with its 95 % band; the area under it is {area}.",
        Axis(0, 1, "false alarms (share of healthy films)"),
        Axis(0, 1, "sensitivity (share of abnormal films)"),
    )
    plot.band(curve.false_alarms, curve.low, curve.high, "score", "95 % band, by patients", steps=True)
    plot.line((0, 1), (0, 1), "quiet", "coin")
    yield plot.line(curve.false_alarms, curve.sensitivity, "score", f"AUROC {area}", steps=True).svg()


def _histogram(films: Sequence[FilmValues], evaluation: Evaluation) -> str:
    scores = np.array([film.score for film in films])
    limit = evaluation.score_threshold
    axis = Axis.around(
        [*scores, *([limit] if limit is not None else [])], "anomaly score (spreads of healthy films)"
    )
    if not evaluation.calibrated:
        axis = Axis.around(scores, "mean of the difference map (grey range 0–1)")
    edges = np.linspace(axis.low, axis.high, _BINS + 1)
    parts = []
    for name, style, healthy in (("healthy", "healthy", True), ("abnormal", "abnormal", False)):
        own = np.array([film.score for film in films if film.healthy == healthy])
        if own.size:
            counts = np.histogram(own, edges)[0]
            parts.append((name, style, 100 * counts / own.size, own.size))
    top = max(float(heights.max()) for _, _, heights, _ in parts)
    plot = Plot(
        f"Scores, {films[0].source}",
        "Distribution of the anomaly scores of healthy and abnormal films with the threshold.",
        axis,
        Axis(0, 1.08 * top, "films (% of their kind)"),
    )
    for name, style, heights, count in parts:
        plot.bars(edges.tolist(), heights.tolist(), style, f"{name}, {count} films")
    if limit is not None:
        plot.upright(limit, "threshold", f"threshold {limit:.2f}: p ≤ 5 % to its right")
    return plot.svg()


def _alarms(source: SourceFigures) -> Iterator[str]:
    curve = source.alarms
    if curve is None:
        return
    percent = [100 * alpha for alpha in curve.alphas]
    low, realised, high, least, most = (
        [100 * share for share in shares]
        for shares in (curve.low, curve.realised, curve.high, curve.promised_low, curve.promised_high)
    )
    plot = Plot(
        f"False alarms, {source.source}",
        "False alarms of the rule p ≤ α against α, with the range that the calibration promises.",
        Axis(0, percent[-1], "α (%)"),
        Axis(0, min(100.0, 1.05 * max(*high, *most, percent[-1])), "healthy films with p ≤ α (%)"),
    )
    plot.band(percent, least, most, "promise", "range that the calibration promises")
    plot.band(percent, low, high, "healthy", "exact 95 % interval of what happened")
    plot.line((0, percent[-1]), (0, percent[-1]), "quiet", "as many as α")
    yield plot.line(percent, realised, "healthy", f"realised, {curve.films} healthy films").svg()


def _table(source: SourceFigures) -> str:
    rows = [_row(name, figure, "score") for name, figure in source.figures.items()]
    if source.baselines:
        rows.append(
            '<tr class="part"><th colspan="5">AUROC of the trivial baselines on the same films</th></tr>'
        )
        rows += [_row(name, figure, "quiet") for name, figure in source.baselines.items()]
    head = "<tr><th>measure</th><th>value</th><th>95 % interval</th><th>n</th><th>0 to 1</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _row(name: str, figure: Figure, style: str) -> str:
    mark = interval_mark(figure.low, figure.value, figure.high, style, f"{name}: {figure}")
    return (
        f'<tr><td>{_text(name)}</td><td class="number">{figure.value:.3f}</td>'
        f'<td class="number">{figure.low:.3f} to {figure.high:.3f}</td>'
        f'<td class="number">{figure.films}</td><td class="mark">{mark}</td></tr>'
    )


def _styles(films: Sequence[FilmValues]) -> dict[str, str]:
    """A colour of its own for each label."""
    labels = sorted({film.label for film in films if not film.healthy})
    return {"healthy": "healthy"} | {
        label: _STYLES[place % len(_STYLES)] for place, label in enumerate(labels)
    }


def _scores_by_label(films: Sequence[FilmValues], styles: dict[str, str]) -> str:
    groups = []
    for source, label in _labels(films):
        scores = np.array([film.score for film in films if (film.source, film.label) == (source, label)])
        groups.append(_group(source, label, scores, styles[label]))
    axis = Axis.around([film.score for film in films], "anomaly score")
    words = "Quartiles of the anomaly score of each label of each source."
    return f"<figure>{box_plot('Anomaly score', words, axis, groups)}</figure>{_BOX_WORDS}"


def _labels(films: Sequence[FilmValues]) -> list[tuple[str, str]]:
    """Rows of a box plot as source and label: sources with healthy films first, and these first of all."""
    with_healthy = {film.source for film in films if film.healthy}
    keys = {(film.source not in with_healthy, film.source, not film.healthy, film.label) for film in films}
    return [(source, label) for _, source, _, label in sorted(keys)]


_BOX_WORDS = (
    '<p class="small">Box: from a quarter to three quarters of the films, with the median; line: least to '
    "largest; rhomb: mean; each dot is a film. Films of different sources differ by their source, too.</p>"
)


def _comparison(evaluation: Evaluation, styles: dict[str, str]) -> str:
    plots = []
    known = [value for film in evaluation.films for value in (film.anomaly_sum, film.stage_one_sum)]
    axis = Axis.around((value for value in known if value is not None), "A (sum of grey differences)")
    for title, name in (
        ("Whole model: super-resolved, all films", "anomaly_sum"),
        ("Stage 1 alone: plain AnoGAN, the films on which it was searched", "stage_one_sum"),
    ):
        groups = []
        for source, label in _labels(evaluation.films):
            own = [film for film in evaluation.films if (film.source, film.label) == (source, label)]
            values = [getattr(film, name) for film in own if getattr(film, name) is not None]
            groups.append(_group(source, label, np.array(values), styles[label]))
        plots.append(f"<figure>{box_plot(title, 'Quartiles of A of each label.', axis, groups)}</figure>")
    return (
        "<section><h2>The papers' own number: A, with and without super-resolution</h2>"
        "<p>For reference only; thresholds and p-values come from the anomaly score above. "
        f"{_text(evaluation.comparison)}</p>{''.join(plots)}{_sums_table(evaluation)}"
        f"{''.join(f'<p>{_text(words)}</p>' for words in _orders(evaluation))}</section>"
    )


def _sums_table(evaluation: Evaluation) -> str:
    rows = []
    order = _labels(evaluation.films)
    for row in sorted(evaluation.sums, key=lambda row: order.index((row.source, row.label))):
        parts = [("whole model", row.whole), ("stage 1 alone", row.stage_one)]
        if row.whole_searched.films < row.whole.films:
            parts.insert(1, ("whole model, the searched films", row.whole_searched))
        for name, part in parts:
            numbers = (part.mean, part.quarter, part.median, part.three_quarters)
            cells = "".join(f'<td class="number">{number:.1f}</td>' for number in numbers)
            rows.append(
                f"<tr><td>{_text(row.source)}</td><td>{_text(row.label)}</td><td>{_text(name)}</td>{cells}"
                f'<td class="number">{part.films}</td></tr>'
            )
    heads = ("source", "label", "A of", "mean", "¼", "median", "¾", "n")
    head = "".join(f"<th>{words}</th>" for words in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _orders(evaluation: Evaluation) -> Iterator[str]:
    """In words which way the means lie; across sources with the caution that belongs to it."""
    for row in evaluation.sums:
        if row.healthy:
            continue
        for well in _healthy_beside(row, evaluation.sums):
            caution = (
                ""
                if well.source == row.source
                else f" The healthy films are of another source ({well.source}): the sources may differ, not "
                "the health."
            )
            yield (
                f"{row.source}, {row.label}: mean A of the whole model "
                f"{_order(well.whole.mean, row.whole.mean)}; of stage 1 alone "
                f"{_order(well.stage_one.mean, row.stage_one.mean)}.{caution}"
            )
    for source in evaluation.sources:
        areas = [
            f"{name.removeprefix(_SUM)} {figure} (n\u00a0=\u00a0{figure.films})"
            for name, figure in source.figures.items()
            if name.startswith(_SUM)
        ]
        if areas:
            yield f"{source.source}, {_SUM}{'; '.join(areas)}."


def _order(well: float, sick: float) -> str:
    return f"healthy {well:.0f} {'<' if well < sick else '>'} {sick:.0f}" + (
        "" if well < sick else " (the wrong order)"
    )


def _group(source: str, label: str, values: NDArray[np.floating], style: str) -> Group:
    name = visible(f"{source} · {label}")
    name = name if len(name) <= 32 else f"{name[:31]}…"
    return Group(f"{name}, n = {len(values)}", quartiles(values), tuple(values.tolist()), style)


def _samples(evaluation: Evaluation, samples: Sequence[Sample]) -> str:
    shares = ", ".join(f"{100 * share:.0f}" for share in sorted({sample.share for sample in samples}))
    lit = (
        "White outlines: what lights up at the threshold of α = 5 %."
        if evaluation.map_threshold is not None
        else "No outlines: the model has no calibrated threshold."
    )
    words = (
        "Chosen by a rule, not by eye: of the healthy and of the abnormal films of each source those whose "
        f"scores stand at the {shares} % places of their kind. Film | healthy twin, which is invented | film "
        f"− twin, for every film on the same scale. Films as the model sees them, with matched greys. {lit}"
    )
    scale = (
        f'<p class="scale"><span>−{SCALE_MAX:.2f} more lucent than the twin</span><span class="ramp"></span>'
        f"<span>denser than the twin +{SCALE_MAX:.2f}</span></p>"
    )
    kinds = []
    for source in [one.source for one in _in_order(evaluation.sources)]:
        columns = []
        for healthy in (True, False):
            own = [s for s in samples if s.values.source == source and s.values.healthy == healthy]
            if own:
                rows = "".join(_sample(sample, evaluation.map_threshold) for sample in own)
                columns.append(
                    f'<div class="kind"><h3>{"healthy" if healthy else "abnormal"}</h3>{rows}</div>'
                )
        kinds.append(f'<h3>{_text(source)}</h3><div class="kinds">{"".join(columns)}</div>')
    return f"<section><h2>Films</h2><p>{_text(words)}</p>{scale}{''.join(kinds)}</section>"


def _sample(sample: Sample, threshold: float | None) -> str:
    values = sample.values
    p_value = "" if values.p_value is None else f", p = {values.p_value:.3f}"
    score = f"{values.score:.2f}".replace("-", "−")
    caption = f"{values.label}, {100 * sample.share:.0f} % place: score {score}{p_value}"
    pictures = (
        ("film", _grey(sample.film)),
        ("healthy twin, synthetic", _stamped(_grey(sample.twin))),
        ("difference", _difference(sample, threshold)),
    )
    images = "".join(
        f'<img alt="{name}" width="{_PICTURE_PX}" height="{_PICTURE_PX}" src="{_address(picture)}">'
        for name, picture in pictures
    )
    return f'<figure class="films">{images}<figcaption>{_text(caption)}</figcaption></figure>'


def _grey(image: NDArray[np.float32]) -> Image.Image:
    picture = Image.fromarray(np.asarray(255 * np.clip(image, 0, 1) + 0.5, np.uint8))
    return picture.resize((_PICTURE_PX, _PICTURE_PX), Image.Resampling.BICUBIC).convert("RGB")


def _stamped(picture: Image.Image) -> Image.Image:
    """The twin says of itself what it is, wherever the picture ends up."""
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(resource_path("fonts", "HealthyTwinSans-Bold.ttf")), 14)
    draw.text((6, _PICTURE_PX - 22), "SYNTHETIC", _SYNTHETIC, font, stroke_width=2, stroke_fill=(0, 0, 0))
    draw.rectangle((0, 0, _PICTURE_PX - 1, _PICTURE_PX - 1), outline=_SYNTHETIC)
    return picture


def _difference(sample: Sample, threshold: float | None) -> Image.Image:
    """Film − twin on the fixed scale, with outlines of what lights up."""
    share = np.clip((sample.film - sample.twin) / SCALE_MAX, -1, 1)[..., None]
    ends = np.where(share > 0, np.array(_DENSER), np.array(_LUCENT))
    colours = np.array(_NOTHING) + np.abs(share) * (ends - np.array(_NOTHING))
    picture = Image.fromarray(np.asarray(colours + 0.5, np.uint8))
    picture = picture.resize((_PICTURE_PX, _PICTURE_PX), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for outline in contours(sample.map, threshold) if threshold is not None else ():
        draw.line([(column * _PICTURE_PX, row * _PICTURE_PX) for row, column in outline], (255, 255, 255), 2)
    return picture


def _address(picture: Image.Image) -> str:
    stored = io.BytesIO()
    picture.save(stored, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stored.getvalue()).decode('ascii')}"


def _left_out(evaluation: Evaluation) -> str:
    """Reasons with their counts; the files are named by the command, not here."""
    if not evaluation.left_out:
        return "<p>Nothing: every film that was listed was measured.</p>"
    reasons: dict[str, int] = {}
    for entry in evaluation.left_out:
        reason = entry.reason.removeprefix(f"{entry.path.name}: ").replace(entry.path.name, "the file")
        reason = reason.replace(str(entry.path.parent), "its folder")
        reasons[reason] = reasons.get(reason, 0) + 1
    items = "".join(f"<li>{count} × {_text(reason)}</li>" for reason, count in reasons.items())
    return f"<p>{len(evaluation.left_out)} files; the command names them.</p><ul>{items}</ul>"


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{_text(name)}</dt><dd>{_text(words)}</dd>" for name, words in facts)
    return f"<dl>{rows}</dl>"


def _text(words: str) -> str:
    return html.escape(visible(words))
