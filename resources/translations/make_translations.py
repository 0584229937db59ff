"""Keeps the translation files in step with the source: finds the texts, merges, compiles.

Run `python -m resources.translations.make_translations` after texts were written or translated. New ones
come into `healthytwin_de.ts` as unfinished, to be translated there (by hand or with Qt Linguist); those that
nobody says any more go. Both files are part of the project, so that an installation needs no compiler.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from core.resources import resource_path
from core.settings import Settings
from viewer.core_sentences import (
    CORE_COUNTS,
    CORE_SENTENCES,
    CORE_TEMPLATES,
    LIST_COUNTS,
    LIST_SENTENCES,
    LIST_STARTS,
)
from viewer.language import CONTEXT

ROOT = Path(__file__).resolve().parents[2]
_MARKS = {"tr": 1, "marked": 1, "counted": 2}
_LANGUAGE = "de"


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text of the program. `source`: English. `note`: which meaning. `numbered`: forms for numbers.

    `translation`: one form, or those of a number in Qt's order; empty while nobody has translated it.
    """

    source: str
    note: str = ""
    numbered: bool = False
    places: tuple[str, ...] = field(default=(), compare=False)
    translation: tuple[str, ...] = field(default=(), compare=False)


def texts_of_the_program() -> tuple[Text, ...]:
    """All texts that the window may say, in the order of their English."""
    found: dict[tuple[str, str], Text] = {}
    for one in (*_said_in_source(), *_said_by_tables()):
        key = (one.source, one.note)
        known = found.get(key, one)
        found[key] = replace(known, places=tuple(sorted({*known.places, *one.places})))
    return tuple(sorted(found.values()))


def read_translation(path: Path) -> dict[tuple[str, str], Text]:
    """Texts of a translation file by source and note."""
    known: dict[tuple[str, str], Text] = {}
    if not path.is_file():
        return known
    for message in ET.parse(path).iter("message"):  # noqa: S314  # our own file, a part of the program
        translated = message.find("translation")
        if translated is None:
            continue
        forms = [part.text or "" for part in translated.findall("numerusform")] or [translated.text or ""]
        source, note = message.findtext("source", ""), message.findtext("comment", "")
        numbered = message.get("numerus") == "yes"
        known[(source, note)] = Text(source, note, numbered, (), tuple(forms) if any(forms) else ())
    return known


def merged(texts: Iterable[Text], known: dict[tuple[str, str], Text]) -> tuple[Text, ...]:
    """The texts with the translations that are known of them."""
    return tuple(
        replace(one, translation=known[one.source, one.note].translation)
        if (one.source, one.note) in known
        else one
        for one in texts
    )


def write_translation(path: Path, texts: Iterable[Text]) -> None:
    """Write Qt's XML, the same for the same texts."""
    root = ET.Element("TS", version="2.1", language=f"{_LANGUAGE}_DE", sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for one in texts:
        message = ET.SubElement(context, "message", {"numerus": "yes"} if one.numbered else {})
        for place in one.places:
            ET.SubElement(message, "location", filename=place)
        ET.SubElement(message, "source").text = one.source
        if one.note:
            ET.SubElement(message, "comment").text = one.note
        state = {} if one.translation else {"type": "unfinished"}
        translated = ET.SubElement(message, "translation", state)
        if one.numbered:
            for form in one.translation or ("", ""):
                ET.SubElement(translated, "numerusform").text = form
        else:
            translated.text = one.translation[0] if one.translation else ""
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def compile_translation(path: Path) -> None:
    """Make the `.qm` beside a `.ts` that Qt loads."""
    tool = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run(  # noqa: S603  # Qt's own tool beside this interpreter, on our own file
        [str(tool), "-silent", str(path), "-qm", str(path.with_suffix(".qm"))], check=True
    )


def _said_in_source() -> Iterator[Text]:
    for path in sorted((ROOT / "viewer").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _said_by(node, place)


def _said_by(call: ast.Call, place: str) -> Iterator[Text]:
    """The text of a call of `tr`, `marked` or `counted` with a literal; other values are texts of tables."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name not in _MARKS:
        return
    values = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
    texts = [value for value in values[: _MARKS[name]] if isinstance(value, str)]
    if len(texts) < _MARKS[name]:
        return
    note = values[1] if name != "counted" and len(values) > 1 else None
    yield Text(texts[-1], note if isinstance(note, str) else "", name == "counted", (place,))


def _said_by_tables() -> Iterator[Text]:
    """Texts of the tables that the window is made from."""
    # Imported here: the table reaches the whole window, which the rest of this module does not need.
    from viewer.actions import ACTIONS, MENUS

    for sentence in (*CORE_SENTENCES, *CORE_TEMPLATES, *LIST_SENTENCES, *LIST_STARTS):
        yield Text(sentence, "", False, ("viewer/core_sentences.py",))
    for _, many in (*CORE_COUNTS, *LIST_COUNTS):
        yield Text(many, "", True, ("viewer/core_sentences.py",))
    for menu in MENUS:
        yield Text(menu, "menu", False, ("viewer/actions.py",))
    for action in ACTIONS:
        yield Text(action.text, "", False, ("viewer/actions.py",))
    for one in fields(Settings):
        if one.metadata["in_dialog"]:
            for words in (one.metadata["title"], one.metadata["help"], *one.metadata["choices"]):
                yield Text(words, "", False, ("core/settings.py",))


def main() -> int:
    """Find, merge, write, compile; say what is left to translate."""
    path = resource_path("translations", f"healthytwin_{_LANGUAGE}.ts")
    texts = merged(texts_of_the_program(), read_translation(path))
    write_translation(path, texts)
    compile_translation(path)
    left = [one for one in texts if not one.translation]
    for one in left:
        print(f"{', '.join(one.places)}: {one.source!r}")
    print(f"{len(texts)} texts, {len(left)} to translate.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
