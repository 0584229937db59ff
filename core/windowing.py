"""In which window the shown image stands: as it asks itself, until the reader chooses. GUI thread only."""

from __future__ import annotations

from psygnal import Signal

from core.imaging.display import Grey, Preset, default_grey
from core.imaging.presentation import Presented


class Windowing:
    """Window or VOI LUT, and inversion, of whoever shows an image: the session, or a series beside it."""

    grey_changed = Signal(object, bool)  # Grey | None, whether the reader inverts it

    def __init__(self) -> None:
        self.presented: Presented | None = None
        self.presets: tuple[Preset, ...] = ()
        self.grey: Grey | None = None
        self.invert = False
        self._own_grey = False

    def set_grey(self, grey: Grey) -> None:
        """Show the image with another window or VOI LUT."""
        if self.presented is not None:
            self.grey, self._own_grey = grey, True
            self.grey_changed.emit(grey, self.invert)

    def reset_grey(self) -> None:
        """Go back to the window that the image asks for."""
        if self.presented is not None:
            self._take_default()
            self.grey_changed.emit(self.grey, False)

    def set_invert(self, invert: bool) -> None:
        """Turn dark and bright round, on top of what the image asks for."""
        if self.presented is not None:
            self.invert = invert
            self.grey_changed.emit(self.grey, invert)

    def _take_presented(
        self, presented: Presented | None, presets: tuple[Preset, ...], *, keep: bool = False
    ) -> None:
        """Another image, or none, is shown; `keep`: in the window that stands. Nothing is said yet."""
        self.presented, self.presets = presented, presets
        if not keep:
            self._take_default()

    def _take_default(self) -> None:
        self.grey = None if self.presented is None else default_grey(self.presented.frame)
        self.invert = self._own_grey = False
