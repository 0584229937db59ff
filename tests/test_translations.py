"""The translation file is that of the source, and whole; no text of a converted module is unmarked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

from core.resources import resource_path
from resources.translations.make_translations import (
    Text,
    compile_translation,
    merged,
    read_translation,
    texts_of_the_program,
    write_translation,
)
from viewer.language import CONTEXT

ROOT = Path(__file__).resolve().parents[1]
GERMAN = resource_path("translations", "healthytwin_de.ts")
# What is new in the source may wait for its translation, and is English until then; not more than this share.
_MAY_WAIT = 0.02

# Calls of Qt whose literal arguments a reader sees, and which of their arguments those are.
_SHOWING: dict[str, tuple[int | str, ...]] = {
    "setText": (0,),
    "setToolTip": (0,),
    "setWindowTitle": (0,),
    "setTitle": (0,),
    "setPlaceholderText": (0,),
    "setAccessibleName": (0,),
    "setAccessibleDescription": (0,),
    "setStatusTip": (0,),
    "setSuffix": (0,),
    "setPrefix": (0,),
    "addMenu": (0,),
    "addSection": (0,),
    "addTab": (1,),
    "addRow": (0,),
    "addItem": (0,),
    "addAction": (0,),
    "addButton": (0,),
    "QLabel": (0,),
    "QPushButton": (0,),
    "QCheckBox": (0,),
    "QRadioButton": (0,),
    "QGroupBox": (0,),
    "QDockWidget": (0,),
    "QToolBar": (0,),
    "QMenu": (0,),
    "TextDialog": (0, 1),
    "QListWidgetItem": (0,),
    "QTreeWidgetItem": (0,),
    "drawText": (1, 2),
    "showText": (1,),
    "getOpenFileName": (1, 3),
    "getOpenFileNames": (1, 3),
    "getExistingDirectory": (1,),
    "getSaveFileName": (1, 3),
}
# Functions of our own, and signals, that hand a text on; what is written as keys are goes to nobody's eyes.
_HANDING_ON: dict[str, tuple[int | str, ...]] = {
    "__init__": (0,),
    "emit": (0, 1),
    # What a line or a field says.
    "notice": (0,),
    "failure": (0,),
    "words_for": (1,),
    "_say": (0, 1, 2),
    "_say_film": (0,),
    "_wait": (0,),
    "_fail": (0, 1),
    "_failed": (0, 1),
    "_take_failure": (0,),
    "_show_failure": (0, 1),
    "_show_progress": (0, 1, 2),
    "_progress": (0, 1, 2),
    "set_loading": (0,),
    "set_status": (0,),
    # What work is called while it runs.
    "submit": (1, "title"),
    "_submit": (0, 1, 3, 4, "title", "tried"),
    "_ask": (0, 1),
    "LongJob": (2, "title"),
    "begin": (1, "title"),
    # Parts that carry a text.
    "PlaceField": (0, 1),
    "Curves": (0,),
    "_button": (0, 1),
    "_combo": (0, 1),
    "_text_box": (0,),
    "_quiet_label": (0,),
    "_words_label": (0,),
    "NoImages": (0, 1),
    "CannotWrite": (0, 1),
}
# These speak to a terminal and to scripts, in English.
_OF_THE_COMMAND_LINE = frozenset(
    f"viewer/{name}.py"
    for name in (
        *("commands", "batch", "console", "selftest", "listing", "conformance_table", "demo_run", "options"),
        *("screen", "script_commands"),
    )
)
_WORD = re.compile(r"[A-Za-z]{2}")
_KEY = re.compile(r"[a-z][a-z_-]*")
_FORMAT = re.compile(r"[A-Z]+ \(\*\.\w+\)")  # "PNG (*.png)" is so in every language
# Modules whose texts are not marked yet. Nothing is added here; a module that is done goes.
_NOT_CONVERTED: frozenset[str] = frozenset()


def shown_literals(path: Path) -> Iterator[str]:
    """Literals with a word in them that go to the screen as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {one.arg: one.value for one in node.keywords}
        for place in _SHOWING.get(name, ()) + _HANDING_ON.get(name, ()):
            if isinstance(place, int) and place < len(node.args):
                shown = words_in(node.args[place])
            elif isinstance(place, str) and place in named:
                shown = words_in(named[place])
            else:
                continue
            for words in shown:
                if not _FORMAT.fullmatch(words) and not (name in _HANDING_ON and _KEY.fullmatch(words)):
                    yield words


