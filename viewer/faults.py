"""Errors of the program's own as places in the program: no message, no values, no paths. No Qt here."""

from __future__ import annotations

import traceback

from psygnal import EmitLoopError


def root_cause(error: BaseException) -> BaseException:
    """The error itself where a signal only carried it."""
    while isinstance(error, EmitLoopError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def fault_places(error: BaseException) -> tuple[str, ...]:
    """Kind of error and where in the program it was, with what led to it; values may be names of patients."""
    lines: list[str] = []
    for one in _chain(error):
        lines.append(f"{type(one).__module__}.{type(one).__qualname__}")
        for frame in traceback.extract_tb(one.__traceback__):
            place = "/".join(frame.filename.replace("\\", "/").split("/")[-3:])
            lines.append(f"  {place}:{frame.lineno} in {frame.name}")
    return tuple(lines)


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = root_cause(error)
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain
