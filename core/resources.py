"""Files that ship with the program: icons, fonts, models, demo films, report template."""

from __future__ import annotations

import importlib.resources
import sys
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Path of a shipped file or folder below `resources/`; it need not exist.

    Works from the source tree, from an installed wheel and in a frozen bundle, which unpacks its
    data below `sys._MEIPASS`.
    """
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(str(importlib.resources.files("resources"))) if bundle is None else Path(bundle, "resources")
    return root.joinpath(*parts)
