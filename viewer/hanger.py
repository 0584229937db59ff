"""Hangs studies on the desk: by protocol, in the layout that the reader chose for the modality, once each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.hanging import Hung, Layout, Protocols, chosen_layouts, with_chosen
from core.session import Selection, Session
from viewer.watch import watch

if TYPE_CHECKING:
    from viewer.desk import Desk

_Key = tuple[str, str]
"""Study Instance UID and modality: what is hung anew."""


class Hanger(QObject):
    """Decides when something is hung. `touched`: the reader changed the desk, so that it stays as it is."""

    def __init__(self, desk: Desk, session: Session) -> None:
        super().__init__(desk)
        self._desk = desk
        self._session = session
        self._protocols = Protocols(())
        self._key: _Key | None = None
        self._hung: object = None
        self._look: Hung | None = None
        self.touched = False
        watch(self, session.index_changed, self._hang_again)

    def set_protocols(self, protocols: Protocols) -> None:
        """Hang studies by these from now on."""
        self._protocols = protocols

    def hang(self, selection: Selection | None) -> None:
        """Hang by protocol when another study, or another modality of it, comes to the first viewport."""
        place = self._desk.main.place
        if selection is None or place is None:
            self._key, self._hung, self.touched = None, None, False
            for side in self._desk.sides:
                side.stack.clear()
            return
        key = (place[1].study_instance_uid, place[2].modality)
        before, self._key = self._key, key
        if key == before or (before is not None and before[0] == key[0] and self.touched):
            return
        self.touched, self._hung = False, None
        self._apply(selection)

    def remember(self, layout: Layout) -> None:
        """Keep the reader's layout for this modality."""
        self.touched = True
        if self._key is not None:
            settings = self._session.settings
            text = with_chosen(settings.layouts, self._key[1], layout)
            self._session.change_settings(replace(settings, layouts=text))

    def forget_choices(self) -> None:
        """Hang by protocol alone again."""
        self._session.change_settings(replace(self._session.settings, layouts=""))
        self._key = None
        self.hang(self._session.selection)

    def apply_look(self) -> bool:
        """Preset and zoom of the protocol, for the first image after hanging; whether this was it."""
        look, self._look = self._look, None
        if look is None:
            return False
        preset = next((one for one in self._session.presets if one.name == look.preset), None)
        if preset is not None:
            self._session.set_grey(preset.grey)
        if look.zoom == "one to one":
            self._desk.comparison.one_to_one()
        return True

    def _hang_again(self, _: object) -> None:
        """More was found: as long as the reader has changed nothing, a prior may still come to its place."""
        selection = self._session.selection
        if selection is not None and self._key is not None and not self.touched and self._desk.main.place:
            self._apply(selection)

    def _apply(self, selection: Selection) -> None:
        index = self._session.index
        if index is None:
            return
        hung = self._protocols.hung(
            index,
            *selection.series.images[selection.position],
            width_px=self._desk.width(),
            chosen=chosen_layouts(self._session.settings.layouts),
        )
        beside = tuple(None if image is None else (image[0].key, image[1]) for image in hung.beside)
        first, shown = self._hung is None, (hung.layout, beside)
        if shown == self._hung:
            return
        self._hung = shown
        self._desk.lay_out(hung.layout)
        for side, image in zip(self._desk.sides, hung.beside, strict=True):
            if image is None:
                side.stack.clear()
            else:
                side.stack.show(*image)
        if first:
            self._desk.forget_links()
            self._desk.activate(self._desk.main)
            self._look = hung
            if self._session.frame is not None and not selection.loading:
                self.apply_look()
