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

# Calls whose literal arguments a reader sees, and which of their arguments those are.
_SHOWING = {
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
    "notice": (0,),
    "failure": (0,),
    "QLabel": (0,),
    "QPushButton": (0,),
    "QCheckBox": (0,),
    "QRadioButton": (0,),
    "QGroupBox": (0,),
    "QDockWidget": (0,),
    "QToolBar": (0,),
    "QMenu": (0,),
    "TextDialog": (0, 1),
    "getOpenFileName": (1,),
    "getOpenFileNames": (1, 3),
    "getExistingDirectory": (1,),
    "getSaveFileName": (1,),
}
_WORD = re.compile(r"[A-Za-z]{2}")
# Modules whose texts are not marked yet. Nothing is added here; a module that is done goes.
_NOT_CONVERTED: frozenset[str] = frozenset()


def shown_literals(path: Path) -> Iterator[str]:
    """Literals with a word in them that go to the screen as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for place in _SHOWING.get(name, ()):
            if place < len(node.args):
                yield from words_in(node.args[place])


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
        if (found := list(shown_literals(path)))
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
    ],
)
def test_a_text_that_nobody_marked_is_found(tmp_path: Path, source: str, found: list[str]) -> None:
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert list(shown_literals(path)) == found
