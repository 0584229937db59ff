"""The manifest of a set of files: its lines, and what the words of each line ask for."""

from __future__ import annotations

import csv
import re
from enum import Enum
from typing import TYPE_CHECKING

from core.errors import NoImages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE_COLUMNS = ("file", "path", "filename", "file_name")


def manifest_rows(folder: Path, manifest: Path | None) -> list[dict[str, str]]:
    """Lines of the manifest, or one for each file of the folder."""
    if manifest is not None:
        rows = read_manifest(manifest)
        if not rows:
            raise NoImages(
                f"{manifest.name} names no files.", "A manifest is a CSV file with a column “file”."
            )
        return rows
    found = sorted(path for path in folder.glob("*.csv") if "manifest" in path.name.lower())
    rows = [row for path in found for row in read_manifest(path)]
    if not rows:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path not in found)
        rows = [{"file": str(path.relative_to(folder))} for path in files]
    if not rows:
        raise NoImages(f"There are no files in {folder}.")
    return rows


def read_manifest(path: Path) -> list[dict[str, str]]:
    """Lines that name a file; column names in lower case, missing cells empty, the file under `file`.

    Comma, semicolon or tab between the cells, whichever the head has most of. Raises `NoImages` for a
    manifest that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            head = stream.readline()
            stream.seek(0)
            table = csv.DictReader(stream, delimiter=max(",;\t", key=head.count))
            lines = [
                {
                    str(key).strip().lower(): cell.strip()
                    for key, cell in line.items()
                    if isinstance(cell, str)
                }
                for line in table
            ]
    except (OSError, csv.Error) as error:
        raise NoImages(f"{path.name} cannot be read: {error}.") from error
    for line in lines:
        line["file"] = next((line[name] for name in _FILE_COLUMNS if line.get(name)), "")
    return [line for line in lines if line["file"]]


class Wanted(Enum):
    """What the words of a manifest ask for."""

    IMAGE = "an image"
    ERROR = "a clear error"
    NO_IMAGE = "no image, listed with the reason"
    FILE_SET = "a file set, or its table of contents named as such"
    SERIES = "one series"
    EITHER = "an image or a clear reason"


def wanted_of(row: Mapping[str, str]) -> Wanted:
    """The expectation of a line; unknown words ask only for an image or a clear reason."""
    words = row.get("expected", "").lower()
    error = "error" in words or "refuse" in words or "reject" in words
    image = bool(re.search(r"\bdecod|\bopens?\b|\bdisplay|\brenders\b|\bshown\b|\breads?\b", words))
    if "series" in words and re.search(r"\d+ (images|slices|files|frames)|one series", words):
        return Wanted.SERIES
    if "dicomdir" in words or "file set" in words or "file-set" in words:
        return Wanted.FILE_SET
    if error and (image or "acceptable" in words or " or " in words):
        return Wanted.EITHER
    if error:
        return Wanted.ERROR
    if "no pixel" in words or "no image" in words or "not an image" in words or "skip" in words:
        return Wanted.NO_IMAGE
    if image or row.get("pixels_sha256"):
        return Wanted.IMAGE
    return Wanted.EITHER
