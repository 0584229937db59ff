"""Hanging protocols: the layout in which a study is hung, and which series stand beside the first.

A protocol says for which images it is meant (modality, part of the body, view, number of series, a prior,
room on the screen) and what is hung then. The first that fits is taken: those of the reader's own file
before those that ship. A layout that the reader chose for a modality takes the place of the protocol's.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ProductError
from core.priors import FILM_MODALITIES, priors_of
from core.resources import resource_path
from core.study_list import folded

if TYPE_CHECKING:
    from core.dicom.study import Instance, Series, Study, StudyIndex

MOST_ROWS, MOST_COLUMNS = 3, 4
PANELS = ("all", "original", "twin", "difference")
"""What of the comparison stands in the first viewport."""
ZOOMS = ("fit", "one to one")
PRIOR, NEXT_SERIES, NEXT_IMAGE, NOTHING = "prior", "next series", "next image", "nothing"

_WORDS_BESIDE = (PRIOR, NEXT_SERIES, NEXT_IMAGE, NOTHING)
_KEYS = frozenset(
    {
        *("name", "modality", "body_part", "view", "with", "prior", "least_series", "most_series"),
        *("from_width", "layout", "panels", "beside", "preset", "zoom"),
    }
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the desk is divided, and what of the comparison stands in its first viewport.

    Written as "2x2" or "2x2 original": rows, columns, panels. Raises `ValueError` outside of the bounds.
    """

    rows: int = 1
    columns: int = 1
    panels: str = "all"

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= MOST_ROWS and 1 <= self.columns <= MOST_COLUMNS):
            raise ValueError(f"a layout has 1 to {MOST_ROWS} rows and 1 to {MOST_COLUMNS} columns")
        if self.panels not in PANELS:
            raise ValueError(f"the panels are one of {', '.join(PANELS)}")

    @property
    def beside(self) -> int:
        """Viewports beside the first."""
        return self.rows * self.columns - 1

    def __str__(self) -> str:
        return f"{self.rows}x{self.columns} {self.panels}"

    @classmethod
    def of(cls, text: str) -> Layout:
        """The layout of such a text; raises `ValueError` for another text."""
        grid, _, panels = text.partition(" ")
        rows, x, columns = grid.partition("x")
        if not x or not rows.isdecimal() or not columns.isdecimal():
            raise ValueError(f"a layout is written as 1x2 or 2x2 original, not {text!r}")
        return cls(int(rows), int(columns), panels or "all")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is hung in one more viewport: one of the words, or a series of the study that fits."""

    what: str = NOTHING
    modality: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Protocol:
    """One hanging protocol; empty conditions hold for everything. `with_modalities`: also in the study."""

    name: str
    layout: Layout
    beside: tuple[Beside, ...] = ()
    modalities: frozenset[str] = frozenset()
    body_parts: tuple[str, ...] = ()
    views: frozenset[str] = frozenset()
    with_modalities: frozenset[str] = frozenset()
    prior: bool | None = None
    least_series: int = 0
    most_series: int = 10**6
    from_width: int = 0
    preset: str = ""
    zoom: str = ZOOMS[0]


@dataclass(frozen=True, slots=True)
class Hung:
    """What is hung: a layout, and for each viewport beside the first an image, as (series, position)."""

    layout: Layout
    beside: tuple[tuple[Series, int] | None, ...] = ()
    preset: str = ""
    zoom: str = ZOOMS[0]


class Protocols:
    """The protocols at hand, in the order in which they are asked."""

    def __init__(self, protocols: Iterable[Protocol]) -> None:
        self._protocols = tuple(protocols)

    def hung(
        self,
        index: StudyIndex,
        instance: Instance,
        frame_index: int = 0,
        *,
        width_px: int = 0,
        chosen: Mapping[str, Layout] | None = None,
    ) -> Hung:
        """How an image is hung. `width_px`: room for all viewports; `chosen`: layouts by modality."""
        _, study, series = index.place_of(instance, frame_index)
        priors = bool(priors_of(index, instance, frame_index))
        fits = (
            one
            for one in self._protocols
            if _fits(one, study, series, instance, prior=priors, width_px=width_px)
        )
        protocol = next(fits, Protocol("", Layout(panels="original")))
        layout = (chosen or {}).get(series.modality, protocol.layout)
        wanted = protocol.beside if layout.beside == protocol.layout.beside else ()
        return Hung(
            layout,
            placed(index, instance, frame_index, wanted, layout.beside),
            protocol.preset,
            protocol.zoom,
        )


def placed(
    index: StudyIndex, instance: Instance, frame_index: int, wanted: tuple[Beside, ...], count: int
) -> tuple[tuple[Series, int] | None, ...]:
    """Images for `count` viewports: what is wanted, then the next series or films, then the prior."""
    _, study, series = index.place_of(instance, frame_index)
    position = series.position_of(instance, frame_index)
    priors = [(one.series, one.position) for one in priors_of(index, instance, frame_index)]
    is_films = series.modality in FILM_MODALITIES | {"", "MG"} and len(series.instances) <= 24
    images = [(series, place) for place in range(series.number_of_images) if is_films and place != position]
    images = images[position:] + images[:position]
    others = [one for one in study.series if one.key != series.key]
    after = [one for one in study.series[_place(study, series) :] if one in others]
    rest = [(one, 0) for one in (*after, *(one for one in others if one not in after))]
    if not wanted:
        return _filled((*images, *rest, *priors), count)
    found: list[tuple[Series, int] | None] = []
    for one in wanted[:count]:
        pool = {PRIOR: priors, NEXT_SERIES: rest, NEXT_IMAGE: images, NOTHING: []}.get(one.what)
        if pool is None:
            pool = [(other, 0) for other in others if _is_wanted(one, other)]
        found.append(next((image for image in pool if image not in found), None))
    return (*found, *(None,) * (count - len(found)))


def _filled(images: tuple[tuple[Series, int], ...], count: int) -> tuple[tuple[Series, int] | None, ...]:
    return (*images[:count], *(None,) * (count - len(images[:count])))


def _place(study: Study, series: Series) -> int:
    return next((place for place, one in enumerate(study.series) if one.key == series.key), 0)


def _is_wanted(wanted: Beside, series: Series) -> bool:
    if wanted.modality and series.modality != wanted.modality:
        return False
    return folded(wanted.description) in folded(f"{series.description} {series.protocol_name}")


def _fits(
    protocol: Protocol, study: Study, series: Series, instance: Instance, *, prior: bool, width_px: int
) -> bool:
    part = folded(series.body_part_examined)
    present = {one.modality for one in study.series}
    return all(
        (
            not protocol.modalities or series.modality in protocol.modalities,
            not protocol.body_parts or any(folded(one) == part for one in protocol.body_parts),
            not protocol.views or instance.view_position in protocol.views,
            protocol.with_modalities <= present,
            protocol.prior in (None, prior),
            protocol.least_series <= len(study.series) <= protocol.most_series,
            width_px >= protocol.from_width,
        )
    )


# --- files ------------------------------------------------------------------------------------------


def load_protocols(own: Path | None) -> tuple[Protocols, ProductError | None]:
    """The reader's protocols before those that ship, and what is wrong with the reader's file.

    A file that is wrong is left aside whole: half of it might hang the wrong thing.
    """
    shipped = read_protocols(resource_path("hanging.toml"))
    if own is None or not own.exists():
        return Protocols(shipped), None
    try:
        mine = read_protocols(own)
    except ProductError as error:
        return Protocols(shipped), error
    names = {one.name for one in mine}
    return Protocols((*mine, *(one for one in shipped if one.name not in names))), None


def read_protocols(path: Path) -> tuple[Protocol, ...]:
    """The protocols of a file. Raises `ProductError` that names the protocol and the key at fault."""
    hint = "README.md tells what a hanging protocol may say; the protocols that ship are used meanwhile."
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ProductError(f"{path} cannot be read ({error.strerror}).", hint) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProductError(f"{path} is not TOML: {error}.", hint) from error
    entries = content.get("protocol", [])
    if not isinstance(entries, list) or set(content) - {"protocol"}:
        raise ProductError(f"{path} may hold [[protocol]] entries only.", hint)
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_protocol(entry))
        except ValueError as error:
            name = entry.get("name", "") if isinstance(entry, dict) else ""
            which = f"“{name}”" if isinstance(name, str) and name else f"number {number}"
            raise ProductError(f"Hanging protocol {which} in {path}: {error}.", hint) from error
    return tuple(found)


def _protocol(entry: Any) -> Protocol:  # what a TOML file holds: checked here
    if not isinstance(entry, dict):
        raise ValueError("it is not a table")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"the key {unknown[0]!r} is not known")
    layout = Layout.of(_text(entry, "layout"))
    if "panels" in entry:
        layout = replace(layout, panels=_text(entry, "panels"))
    beside = tuple(_beside(one) for one in _list(entry, "beside"))
    if len(beside) > layout.beside:
        raise ValueError(f"'beside' names {len(beside)} viewports, but the layout has {layout.beside}")
    zoom = _text(entry, "zoom", ZOOMS[0])
    if zoom not in ZOOMS:
        raise ValueError(f"'zoom' is one of {', '.join(ZOOMS)}")
    return Protocol(
        name=_text(entry, "name"),
        layout=layout,
        beside=beside,
        modalities=frozenset(_texts(entry, "modality")),
        body_parts=_texts(entry, "body_part"),
        views=frozenset(_texts(entry, "view")),
        with_modalities=frozenset(_texts(entry, "with")),
        prior=_flag(entry, "prior"),
        least_series=_number(entry, "least_series", 0),
        most_series=_number(entry, "most_series", 10**6),
        from_width=_number(entry, "from_width", 0),
        preset=_text(entry, "preset", ""),
        zoom=zoom,
    )


def _beside(one: Any) -> Beside:  # as above
    if isinstance(one, str):
        if one not in _WORDS_BESIDE:
            raise ValueError(f"'beside' holds {', '.join(_WORDS_BESIDE)} or a table, not {one!r}")
        return Beside(one)
    if not isinstance(one, dict) or not one or set(one) - {"modality", "description"}:
        raise ValueError("a table in 'beside' holds 'modality' or 'description'")
    return Beside("", _text(one, "modality", ""), _text(one, "description", ""))


def _text(entry: dict[str, Any], key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be a text" if key in entry else f"{key!r} is missing")
    return value


def _list(entry: dict[str, Any], key: str) -> list[Any]:
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key!r} must be a list")
    return value


def _texts(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    values = _list(entry, key)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key!r} must be a list of texts")
    return tuple(values)


def _number(entry: dict[str, Any], key: str, default: int) -> int:
    value = entry.get(key, default)
    if type(value) is not int or value < 0:
        raise ValueError(f"{key!r} must be a whole number")
    return value


def _flag(entry: dict[str, Any], key: str) -> bool | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{key!r} must be true or false")
    return value


# --- what the reader chose ---------------------------------------------------------------------------


def chosen_layouts(text: str) -> dict[str, Layout]:
    """Layouts by modality as the settings keep them; what is damaged counts as not chosen."""
    try:
        stored = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    layouts: dict[str, Layout] = {}
    for modality, written in stored.items() if isinstance(stored, dict) else ():
        try:
            layouts[modality] = Layout.of(str(written))
        except ValueError:
            continue
    return layouts


def with_chosen(text: str, modality: str, layout: Layout | None) -> str:
    """The text of the settings after a choice; None takes it back."""
    layouts = chosen_layouts(text)
    layouts.pop(modality, None)
    if layout is not None:
        layouts[modality] = layout
    return json.dumps({modality: str(one) for modality, one in sorted(layouts.items())}) if layouts else ""
