"""The checks for what tests leave behind really fail a test that leaves something behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LEAKS = {
    "widget": (
        "from PySide6.QtWidgets import QWidget\ndef test_it(qapp):\n    global kept\n    kept = QWidget()\n"
    ),
    "timer": (
        "from PySide6.QtCore import QTimer\n"
        "def test_it(qapp):\n    timer = QTimer(qapp)\n    timer.start(60000)\n"
    ),
    "worker": (
        "import threading\nend = threading.Event()\n"
        "def test_it():\n    threading.Thread(target=end.wait, name='lane-read_0', daemon=True).start()\n"
    ),
    "log": "import logging\ndef test_it():\n    logging.getLogger('core').warning('odd')\n",
    "qt": "from PySide6.QtCore import qWarning\ndef test_it(qapp):\n    qWarning(b'odd')\n",
}


@pytest.mark.parametrize("leak", [*LEAKS, "nothing"])
def test_a_test_that_leaves_something_behind_fails(leak: str, tmp_path: Path):
    here = Path(__file__).parent
    settings = (here.parent / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    shutil.copy(here / "conftest.py", tmp_path / "tests")
    body = LEAKS.get(leak, "def test_it(qapp):\n    assert qapp\n")
    (tmp_path / "tests" / "test_leak.py").write_text(body, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (leak == "nothing"), done.stdout
