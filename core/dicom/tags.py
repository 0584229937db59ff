"""The one tolerant reader of attributes.

Files in the wild hold attributes that are missing, present but empty, multi-valued where one value
is allowed, of the wrong VR, not finite, or plain garbage. Whoever needs a value asks here: the answer
is a value or None (or an empty text), never an exception, and what was odd becomes a note in plain words.
"""

from __future__ import annotations

import contextlib
import logging
import math
import re
import struct
import threading
import warnings
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import pydicom
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import PersonName

from core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What pydicom is known to raise while it reads or converts damaged values. It reports oddities as log
# records and Python warnings, which nobody at the screen sees: here they become notes of the file.
READING_ERRORS = (
    ValueError,  # includes UnicodeError and struct-like complaints of pydicom's own
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    LookupError,
    NotImplementedError,
    OverflowError,
    ArithmeticError,  # decimal.InvalidOperation
    AssertionError,
    RecursionError,
    OSError,
    struct.error,
    zlib.error,
    BytesLengthException,
    InvalidDicomError,
)

_LONGEST_TEXT = 1024
_SILENT = logging.CRITICAL + 1
_quiet = threading.local()
_IGNORED = ("ignore", None, Warning, re.compile(r"pydicom(\.|$)"), 0)  # as `warnings` keeps it


