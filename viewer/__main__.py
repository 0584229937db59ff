"""healthytwin: the window, or a sub-command."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> None:
    """Entry point of the program; exits with the status that the README lists."""
    # In a frozen bundle the decoding process starts through this very function.
    multiprocessing.freeze_support()
    for stream in (sys.stdout, sys.stderr):
        # Names of files and patients may hold what the terminal's encoding cannot: show it escaped.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from viewer.commands import app

    app(prog_name="healthytwin")


if __name__ == "__main__":
    main()
