"""Torch's libraries are loaded before Python imports them, so that the window lives on meanwhile.

An import holds the interpreter while the system loads half a gigabyte: on a busy machine another one waited
0.8 to 1.3 s for it, 0.4 s with this (measured). No torch here.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

# In torch's own order, as its __init__ loads them: what is shared first, for all to see.
_LIBRARIES = (("libtorch_global_deps", "RTLD_GLOBAL"), ("libtorch_python", "RTLD_LOCAL"))
_ENDINGS = {"linux": ".so", "darwin": ".dylib"}


def load_ahead() -> tuple[str, ...]:
    """Load what `import torch` would load, without holding the interpreter; names of what was loaded.

    Any thread. Where a library is missing or cannot be loaded nothing happens: the import says why.
    """
    ending = _ENDINGS.get(sys.platform)
    spec = importlib.util.find_spec("torch") if "torch" not in sys.modules else None
    if ending is None or spec is None or spec.origin is None:
        return ()
    # What ctypes calls runs without the interpreter's lock; what ctypes itself opens does not.
    system = ctypes.CDLL(None)
    system.dlopen.restype, system.dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    loaded = []
    for name, way in _LIBRARIES:
        library = Path(spec.origin).parent / "lib" / f"{name}{ending}"
        if library.exists() and system.dlopen(os.fsencode(library), os.RTLD_NOW | getattr(os, way)):
            loaded.append(name)
    return tuple(loaded)
