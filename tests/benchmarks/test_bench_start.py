"""From the shell's prompt to the window, and to the first word of the command line, each in a new process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 7

# As `viewer.app.run` does, up to the first paint.
_WINDOW = """
from pathlib import Path
from viewer.app import build_window, make_application
application = make_application()
window = build_window(Path("no-settings.json"))
window.show()
application.processEvents()
window.repaint()
import os
os._exit(0)
"""


def _run(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=True,
        capture_output=True,
    )


@pytest.mark.benchmark(group="start, new process")
def test_python_itself(benchmark: BenchmarkFixture):
    benchmark.pedantic(_run, args=("-c", "pass"), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.benchmark(group="start, new process")
def test_window(benchmark: BenchmarkFixture):
    benchmark.pedantic(_run, args=("-c", _WINDOW), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.benchmark(group="start, new process")
def test_command_line(benchmark: BenchmarkFixture):
    benchmark.pedantic(_run, args=("-m", "viewer", "--version"), rounds=ROUNDS, warmup_rounds=1)
