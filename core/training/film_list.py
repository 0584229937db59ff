"""CSV lists of films as people's programs write them: from Excel, from Windows, from scripts.

Columns are found by name, whatever their case and order; comma, semicolon and tab separate them; file names
are relative to the list, with either slash.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from core.errors import UnreadableFile

_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One line of a list: its number in the file, and its cells by column name in lower case."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell of a column, "" where the line or the list has none."""
        return self.cells.get(column, "")


def read_list(place: Path, *columns: str) -> tuple[ListedRow, ...]:
    """Lines of a list that has at least these columns; blank lines are left out. Raises `UnreadableFile`."""
    try:
        text = place.read_text(encoding="utf-8-sig")
        head = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=head.count))
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"The list {place} cannot be read: {error}.", "Save it as UTF-8 CSV.") from error
    lines = [(number, line) for number, line in lines if any(line)]
    if not lines:
        return ()
    names = [name.casefold() for name in lines[0][1]]
    missing = [column for column in columns if column not in names]
    if missing:
        raise UnreadableFile(
            f"The list {place} has no column called {missing[0]}.", "Its first line must name the columns."
        )
    return tuple(ListedRow(number, dict(zip(names, line, strict=False))) for number, line in lines[1:])


def listed_path(place: Path, name: str) -> Path:
    """Where a file of the list is: relative to the list, written with slashes or, by Windows, backslashes."""
    path = place.parent / name
    if "\\" in name and not path.exists():
        return place.parent / PureWindowsPath(name).as_posix()
    return path
