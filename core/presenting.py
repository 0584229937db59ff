"""Which presentation state a frame is shown by: those at hand, and what the reader chose. GUI thread only.

The newest state about a frame is applied by itself, and said; one choice leads back to what the file itself
says, and holds for the series until the reader chooses again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.imaging.frame import Frame
from core.imaging.presentation import Presentation, states_for

if TYPE_CHECKING:
    from core.dicom.study import StudyIndex
    from core.jobs import JobContext


class States:
    """The states of the open studies, read once each."""

    def __init__(self) -> None:
        self._known: dict[Path, Presentation] = {}
        self._asked: set[Path] = set()
        self._chosen: dict[str, Presentation | None] = {}

    def unread(self, index: StudyIndex) -> tuple[Path, ...]:
        """Files of an index that nobody has asked for yet; from now on they are asked for."""
        new = tuple(path for path in index.presentation_files if path not in self._asked)
        self._asked.update(new)
        return new

    def add(self, states: Iterable[Presentation]) -> None:
        """States that were read."""
        self._known.update((state.path, state) for state in states)

    def about(self, frame: Frame | None) -> tuple[Presentation, ...]:
        """The states about a frame, the newest first, those that cannot be applied last."""
        if frame is None or not self._known:
            return ()
        return states_for(self._known.values(), frame)

    def choose(self, frame: Frame, state: Presentation | None) -> None:
        """Show the images of this series by a state where it is about them, or as the file says."""
        self._chosen[frame.source.series_instance_uid] = state

    def for_frame(self, frame: Frame) -> Presentation | None:
        """The state to show a frame by; None: as its file says."""
        usable = [state for state in self.about(frame) if not state.refusal]
        series = frame.source.series_instance_uid
        if series in self._chosen:
            chosen = self._chosen[series]
            if chosen is None or chosen in usable:
                return chosen
        return usable[0] if usable and frame.is_grey else None


def read_states(paths: tuple[Path, ...], ctx: JobContext) -> tuple[Presentation, ...]:
    """In the read lane."""
    from core.dicom.presentation_state import read_presentations

    ctx.checkpoint()
    return read_presentations(paths)
