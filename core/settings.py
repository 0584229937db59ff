"""Every preference with its type, default and words; one JSON file in the platform's config folder.

A damaged file never stops the program: it is kept as `.bad`, the defaults apply, and the reader is told
once. Keys that this version does not know are kept for the version that does.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from core.files import make_folder, write_whole

Table = tuple[tuple[str, ...], ...]
"""Rows of words: what the reader changed in a table of the program (its keys, say), and nothing else.

What a row means is known to whoever reads it; rows that mean nothing are theirs to pass over.
"""
Value = bool | int | float | str | Table

_MOST_ROWS = 1000


def _preference(
    default: Value,
    title: str,
    help_text: str,
    *,
    choices: tuple[str, ...] = (),
    bounds: tuple[float, float] | None = None,
    in_dialog: bool = True,
) -> Any:  # what dataclasses.field returns: typed by the annotation of the field
    metadata = {
        "title": title,
        "help": help_text,
        "choices": choices,
        "range": bounds,
        "in_dialog": in_dialog,
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """All preferences. Each field's metadata holds `title`, `help`, `choices`, `range`, `in_dialog`.

    Raises `ValueError` naming the field for a value outside its choices or range.
    """

    analyze_automatically: bool = _preference(
        True, "Analyze images by themselves", "Start the chosen model as soon as a suitable image is shown."
    )
    model: str = _preference(
        "healthygan",
        "Model at start",
        "Which opinion is asked first; both together show where they agree.",
        choices=("healthygan", "sr-anogan", "both"),
    )
    device: str = _preference(
        "auto",
        "Device",
        "Where the models run; auto takes a graphics card if there is one. Takes effect at the next start.",
        choices=("auto", "cpu", "cuda", "mps"),
    )
    model_folder: str = _preference(
        "",
        "Folder of your own models",
        "Searched beside the models that come with the program; empty: a folder of the program's own.",
    )
    test_films: str = _preference(
        "",
        "Test films",
        "Your held-out films (a folder with healthy and abnormal, or a CSV list): a new model is compared "
        "with the one in use on these before it is used.",
    )
    heatmap_opacity: float = _preference(
        0.6, "Heatmap opacity", "How much of the film the heatmap covers.", bounds=(0.05, 1.0)
    )
    detail_preserving_twin: bool = _preference(
        True,
        "Sharp healthy twin",
        "Show the film with the model's change added, instead of the network's own, coarser picture.",
    )
    blink_hz: float = _preference(
        2.0,
        "Blinking of original and twin",
        "How often a second the pair is shown when it blinks by itself (Shift+F).",
        bounds=(1.0, 4.0),
    )
    lens_radius_px: float = _preference(
        110.0,
        "Size of the healthy lens",
        "Radius of the circle that shows the twin under the cursor, in pixels.",
        bounds=(40.0, 400.0),
    )
    show_corner_texts: bool = _preference(
        True, "Texts in the corners", "Name, view, window and spacing in the corners of the panels."
    )
    show_welcome: bool = _preference(
        True,
        "Explain the three panels",
        "Before the first study is opened: three drawings and five sentences.",
    )
    deidentify_report: bool = _preference(
        False, "Leave names out of reports", "Reports carry no name, number or birth date of the patient."
    )
    reader_name: str = _preference("", "Your name", "Stands under the impression in reports.")
    remember_studies: bool = _preference(
        True,
        "Remember studies",
        "Keep what was read of folders, names of patients included, in your own user folder: they open again "
        "at once. File, Forget all studies wipes it.",
    )
    keep_decisions: bool = _preference(
        True,
        "Keep my decisions",
        "Write findings, notes, impressions and drawings down as you make them, in your own user folder, and "
        "show them again with the image. No names, except where you write them. Forget all studies leaves "
        "them; File, Forget all decisions wipes them.",
    )
    read_first: bool = _preference(
        False,
        "Read first",
        "Twin, difference, score and findings of an image stay hidden until you have written an impression "
        "of it and pressed Show the twin. First impression, times and later changes are kept with your "
        "decisions, on this computer; File, Export reading log writes them as a table.",
    )
    show_recent_studies: bool = _preference(
        True, "List recent studies", "File, Open recent names the patients whose studies were opened last."
    )
    thumbnail_px: int = _preference(
        64, "Thumbnail size", "Height of the small pictures in the study list, in pixels.", bounds=(48, 256)
    )
    sort_patients: str = _preference(
        "name",
        "Order of the patients",
        "By name, or the patient with the newest study first.",
        choices=("name", "newest study"),
        in_dialog=False,
    )
    sort_studies: str = _preference(
        "newest first",
        "Order of a patient's studies",
        "By the date and time of the study.",
        choices=("newest first", "oldest first"),
        in_dialog=False,
    )
    sort_series: str = _preference(
        "number",
        "Order of a study's series",
        "Series number, time of acquisition, description, or most images first.",
        choices=("number", "time", "description", "number of images"),
        in_dialog=False,
    )
    language: str = _preference(
        "system",
        "Language",
        "Of menus, panels and dialogs; system takes that of the computer. Takes effect at the next start.",
        choices=("system", "English", "Deutsch"),
    )
    text_percent: int = _preference(
        100,
        "Text size",
        "In per cent; also of the texts on the film. Applies at once; the titles of the side panels follow "
        "at the next start.",
        bounds=(100, 200),
    )
    icon_px: int = _preference(
        20, "Icon size", "Of the tool bar, in pixels. Applies at once.", bounds=(16, 48)
    )
    frame_memory_mb: int = _preference(
        0,
        "Memory for images",
        "Megabytes of images that are kept, and read ahead while you scroll; 0: a quarter of the memory "
        "that is free at the start, 2,048 at most.",
        bounds=(0, 65_536),
    )
    own_keys: tuple[tuple[str, ...], ...] = _preference(
        (),
        "Keys",
        "Keys that differ from those of the program: a command and its keys in each row.",
        in_dialog=False,
    )
    own_mouse: tuple[tuple[str, ...], ...] = _preference(
        (),
        "Mouse",
        "Gestures of the mouse that do something else than the program's own: one in each row.",
        in_dialog=False,
    )
    own_presets: tuple[tuple[str, ...], ...] = _preference(
        (),
        "Windows",
        "Named windows of modalities whose windows are not the program's: modality, name, width, centre.",
        in_dialog=False,
    )
    screen_sizes: tuple[tuple[str, ...], ...] = _preference(
        (),
        "Measured screens",
        "Device pixels in a millimetre, by screen, where the reader measured them.",
        in_dialog=False,
    )
    window_geometry: str = _preference(
        "", "Place of the window", "Remembered from the last use.", in_dialog=False
    )
    window_layout: str = _preference(
        "", "Panels at the sides", "Remembered from the last use.", in_dialog=False
    )
    layouts: str = _preference("", "Layouts", "The layout that you chose for each modality.", in_dialog=False)
    links: str = _preference(
        "scroll pan zoom window",
        "Linked",
        "What viewports share that show the same part of the patient.",
        in_dialog=False,
    )
    reference_lines: bool = _preference(
        True,
        "Reference lines",
        "Where the planes of other viewports cut an image, a dashed line says so.",
    )
    last_folder: str = _preference("", "Last folder", "Where the folder chooser opens.", in_dialog=False)

    def __post_init__(self) -> None:
        for one in fields(self):
            complaint = _complaint(one.metadata, type(one.default), getattr(self, one.name))
            if complaint:
                raise ValueError(f"{one.name} {complaint}.")


def settings_path() -> Path:
    """Where the settings of this user live."""
    return platformdirs.user_config_path("healthytwin", appauthor=False) / "settings.json"


def load(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """The settings in `path`, defaults for all that is missing or unusable, and what to tell the reader."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Settings(), ()
    except OSError as error:
        return Settings(), (f"The settings in {path} cannot be read ({error.strerror}); defaults are used.",)
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        return Settings(), (_set_aside(path),)
    settings, notes = Settings(), []
    for one in fields(Settings):
        if one.name in stored:
            try:
                value = _from_json(stored[one.name], type(one.default))
                settings = replace(settings, **{one.name: value})
            except ValueError:
                notes.append(f'The setting "{one.metadata["title"]}" was not usable; its default is used.')
    return settings, tuple(notes)


