"""Lists of films as spreadsheets and other systems write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.training.film_list import listed_path, read_list


@pytest.mark.parametrize(
    "content",
    [
        b"file,label\na/b.png,normal\n",
        b"\xef\xbb\xbffile,label\r\na/b.png,normal\r\n",
        b"label;file\r\nnormal;a/b.png\r\n",
        b"File\tLabel\tNote\na/b.png\tnormal\t1,5\n",
        b'"file" , "label"\n a/b.png , normal \n\n,,,\n'.replace(b'"', b""),
        b'"file","label"\n"a/b.png","normal"\n',
        b"file,label\na/b.png,normal,too,many\n",
    ],
)
def test_lists_of_many_programs_say_the_same(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    (row,) = read_list(tmp_path / "list.csv", "file", "label")
    assert (row["file"], row["label"], row["source"]) == ("a/b.png", "normal", "")
    assert row.number == 2


def test_a_short_line_has_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("file,label\na.png\n")
    assert read_list(tmp_path / "list.csv", "file")[0]["label"] == ""


@pytest.mark.parametrize("content", [b"", b"\n\n", b"file,label\n"])
def test_an_empty_list_is_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    assert read_list(tmp_path / "list.csv", "file") == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"path,label\na,b\n", "no column called file"),
        ("file\n".encode("utf-16"), "Save it as UTF-8 CSV"),
        (b"file\n" + b"x" * 200_000, "field larger"),
    ],
)
def test_what_is_no_list_says_why(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        read_list(tmp_path / "list.csv", "file")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_list(tmp_path / "gone.csv", "file")


def test_names_written_on_windows_are_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.png").touch()
    for name in ("a/b.png", "a\\b.png"):
        assert listed_path(tmp_path / "list.csv", name).exists()
    assert listed_path(tmp_path / "list.csv", "/elsewhere/c.png") == Path("/elsewhere/c.png")