@contextlib.contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom's own warnings out of the log while a file is read.

    The filter is narrow (only warnings raised by pydicom's modules) and stays, because two threads that
    take filters away from each other would let some through. Within itself this costs nothing: a scan is
    quiet for a whole file instead of for each value.
    """
    if getattr(_quiet, "already", False):
        yield
        return
    logger = logging.getLogger("pydicom")
    if logger.level != _SILENT:  # setting a level empties the caches of all loggers
        logger.setLevel(_SILENT)
    if _IGNORED not in warnings.filters:
        warnings.filterwarnings("ignore", module=_IGNORED[3].pattern)
    _quiet.already = True
    try:
        yield
    finally:
        _quiet.already = False


def harmless(text: str) -> str:
    """Text for one line of the screen: control and reordering characters are shown escaped.

    White space of any kind becomes one space; very long texts are cut.
    """
    return " ".join(visible(text[:_LONGEST_TEXT]).split())


class Attributes:
    """A dataset whose every answer is a value or nothing; `notes` collects what was odd, once each."""

    def __init__(self, dataset: Dataset, notes: list[str] | None = None) -> None:
        self._dataset = dataset
        self.notes: list[str] = [] if notes is None else notes

    def afresh(self) -> Attributes:
        """The same attributes without the notes that were taken so far."""
        return Attributes(self._dataset)

    def note(self, text: str) -> None:
        """Remember one plain sentence about this dataset."""
        if text not in self.notes:
            self.notes.append(text)

    def has(self, keyword: str | int) -> bool:
        """Whether the attribute is present, even if empty."""
        return _tag(keyword) in self._dataset

    def texts(self, keyword: str | int) -> tuple[str, ...]:
        """All values as harmless one-line texts; empty values are kept as empty texts."""
        value = self._simple(keyword)
        if value is None:
            return ()
        if isinstance(value, PersonName):
            return (_readable_name(value),)
        return tuple(harmless(_as_text(one)) for one in _each(value))

    def text(self, keyword: str | int) -> str:
        """The first value as a harmless one-line text; several are joined by a backslash."""
        return "\\".join(self.texts(keyword)).strip("\\ ")

    def lines(self, keyword: str | int) -> tuple[str, ...]:
        """A text of several lines, each harmless, without empty ones at its end."""
        value = self._simple(keyword)
        whole = "" if value is None else "\n".join(_as_text(one) for one in _each(value))
        return tuple(harmless(line) for line in whole[: 16 * _LONGEST_TEXT].strip().splitlines())

    def code(self, keyword: str | int) -> str:
        """A defined term (CS), in upper case as PS3.5 wants it; the first value if there are several."""
        values = [value for value in self.texts(keyword) if value]
        return values[0].upper() if values else ""

    def uid(self, keyword: str | int) -> str:
        """A unique identifier without its padding; the first if there are several."""
        return next((value for value in self.texts(keyword) if value), "")

    def name(self, keyword: str | int) -> str:
        """A person name to read: "Family, Given Middle" and, in brackets, its ideographic form."""
        first = self._first_name(keyword)
        return _readable_name(first) if isinstance(first, PersonName) else harmless(_as_text(first))

    def phonetic_name(self, keyword: str | int) -> str:
        """The third form of a person name, as it is spoken ("やまだ たろう"); "" if there is none."""
        first = self._first_name(keyword)
        return _readable_group(_name_groups(first)[2]) if isinstance(first, PersonName) else ""

    def _first_name(self, keyword: str | int) -> object:
        value = self._simple(keyword)
        if value is None:
            return ""
        first = value if isinstance(value, PersonName) else next(iter(_each(value)), "")
        return PersonName(first) if isinstance(first, str) else first

    def numbers(self, keyword: str | int) -> tuple[float, ...]:
        """The finite numbers of an attribute in their order; what is no number is left out with a note."""
        return tuple(number for number in self.places(keyword) if number is not None)

    def places(self, keyword: str | int) -> tuple[float | None, ...]:
        """The numbers of an attribute, with None in the place of what is no finite number."""
        found: list[float | None] = []
        value = self._simple(keyword)
        for one in () if value is None else _each(value):
            number = _as_number(one)
            if number is None and _as_text(one):
                self.note(f"{_words(keyword)} holds “{harmless(_as_text(one))[:40]}”, which is no number.")
            found.append(number)
        return tuple(found)

    def number(self, keyword: str | int) -> float | None:
        """One finite number, or None. Of several the first is taken, with a note."""
        found = self.numbers(keyword)
        if len(found) > 1:
            self.note(f"{_words(keyword)} holds {len(found)} values; the first is used.")
        return found[0] if found else None

    def integer(self, keyword: str | int) -> int | None:
        """One whole number, or None; a fraction is not a whole number and gets a note."""
        number = self.number(keyword)
        if number is None:
            return None
        if not number.is_integer():
            self.note(f"{_words(keyword)} is {number:g}, which is not a whole number; ignored.")
            return None
        return int(number)

    def items(self, keyword: str | int) -> tuple[Attributes, ...]:
        """The items of a sequence, each with this dataset's notes; none if it is missing or damaged."""
        value = self._value(keyword)
        if not isinstance(value, DicomSequence):
            if value is not None:
                self.note(f"{_words(keyword)} is damaged and ignored.")
            return ()
        return tuple(Attributes(item, self.notes) for item in value)

    def item(self, keyword: str | int) -> Attributes | None:
        """The first item of a sequence, or None."""
        return next(iter(self.items(keyword)), None)

    def raw(self, keyword: str | int) -> bytes | None:
        """The value's bytes if it has kept them (OB, OW, OV, UN), else None."""
        value = self._value(keyword)
        return value if isinstance(value, bytes) else None

    @property
    def big_endian(self) -> bool:
        """Whether the values came from a big-endian file; pydicom leaves the bytes of OW as they were."""
        return self._dataset.original_encoding[1] is False

    def is_word(self, keyword: str | int) -> bool:
        """Whether the file declares the value as words (OW) rather than bytes."""
        tag = _tag(keyword)
        return tag in self._dataset and self._dataset[tag].VR == "OW"

    def words(self, keyword: str | int) -> tuple[int, ...] | None:
        """Unsigned 16-bit words, whatever the VR says: OW or UN bytes, or US and SS numbers."""
        value = self._simple(keyword)
        if value is None:
            return None
        if isinstance(value, bytes):
            count = len(value) // 2
            return struct.unpack(f"{'>' if self.big_endian else '<'}{count}H", value[: count * 2])
        numbers = self.numbers(keyword)
        return tuple(int(number) & 0xFFFF for number in numbers)

    def _simple(self, keyword: str | int) -> object | None:
        """A value that is no sequence, or None."""
        value = self._value(keyword)
        if isinstance(value, DicomSequence):
            self.note(f"{_words(keyword)} is a sequence where a value belongs; ignored.")
            return None
        return value

    def _value(self, keyword: str | int) -> object | None:
        """The converted value, or None where it is missing, empty or beyond reading."""
        tag = _tag(keyword)
        if tag not in self._dataset:
            return None
        try:
            with quiet_pydicom():
                value: object = self._dataset[tag].value
                if isinstance(value, PersonName):
                    str(value)  # decodes now: a damaged character set must fail here or nowhere
        except READING_ERRORS:
            self.note(f"{_words(keyword)} cannot be read and is ignored.")
            return None
        if value is None or (isinstance(value, str | bytes | MultiValue | list) and len(value) == 0):
            return None
        return value


def read_attributes(stream: BinaryIO, keywords: Sequence[str | int]) -> Attributes:
    """The named top-level attributes of a file that the gate has admitted; pixels are never touched.

    Raises one of `READING_ERRORS` where pydicom cannot make sense of the header at all.
    """
    with quiet_pydicom():
        tags = [_tag(keyword) for keyword in keywords]  # pydicom would look each keyword up, for each file
        dataset = pydicom.dcmread(stream, stop_before_pixels=True, force=True, specific_tags=tags)
    return Attributes(dataset)


@lru_cache(maxsize=512)
def _tag(keyword: str | int) -> BaseTag:
    """Tag of a keyword; pydicom would look it up, several times, for each access by name."""
    return Tag(keyword)


def media_storage_class(attributes: Attributes) -> str:
    """SOP Class UID as the file meta information gives it; some data sets leave their own out."""
    meta = getattr(attributes._dataset, "file_meta", None)
    return Attributes(meta).uid("MediaStorageSOPClassUID") if isinstance(meta, Dataset) else ""


def uid_name(uid: str) -> str:
    """The standard's name of a UID, "" for one that it does not know."""
    return UID_dictionary.get(uid, ("",))[0]


def _each(value: object) -> Iterator[object]:
    """Values of an attribute one by one."""
    if isinstance(value, MultiValue | list | tuple):
        yield from value
    else:
        yield value


def _as_text(value: object) -> str:
    """Text of one value, without NUL padding."""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip("\0 ")
    return str(value).strip("\0 ")


def _as_number(value: object) -> float | None:
    """One finite number, or None. Texts are read as DS and IS, also with a comma for the point."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        value = value.strip("\0 ").replace(",", ".")
    try:
        number = float(value)  # type: ignore[arg-type]  # anything else raises TypeError, caught below
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _readable_name(name: PersonName) -> str:
    """Name as people read it: family name first, ideographic form in brackets (PS3.5 6.2.1)."""
    groups = _name_groups(name)
    alphabetic, ideographic = _readable_group(groups[0]), _readable_group(groups[1])
    if alphabetic and ideographic and alphabetic != ideographic:
        return f"{alphabetic} ({ideographic})"
    return alphabetic or ideographic or _readable_group(groups[2])


def _name_groups(name: PersonName) -> tuple[str, str, str]:
    """Alphabetic, ideographic and phonetic form of a name (PS3.5 6.2.1); empty where damaged or missing."""
    try:
        with quiet_pydicom():
            groups = (*str(name).split("="), "", "", "")
    except READING_ERRORS:
        return "", "", ""
    return groups[0], groups[1], groups[2]


def _readable_group(group: str) -> str:
    """Turn one of the three forms of a name, family^given^middle^prefix^suffix, into readable words."""
    parts = [harmless(part) for part in group.split("^")]
    if not parts[0].isascii() and any(character >= "\u2e80" for character in parts[0]):
        return " ".join(part for part in parts if part)  # Chinese, Japanese, Korean: no comma
    family, given, middle, prefix, suffix = (*parts, "", "", "", "", "")[:5]
    first = " ".join(part for part in (prefix, given, middle) if part)
    readable = f"{family}, {first}" if family and first else family or first
    return f"{readable}, {suffix}" if suffix and readable else readable or suffix


def _words(keyword: str | int) -> str:
    """Keyword as words: "WindowCenter" becomes "Window Center"."""
    if isinstance(keyword, int):
        return f"({keyword >> 16:04X},{keyword & 0xFFFF:04X})"
    words = "".join(
        f" {letter}" if letter.isupper() and index and not keyword[index - 1].isupper() else letter
        for index, letter in enumerate(keyword)
    )
    return words.strip()
