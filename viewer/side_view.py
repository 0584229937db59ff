"""A viewport of its own series beside the session's: for looking and comparing, with nothing analyzed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.errors import ProductError
from core.imaging.composition import Layers
from core.imaging.display import Grey
from core.imaging.frame import Frame, Window
from core.imaging.presentation import Presented
from core.priors import same_person
from core.session import Selection, Session
from core.settings import Settings
from core.side_stack import SideStack
from core.study_list import date_words
from core.visible import isolated
from viewer.comparison import Comparison
from viewer.film_caption import film_caption
from viewer.image_view import header_px
from viewer.language import tr
from viewer.theme import Colour
from viewer.viewport import Viewport
from viewer.watch import watch
from viewer.wish import Panel

if TYPE_CHECKING:
    from core.dicom.study import Patient, Series, Study

_ALARM = (
    f"background: {Colour.FAILURE}; color: {Colour.FILM}; font-weight: bold; padding: 3px 8px;border: none;"
)


class SideView(QWidget):
    """Shows the image of a `SideStack`. A patient other than the session's is called so, in alarm."""

    failed = Signal(object, str)
    """`ProductError` or a fault, and what was tried."""
    contextRequested = Signal(QPoint)
    frameShown = Signal(object)
    """The `Frame`, or None, after it is shown."""
    selected = Signal()
    """Another image is shown, or on its way."""
    told = Signal(str)
    greyShown = Signal()
    """The reader chose another window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stack = SideStack(session)
        self.comparison = Comparison(invites=False)
        self.viewport = Viewport(self.stack, self.comparison, self)
        self._session = session
        self._alarm = QLabel(self)
        self._alarm.setStyleSheet(_ALARM)
        self._alarm.setTextFormat(Qt.TextFormat.PlainText)
        self._alarm.setWordWrap(True)
        self._alarm.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._alarm)
        column.addWidget(self.comparison, 1)
        self._note = QLabel(self)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note.setWordWrap(True)
        self.comparison.set_layout(Panel.ORIGINAL)
        self.comparison.installEventFilter(self)
        self.setAccessibleName(tr("Viewport beside the first"))
        self._say(tr("Drag a series here"))
        self._listen()
        self._check_patient(None)

    def _listen(self) -> None:
        session, stack, comparison = self._session, self.stack, self.comparison
        watch(self, stack.selection_changed, self._show_selection)
        watch(self, stack.frame_changed, self._show_frame)
        watch(self, stack.presented_changed, self._show_presented)
        watch(self, stack.grey_changed, self._show_grey)
        watch(self, stack.failed, self._show_failure)
        watch(self, session.layers_changed, self._show_layers)
        watch(self, session.settings_changed, self._show_settings)
        watch(self, session.selection_changed, self._check_patient)
        watch(self, session.review_changed, self._show_marks)
        watch(self, session.kept_review_came, self._show_marks)
        comparison.windowed.connect(self._take_window)
        comparison.told.connect(self.told)
        comparison.markDrawn.connect(self._refuse_mark)
        comparison.scrolled.connect(stack.scroll)
        comparison.contextRequested.connect(self.contextRequested)
        self._show_layers(session.layers)
        self._show_settings(session.settings)

    def close_stack(self) -> None:
        """The viewport leaves the desk."""
        self.stack.close()

    @property
    def title(self) -> str:
        """What the shown image is called."""
        place = self.stack.place
        return "" if place is None else _title(place, self._session_place())

    @property
    def other_patient(self) -> bool:
        """Whether the shown image is of another patient than the session's, or may be."""
        return self._alarm.isVisibleTo(self)

    # --- what is new -------------------------------------------------------------------------------

    def _show_selection(self, selection: Selection | None) -> None:
        if selection is None:
            self._say(tr("Drag a series here"))
        elif self.stack.frame is None:
            words = tr("Reading {name} …").format(name=selection.instance.named_path.name)
            self._say(words if selection.loading else "")
        if selection is not None:
            self.comparison.set_single_image(selection.count <= 1)
        self._check_patient(None)
        self.selected.emit()

    def _show_frame(self, frame: Frame | None) -> None:
        place, selection = self.stack.place, self.stack.selection
        caption = () if place is None or selection is None else film_caption(place, selection)
        self.comparison.set_frame(frame, caption)
        self._note.setVisible(frame is None)
        if frame is None:
            self._note.raise_()
        elif selection is not None:
            self.comparison.set_single_image(selection.count <= 1)
        self._show_marks()
        self.frameShown.emit(frame)

    def _show_marks(self, _: object = None) -> None:
        """What the reader drew on this image at another time; here it is for looking."""
        frame = self.stack.frame
        if frame is not None:
            review = self._session.review_of(frame)
            self.comparison.set_marks(review.drawings.shown, key_image=review.key_image)

    def _refuse_mark(self, _: object) -> None:
        self.told.emit(tr("Marks are drawn on the image of the first viewport: show this series there."))

    def _show_presented(self, presented: Presented | None) -> None:
        self.comparison.set_presented(presented)

    def _show_grey(self, grey: Grey | None, invert: bool) -> None:
        if grey is not None:
            self.comparison.set_grey(grey, invert)
        if not self.stack.settling:
            self.greyShown.emit()

    def _show_layers(self, layers: Layers) -> None:
        self.comparison.set_layers(layers)

    def _show_settings(self, settings: Settings) -> None:
        self.comparison.set_texts_visible(settings.show_corner_texts)

    def _show_failure(self, error: BaseException, tried: str) -> None:
        if isinstance(error, ProductError):
            self._say(str(error), Colour.WARNING)
        self.failed.emit(error, tried)

    def _check_patient(self, _: object) -> None:
        """Say whose image this is where that is not plain: the wrong patient is the worst mistake of all."""
        place, here = self.stack.place, self._session_place()
        if place is None:
            self._alarm.hide()
            self.comparison.set_title(tr("EMPTY"))
            return
        title = _title(place, here)
        if here is None or same_person(place[0], here[0]):
            self._alarm.hide()
            self.comparison.set_title(title)
            return
        patient = place[0]
        who = " · ".join(part for part in map(isolated, (patient.name, patient.patient_id)) if part) or tr(
            "no name"
        )
        words = tr("DIFFERENT PATIENT: {who}").format(who=who)
        self._alarm.setText(words)
        self._alarm.show()
        self.comparison.set_title(title, words)

    def _session_place(self) -> tuple[Patient, Study, Series] | None:
        selection, index = self._session.selection, self._session.index
        if selection is None or index is None:
            return None
        try:
            return index.place_of(*selection.series.images[selection.position])
        except KeyError:
            return None  # closed, and not yet said

    def _take_window(self, window: Window, invert: bool) -> None:
        if invert != self.stack.invert:
            self.stack.set_invert(invert)
        self.stack.set_grey(window)

    def _say(self, words: str, colour: Colour = Colour.QUIET) -> None:
        self._note.setText(words)
        self._note.setStyleSheet(f"background: {Colour.FILM}; color: {colour};")
        self._note.setVisible(self.stack.frame is None)
        self._note.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The words cover all of the panel but its title bar."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._note.setGeometry(self.comparison.geometry().adjusted(2, header_px(), -2, -2))
        return super().eventFilter(watched, event)


def _title(place: tuple[Patient, Study, Series], here: tuple[Patient, Study, Series] | None) -> str:
    """PRIOR or LATER with its date, or the words of another series of the same study."""
    _, study, series = place
    what = " · ".join(
        part
        for part in (
            "" if series.series_number is None else str(series.series_number),
            series.description or series.protocol_name or series.body_part_examined or series.modality,
        )
        if part
    )
    if here is None or not same_person(place[0], here[0]) or study.study_date == here[1].study_date:
        return what
    if not study.study_date or not here[1].study_date:
        return tr("OTHER STUDY · {what}").format(what=what)
    words = tr("PRIOR {date}") if study.study_date < here[1].study_date else tr("LATER {date}")
    return words.format(date=date_words(study.study_date))
