"""The rules of the house: directions of imports, names of files, what may not be imported or called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for folder in ("core", "viewer", "resources") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

NO_HOME = {"utils", "util", "helpers", "helper", "manager", "handler", "handlers", "common", "misc", "base"}
# Each can run code that lies in a file.
UNSAFE = {
    r"weights_only\s*=\s*False": "a checkpoint could run code",
    r"pickle\.loads?\b": "a pickle can run code",
    r"allow_pickle\s*=\s*True": "an array file could run code",
    r"torch\.jit\.load\b": "a script module can run code",
    r"joblib\.load\b": "it opens pickles",
    r"shell\s*=\s*True": "a file name could become a command",
    r"\beval\(|\bexec\(": "text could become code",
}
# Packages that must never come in, with the reason.
BANNED = {
    "python-gdcm": "mutated files abort the process",
    "gdcm": "mutated files abort the process",
    "pylibjpeg-libjpeg": "GPL-3",
}


def in_another_process(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_imports_go_in_one_direction():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_contract_names_each_module_that_it_is_about():
    """A new module of core must be placed in the contracts on torch and pydicom too."""
    modules = {f"core.{path.stem}" for path in (ROOT / "core").iterdir() if path.stem != "__init__"}
    modules = {name for name in modules if not name.endswith("__pycache__")}
    free = {
        "torch": {"core.models", "core.inference", "core.training"},
        "pydicom": {"core.dicom", "core.reporting", "core.training"},
    }
    for contract in PROJECT["tool"]["importlinter"]["contracts"]:
        library = contract.get("forbidden_modules", [""])[0]
        if library in free:
            assert set(contract["source_modules"]) == (modules - free[library]) | {"viewer"}, contract["name"]


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_named_after_its_subject(path: Path):
    words = set(path.stem.split("_")) if path.stem != "__init__" else set()
    assert not words & NO_HOME


@pytest.mark.parametrize("pattern", UNSAFE)
def test_nothing_can_run_code_from_a_file(pattern: str):
    found = [path for path in SOURCES if re.search(pattern, path.read_text(encoding="utf-8"))]
    # Method calls such as `model.eval()` and Qt's `exec()` are no built-ins.
    if "eval" in pattern:
        found = [p for p in found if re.search(r"(?<![.\w])(eval|exec)\(", p.read_text(encoding="utf-8"))]
    assert not found, UNSAFE[pattern]


def test_the_window_starts_without_the_heavy_libraries_and_the_dialogs(tmp_path: Path):
    script = f"""
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from pathlib import Path
from viewer.app import build_window, make_application
make_application()
window = build_window(Path({str(tmp_path / "settings.json")!r}))
window.show()
later = ("torch", "torchvision", "pydicom", "sklearn", "viewer.settings_dialog", "viewer.shortcut_sheet")
print([name for name in later if name in sys.modules])
window.close()
"""
    assert in_another_process(script) == "[]"


def test_the_command_line_starts_without_any_of_them():
    heavy = ("torch", "PySide6", "pydicom", "numpy", "SimpleITK", "PIL", "rich")
    script = f"import sys, viewer.__main__, viewer.commands; print([n for n in {heavy} if n in sys.modules])"
    assert in_another_process(script) == "[]"


def test_core_runs_without_a_window():
    script = (
        "import sys, core.session, core.reporting.report; print([n for n in sys.modules if 'PySide6' in n])"
    )
    assert in_another_process(script) == "[]"


def test_every_preference_has_words_and_is_read_somewhere():
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.name != "settings.py")
    for one in fields(Settings):
        assert one.metadata["title"], one.name
        assert one.metadata["help"], one.name
        assert re.search(rf"settings\.{one.name}\b", code), f"nobody reads {one.name}"


def test_no_banned_package_comes_in():
    wanted = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        wanted += extra
    names = {re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0].lower() for one in wanted}
    assert not names & set(BANNED)
    assert not any(one.startswith("pydicom[") for one in wanted), "its extras bring the banned ones"


def test_every_runtime_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.split("\ndependencies = [\n", 1)[1].split("\n]\n", 1)[0].splitlines()
    reason = False
    for line in listed:
        if line.lstrip().startswith("#"):
            reason = True
        else:
            assert reason, f"{line.strip()} stands without a reason"
            # Lines that follow without a comment of their own share the one above them.


def test_files_are_written_in_one_way():
    """Whole or not at all: `core.files`."""
    by_hand = re.compile(r"\bfsync\b|\bmkstemp\b|\.part\b")
    found = {
        str(path.relative_to(ROOT)) for path in SOURCES if by_hand.search(path.read_text(encoding="utf-8"))
    }
    assert found <= {"core/files.py"}


def test_a_constant_stands_once():
    places: dict[str, list[str]] = {}
    for path in SOURCES:
        for line in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = line.targets if isinstance(line, ast.Assign) else []
            targets = [line.target] if isinstance(line, ast.AnnAssign) else targets
            for target in targets:
                if isinstance(target, ast.Name) and target.id.isupper() and not target.id.startswith("_"):
                    places.setdefault(target.id, []).append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice


def test_no_file_is_half_done():
    unfinished = re.compile(r"\b(TODO|FIXME|XXX)\b")
    found = [path for path in SOURCES if unfinished.search(path.read_text(encoding="utf-8"))]
    assert not found
