"""What was odd, assumed or skipped, in plain sentences; and nothing of a patient where names are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dicom.index import Instance, Patient, Series, SkippedFile, Study, StudyIndex
from core.import_notes import (
    frame_sentences,
    identity_mask,
    lines_of_series,
    lines_of_skipped,
    series_notes,
    skipped_groups,
)


def instance(number: int, *notes: str) -> Instance:
    return Instance(Path(f"/disc/Yamada/IM{number}"), f"1.{number}", notes=notes)


SERIES = Series(
    "1.1",
    series_number=2,
    description="Axial of Yamada",
    modality="CT",
    instances=(instance(1, "Odd."), instance(2, "Odd.", "Spacing of ヤマダ is guessed."), instance(3)),
    notes=("There is a gap at z = 12 mm.",),
)
QUIET = Series("1.2", modality="CT", instances=(instance(4),))
ALL_ODD = Series("1.3", modality="CT", instances=(instance(5, "Odd."), instance(6, "Odd.")))
INDEX = StudyIndex(
    (
        Patient(
            "PID-00412",
            "Yamada, An (山田 太郎)",
            "19790305",
            phonetic_name="ヤマダ タロウ",
            studies=(Study("1", "20260302", accession_number="ACC-77", series=(SERIES, QUIET, ALL_ODD)),),
        ),
    )
)


def test_sentences_are_counted_with_their_files() -> None:
    first, none, last = series_notes(INDEX)
    assert none is None
    assert first is not None
    assert last is not None
    assert [one.words for one in first.sentences] == [
        "There is a gap at z = 12 mm.",
        "Odd. (2 of 3 files)",
        "Spacing of ヤマダ is guessed. (1 of 3 files)",
    ]
    assert first.sentences[1].files == (SERIES.instances[0].path, SERIES.instances[1].path)
    assert [one.words for one in last.sentences] == ["Odd."]
    assert (first.title, first.key, first.place) == (
        "CT · 2 · Axial of Yamada · 3 images",
        ("1.1", 0),
        (1, 1, 1),
    )
    assert last.place == (1, 1, 3)
    for word in ("gap", "山田", "im2", "20"):
        assert word in first.searched()


def test_a_series_as_text() -> None:
    first = next(series_notes(INDEX))
    assert first is not None
    assert list(lines_of_series(first, None, all_files=True)) == [
        "CT · 2 · Axial of Yamada · 3 images · Yamada, An (山田 太郎) · 2026-03-02",
        "  - There is a gap at z = 12 mm.",
        "  - Odd. (2 of 3 files)",
        "      /disc/Yamada/IM1",
        "      /disc/Yamada/IM2",
        "  - Spacing of ヤマダ is guessed. (1 of 3 files)",
        "      /disc/Yamada/IM2",
    ]


def test_without_names_nothing_of_the_patient_is_left() -> None:
    mask = identity_mask(INDEX)
    path = Path("/disc/YAMADA_an/yamada_1-PID-00412.dcm")
    groups = skipped_groups([SkippedFile(path, "the same file as 山田.dcm of ACC-77.")])
    found = [one for one in series_notes(INDEX) if one is not None]
    lines = [line for one in found for line in lines_of_series(one, mask, all_files=True)]
    lines += [line for one in groups for line in lines_of_skipped(one, mask, all_files=True)]
    text = "\n".join(lines)
    for mark in ("yamada", "山田", "太郎", "ヤマダ", "pid-00412", "acc-77", "1979", "2026", "/disc"):
        assert mark not in text.casefold(), mark
    assert "Patient 1, study 1, series 1: CT, 3 images" in text
    assert "IM2" in text
    assert "There is a gap at z = 12 mm." in text
    assert mask("an odd Manufacturer, An") == "[…] odd Manufacturer, […]"


def test_an_index_without_names_masks_nothing() -> None:
    assert identity_mask(StudyIndex((Patient(),)))("The file is odd.") == "The file is odd."


def test_skipped_files_are_grouped_by_kind_of_reason() -> None:
    groups = skipped_groups(
        [
            SkippedFile(Path("a"), "no image in it (PDF).", harmless=True),
            SkippedFile(Path("b"), "no image in it (PDF).", harmless=True),
            SkippedFile(Path("c"), "no image in it (PDF).", harmless=True),
            SkippedFile(Path("d"), "truncated: the file ends after 1,234 bytes."),
            SkippedFile(Path("e"), "truncated: the file ends after 99 bytes."),
            SkippedFile(Path("f"), "the file is empty (0 bytes)."),
            SkippedFile(Path("g"), "the same file as a.", harmless=True),
            SkippedFile(Path("h"), "the same file as b.", harmless=True),
        ]
    )
    assert [(one.reason, len(one.files), one.harmless) for one in groups] == [
        ("truncated: the file ends after … bytes.", 2, False),
        ("the file is empty (0 bytes).", 1, False),
        ("no image in it (PDF).", 3, True),
        ("the same file as another one.", 2, True),
    ]
    assert list(lines_of_skipped(groups[0], None, all_files=True)) == [
        "Skipped: 2 files: truncated: the file ends after … bytes.",
        "      d: truncated: the file ends after 1,234 bytes.",
        "      e: truncated: the file ends after 99 bytes.",
    ]
    assert "1,234" in groups[0].searched() or "1 234" in groups[0].searched()


@pytest.mark.parametrize(("all_files", "lines"), [(True, 301), (False, 52)])
def test_long_lists_of_files_are_cut_where_they_are_copied(all_files: bool, lines: int) -> None:
    (group,) = skipped_groups(
        [SkippedFile(Path(f"/d/{n}"), "not a DICOM file.", harmless=True) for n in range(300)]
    )
    text = list(lines_of_skipped(group, None, all_files=all_files))
    assert len(text) == lines
    assert ("250 more files" in text[-1]) != all_files


def test_hostile_names_are_harmless() -> None:
    (group,) = skipped_groups([SkippedFile(Path("/d/a\u202efdp.exe\x1b[2J"), "not a DICOM file.")])
    text = "\n".join(lines_of_skipped(group, None, all_files=True))
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_only_what_the_index_did_not_know_is_told_of_a_frame() -> None:
    assert [one.words for one in frame_sentences(("a", "b"), ("a",))] == ["b"]
