"""The list of what is open: patients, studies, series with small pictures; search; what was skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.session import Selection, Session
from viewer.messages import TextDialog
from viewer.picture import image_of
from viewer.theme import Colour, text_height_px
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.index import Instance, Patient, Series, Study, StudyIndex

_INSTANCE = Qt.ItemDataRole.UserRole
_SEARCHED = Qt.ItemDataRole.UserRole + 1
# Films of one radiograph series are told apart by their pictures; stacks and long series are one row.
_MOST_FILMS_LISTED = 24
_ROW_MARGIN_PX = 4
_FILM_MODALITIES = frozenset({"CR", "DX", "RG", "MG", ""})


class StudyBrowser(QWidget):
    """The tree of what is open. A click shows the image; arrows walk the rows."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: dict[Path, QTreeWidgetItem] = {}
        self._pictures: dict[Path, QIcon] = {}
        self._index: StudyIndex | None = None
        self._side_px = session.settings.thumbnail_px
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search…")
        self._search.setToolTip("Name, number, date, description or file name (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._tree = self._made_tree()
        self._empty = self._made_empty_page()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._tree)
        self._doctor = QPushButton()
        self._doctor.setFlat(True)
        self._doctor.setToolTip("What was skipped, and what was odd or assumed")
        self._doctor.clicked.connect(self._show_notes)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self._search)
        column.addWidget(self._pages, 1)
        column.addWidget(self._doctor)
        watch(self, session.index_changed, self._fill)
        watch(self, session.selection_changed, self._mark)
        watch(self, session.thumbnail_made, self._set_thumbnail)
        self._fill(session.index)
        self._mark(session.selection)

    def sizeHint(self) -> QSize:
        """Narrow: the film is the largest thing on the screen."""
        return QSize(220, 600)

    @property
    def rows(self) -> tuple[str, ...]:
        """Texts of the rows that are shown, top to bottom."""
        return tuple(item.text(0) for item in _walk(self._tree) if not item.isHidden())

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self._search.setFocus()
        self._search.selectAll()

    def _made_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setIndentation(10)
        tree.setIconSize(QSize(self._side_px, self._side_px))
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        tree.setAccessibleName("Studies")
        tree.currentItemChanged.connect(self._chosen)
        # One shot after the event that moved the rows: their places are not known before.
        self._visible = QTimer(self)
        self._visible.setSingleShot(True)
        self._visible.setInterval(0)
        self._visible.timeout.connect(self._request_visible)
        tree.verticalScrollBar().valueChanged.connect(self._visible.start)
        tree.itemExpanded.connect(self._visible.start)
        return tree

    def _made_empty_page(self) -> QWidget:
        # How to begin stands in the middle of the window; once is enough.
        words = QLabel("Nothing is open.")
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        words.setStyleSheet(f"color: {Colour.QUIET}; padding-top: 16px;")
        return words

    def _fill(self, index: StudyIndex | None) -> None:
        self._index = index
        self._rows.clear()
        if index is None:
            self._pictures.clear()
        self._tree.blockSignals(True)
        self._tree.clear()
        for patient in index.patients if index is not None else ():
            self._tree.addTopLevelItem(self._patient_item(patient))
        self._tree.expandAll()
        self._tree.blockSignals(False)
        self._pages.setCurrentWidget(self._tree if index else self._empty)
        skipped = len(index.skipped) if index is not None else 0
        odd = sum(bool(series.all_notes) for series in index.series) if index is not None else 0
        words = [f"{skipped} skipped"] if skipped else []
        words += [f"{odd} with notes"] if odd else []
        self._doctor.setText(", ".join(words) + "  ⓘ")
        self._doctor.setVisible(bool(words))
        self._filter(self._search.text())
        self._visible.start()

    def _patient_item(self, patient: Patient) -> QTreeWidgetItem:
        item = self._item(patient.name or "No name", patient.patient_id, bold=True)
        for study in patient.studies:
            item.addChild(self._study_item(study, f"{patient.name} {patient.patient_id}"))
        return item

    def _study_item(self, study: Study, searched: str) -> QTreeWidgetItem:
        item = self._item(date_words(study.study_date) or "No date", study.description)
        item.setForeground(0, QColor(Colour.QUIET))
        searched += f" {study.study_date} {study.description} {study.accession_number}"
        for series in study.series:
            for instances in _rows_of(series):
                row = self._row(series, instances)
                row.setData(0, _SEARCHED, f"{searched} {row.text(0)} {instances[0].path.name}".casefold())
                item.addChild(row)
        return item

    def _row(self, series: Series, instances: tuple[Instance, ...]) -> QTreeWidgetItem:
        shown = instances[len(instances) // 2]
        images = sum(instance.number_of_frames for instance in instances)
        view = shown.view_position if len(instances) == 1 else ""
        kind = " ".join(part for part in (series.modality, view, shown.laterality) if part) or "Image"
        more = series.description or series.body_part_examined
        row = self._item(kind, more, f"{images} images" if images > 1 else "", shown.path.name)
        row.setData(0, _INSTANCE, instances[0])
        row.setIcon(0, self._pictures.get(instances[0].path) or QIcon(self._blank()))
        row.setSizeHint(0, row.sizeHint(0).expandedTo(QSize(0, self._side_px + _ROW_MARGIN_PX)))
        row.setToolTip(0, "\n".join([row.text(0), str(shown.path), *series.all_notes]))
        for instance in instances:
            self._rows[instance.path] = row
        return row

    def _item(self, *lines: str, bold: bool = False) -> QTreeWidgetItem:
        text = "\n".join(line for line in lines if line)
        item = QTreeWidgetItem([text])
        item.setToolTip(0, text)
        font = self._tree.font()
        font.setBold(bold)
        item.setFont(0, font)
        # A row that is too low loses its last line.
        item.setSizeHint(0, QSize(0, text_height_px(text, font) + _ROW_MARGIN_PX))
        return item

    def _blank(self) -> QPixmap:
        pixmap = QPixmap(self._side_px, self._side_px)
        pixmap.fill(QColor(Colour.FILM))
        return pixmap

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        instance = item.data(0, _INSTANCE) if item is not None else None
        if instance is not None:
            self._session.select(instance)

    def _mark(self, selection: Selection | None) -> None:
        """Follow the session; the row itself must not select again."""
        row = self._rows.get(selection.instance.path) if selection is not None else None
        self._tree.blockSignals(True)
        self._tree.setCurrentItem(row)  # type: ignore[arg-type]  # None clears, the stubs do not say so
        self._tree.blockSignals(False)
        if row is not None:
            self._tree.scrollToItem(row)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for patient in _children(self._tree.invisibleRootItem()):
            for study in _children(patient):
                for row in _children(study):
                    searched = row.data(0, _SEARCHED)
                    row.setHidden(not all(word in searched for word in words))
                study.setHidden(all(row.isHidden() for row in _children(study)))
            patient.setHidden(all(study.isHidden() for study in _children(patient)))
        self._visible.start()

    def _request_visible(self) -> None:
        area = self._tree.viewport().rect()
        for item in _walk(self._tree):
            if item.data(0, _INSTANCE) is not None and self._tree.visualItemRect(item).intersects(area):
                self._session.request_thumbnail(item.data(0, _INSTANCE))

    def _set_thumbnail(self, path: Path, picture: NDArray[np.uint8] | None) -> None:
        row = self._rows.get(path)
        if row is None or picture is None:
            return
        pixmap = self._blank()
        image = image_of(picture).scaled(
            pixmap.size(),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter = QPainter(pixmap)
        painter.drawImage(
            (pixmap.width() - image.width()) // 2, (pixmap.height() - image.height()) // 2, image
        )
        painter.end()
        self._pictures[path] = QIcon(pixmap)
        row.setIcon(0, self._pictures[path])

    def _show_notes(self) -> None:
        if self._index is None:
            return
        lines = [f"{item.path}: {item.reason}" for item in self._index.skipped]
        for series in self._index.series:
            if series.all_notes:
                name = series.description or series.modality or "Series"
                lines += ["", f"{name} ({len(series.instances)} files)", *series.all_notes]
        TextDialog(
            "What was skipped and what was odd",
            "Files that are not shown, and what was odd or assumed in those that are.",
            "\n".join(lines).strip(),
            self.window(),
        ).open()


def date_words(date: str) -> str:
    """A DICOM date (PS3.5 DA, YYYYMMDD) as YYYY-MM-DD; other forms as they are."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date


def _rows_of(series: Series) -> list[tuple[Instance, ...]]:
    """Instances that share a row: each film for itself, a stack as one."""
    films = (
        series.modality in _FILM_MODALITIES
        and len(series.instances) <= _MOST_FILMS_LISTED
        and all(instance.number_of_frames == 1 for instance in series.instances)
    )
    return [(instance,) for instance in series.instances] if films else [series.instances]


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    # `child` is None only outside the count, which the stubs cannot know.
    found = (item.child(place) for place in range(item.childCount()))
    return [child for child in found if child is not None]


def _walk(tree: QTreeWidget) -> Iterator[QTreeWidgetItem]:
    for patient in _children(tree.invisibleRootItem()):
        yield patient
        for study in _children(patient):
            yield study
            yield from _children(study)