def of_the_command_line(path: Path) -> bool:
    """Whether a module speaks to a terminal alone."""
    return path.name.endswith("_commands.py") or path.relative_to(ROOT).as_posix() in _OF_THE_COMMAND_LINE


def words_in(node: ast.expr) -> Iterator[str]:
    """Literal parts of an expression that hold a word, but for those inside of a call."""
    if isinstance(node, ast.Call | ast.Subscript | ast.Compare):
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and _WORD.search(node.value.replace("HealthyTwin", "")):
            yield node.value
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FormattedValue):
            continue
        if isinstance(child, ast.expr):
            yield from words_in(child)


def test_every_text_of_a_converted_module_is_marked() -> None:
    unmarked = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "viewer").rglob("*.py"))
        if not of_the_command_line(path) and (found := list(shown_literals(path)))
    }
    new = {name: found for name, found in unmarked.items() if name not in _NOT_CONVERTED}
    assert not new, "say these with viewer.language.tr"
    assert set(unmarked) >= _NOT_CONVERTED, "modules that are done go from the list"


def test_the_translation_file_is_that_of_the_source() -> None:
    """Run `python -m resources.translations.make_translations` if not."""
    known = read_translation(GERMAN)
    texts = texts_of_the_program()
    missing = [one.source for one in merged(texts, known) if not one.translation]
    assert len(missing) <= _MAY_WAIT * len(texts), missing
    gone = set(known) - {(one.source, one.note) for one in texts}
    assert len(gone) <= _MAY_WAIT * len(texts), "nobody says these any more"


def test_every_translation_has_the_places_of_its_source() -> None:
    place = re.compile(r"\{\w*\}|%n")
    for one in read_translation(GERMAN).values():
        for form in one.translation:
            assert sorted(place.findall(form)) == sorted(place.findall(one.source)), one.source
            assert form.startswith("\n") == one.source.startswith("\n"), one.source
            assert (form[-1:] == " ") == (one.source[-1:] == " "), one.source


def test_what_qt_loads_is_what_stands_in_the_file(qapp: object) -> None:
    translator = QTranslator()
    assert translator.load(str(GERMAN.with_suffix(".qm")))
    for one in read_translation(GERMAN).values():
        if one.numbered and one.translation:
            assert translator.translate(CONTEXT, one.source, one.note or None, 1) == one.translation[0]
            assert translator.translate(CONTEXT, one.source, one.note or None, 2) == one.translation[1]
        else:
            said = translator.translate(CONTEXT, one.source, one.note or None) or ""
            assert said == (one.translation or ("",))[0], one.source


def test_a_file_is_written_read_and_compiled_as_it_was(tmp_path: Path, qapp: object) -> None:
    texts = (
        Text("%n <image> & more", "", True, ("viewer/a.py",), ("%n Bild", "%n Bilder")),
        Text("Open “it”…", "note", False, ("viewer/a.py", "viewer/b.py"), ("Öffnen …",)),
        Text("not yet"),
    )
    path = tmp_path / "some.ts"
    write_translation(path, texts)
    known = read_translation(path)
    assert merged(texts, known) == texts
    assert known["Open “it”…", "note"].translation == ("Öffnen …",)
    assert known["not yet", ""].translation == ()
    compile_translation(path)
    translator = QTranslator()
    assert translator.load(str(path.with_suffix(".qm")))
    assert translator.translate(CONTEXT, "Open “it”…", "note") == "Öffnen …"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('label.setText("Ready")', ["Ready"]),
        ('label.setText(tr("Ready"))', []),
        ('label.setText(f"{count} files")', [" files"]),
        ('label.setText(tr("{n} files").format(n=count))', []),
        ('label.setText("✕")', []),
        ('QLabel("one" if x else "two")', ["one", "two"]),
        ('label.setObjectName("ready")', []),
        ('jobs.submit(Lane.READ, f"Reading {name}", work)', ["Reading "]),
        ('jobs.submit(Lane.READ, tr("Reading {name}").format(name=name), work)', []),
        ('jobs.submit(Lane.READ, title="Reading", work=work)', ["Reading"]),
        ('self._say("Stopped.", Colour.QUIET)', ["Stopped."]),
        ('self.changed.emit("grey", value)', []),
        ('QFileDialog.getSaveFileName(self, tr("Save"), "", "PNG (*.png)")', []),
    ],
)
def test_a_text_that_nobody_marked_is_found(tmp_path: Path, source: str, found: list[str]) -> None:
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert list(shown_literals(path)) == found
