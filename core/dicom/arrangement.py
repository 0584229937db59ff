"""How the reader wants the images of a series to stand: in one stack or split, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SortBy(StrEnum):
    """What images are ordered by: the rule of `core.dicom.ordering`, or what the reader wishes for."""

    POSITION = "position"
    NUMBER = "instance number"
    TIME = "acquisition time"
    NAME = "file name"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the reader wants the images of a series to stand; by itself as the rules have it.

    `merged`: all parts in one stack. `backwards`: the last image first.
    """

    merged: bool = False
    by: SortBy = SortBy.POSITION
    backwards: bool = False

    @property
    def order_words(self) -> str:
        """The order in words where it is not that of the rules, else ""."""
        words = "" if self.by is SortBy.POSITION else f"by {self.by.value}"
        return ", ".join(part for part in (words, "backwards" if self.backwards else "") if part)
