"""Where in the program an error was, and nothing else of it."""

from __future__ import annotations

import pytest
from psygnal import EmitLoopError, Signal

from viewer.faults import fault_places, root_cause


def _fail(name: str) -> None:
    raise ValueError(f"cannot read {name}")


def test_places_name_no_values() -> None:
    try:
        try:
            _fail("KIM^Minsoo")
        except ValueError as error:
            raise KeyError("KIM^Minsoo") from error
    except KeyError as outer:
        places = fault_places(outer)
    assert places[0] == "builtins.KeyError"
    assert "builtins.ValueError" in places
    assert any(line.endswith("in _fail") and "viewer/test_faults.py" in line for line in places)
    assert "KIM" not in "\n".join(places)


def test_the_cause_is_found_behind_a_signal() -> None:
    class Speaker:
        said = Signal(str)

    speaker = Speaker()
    speaker.said.connect(_fail)
    with pytest.raises(EmitLoopError) as info:
        speaker.said.emit("x")
    assert isinstance(root_cause(info.value), ValueError)
    assert fault_places(info.value)[0] == "builtins.ValueError"
