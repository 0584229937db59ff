"""The reader's language: English stands in the source, other languages in Qt's translation files.

`tr` says a text in the language that was chosen at the start, `counted` one with a number, `marked` names a
text of a table, which is said later. `resources/translations/make_translations.py` finds all three.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from core.resources import resource_path

CONTEXT = "HealthyTwin"
"""One context for all texts; where one English word has two meanings, a note tells them apart."""
LANGUAGES = {"English": "en", "Deutsch": "de"}
"""Codes of the languages by the names that the setting offers; `system` takes one of them."""
_TRANSLATOR = "translator of HealthyTwin"
_log = logging.getLogger(__name__)


def tr(text: str, note: str = "") -> str:
    """The text in the reader's language; English where it was not translated.

    Places for values are named, `tr("Reading {name} …").format(name=…)`: other languages may order them
    in another way.
    """
    return QCoreApplication.translate(CONTEXT, text, note or None)


def counted(one: str, many: str, count: int) -> str:
    """A text with a number, written `%n`, in the form that goes with it. `many` is the text's key."""
    if spoken() == "en":
        return (one if count == 1 else many).replace("%n", str(count))
    return QCoreApplication.translate(CONTEXT, many, None, count)


def marked(text: str, note: str = "") -> str:
    """The text itself: a constant that is made before the language is known, and said with `tr`."""
    return text


def spoken() -> str:
    """Code of the language in use."""
    app = QCoreApplication.instance()
    used = None if app is None else app.findChild(QTranslator, _TRANSLATOR)
    return "en" if used is None else used.language().partition("_")[0]


def speak(wish: str) -> str:
    """Use a language from now on, for texts that are made from now on; returns its code.

    `wish`: a name of `LANGUAGES`, or `system`: the first of the computer's languages that is among them.
    """
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("A language needs the application.")
    code = LANGUAGES.get(wish) or _of_system()
    if code == spoken():
        return code
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.setParent(None)
    if code == "en":
        return code
    ours = QTranslator(app)
    ours.setObjectName(_TRANSLATOR)
    if not ours.load(str(resource_path("translations", f"healthytwin_{code}.qm"))):
        _log.error("The translation into %s cannot be read; the window speaks English.", code)
        ours.setParent(None)
        return "en"
    app.installTranslator(ours)
    # Texts of Qt's own buttons and dialogs.
    of_qt = QTranslator(app)
    if of_qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    return code


def _of_system() -> str:
    for name in QLocale.system().uiLanguages():
        code = name.partition("-")[0]
        if code in LANGUAGES.values():
            return code
    return "en"
