"""How widgets listen to the session."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from psygnal import SignalInstance
from PySide6.QtCore import QObject


def watch(listener: QObject, signal: SignalInstance, slot: Callable[..., Any]) -> None:  # any payload
    """Call `slot`, a method of `listener`, on each emission until Qt destroys the listener.

    A method of a widget that Qt has deleted raises when it is called, so the connection must end with
    the widget, not with the Python object that wraps it.
    """
    signal.connect(slot)
    # Weak: a strong reference in the widget's own connection would keep the widget alive for good.
    method = weakref.WeakMethod(slot)

    def forget() -> None:
        alive = method()
        if alive is not None:
            signal.disconnect(alive, missing_ok=True)

    listener.destroyed.connect(forget)