def save(settings: Settings, path: Path) -> None:
    """Write the file whole or not at all, keeping keys of other versions. Raises `CannotWrite`."""
    make_folder(path.parent)
    content = json.dumps(_foreign_keys(path) | asdict(settings), indent=2, ensure_ascii=False)
    write_whole(path, content.encode())


def _from_json(value: object, kind: type) -> Any:  # of type `kind`, which only run time knows
    """The value as the field's own type; raises `ValueError` for another kind of value."""
    if kind is tuple:
        return _rows(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    if isinstance(value, str):
        value.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
    return value


def _rows(value: object) -> Table:
    """The rows that are rows of words; others are left out, so that one bad row costs no other."""
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no table")
    return tuple(tuple(row) for row in value[:_MOST_ROWS] if _is_row(row))


def _is_row(row: object) -> bool:
    return isinstance(row, list) and bool(row) and all(isinstance(one, str) and _sound(one) for one in row)


def _sound(text: str) -> bool:
    """Whether a text can be written down: no lone surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _complaint(metadata: Any, kind: type, value: object) -> str:  # the mapping of dataclasses.Field
    if type(value) is not kind:
        return f"must be {kind.__name__}"
    if metadata["choices"] and value not in metadata["choices"]:
        return f"must be one of {', '.join(metadata['choices'])}"
    if metadata["range"] is not None and isinstance(value, int | float):
        low, high = metadata["range"]
        if not low <= value <= high:
            return f"must be between {low} and {high}"
    return ""


def _set_aside(path: Path) -> str:
    kept = path.with_name(path.name + ".bad")
    try:
        path.replace(kept)
    except OSError:
        return f"The settings in {path} are damaged; defaults are used."
    return f"The settings were damaged and defaults are used. The old file is kept as {kept}."


def _foreign_keys(path: Path) -> dict[str, object]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        stored = json.loads(path.read_bytes())
        if isinstance(stored, dict):
            return stored
    return {}
