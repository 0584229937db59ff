"""The window: three panels in the middle, studies at the left, analysis at the right, one message line.

It connects the session to the widgets and the commands to the session; it decides nothing itself.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

import core
from core.errors import ProductError
from core.files import write_whole
from core.hanging import load_protocols
from core.imaging.composition import Layers
from core.imaging.display import Grey
from core.imaging.findings import Finding
from core.imaging.frame import Frame, Window
from core.imaging.heatmap import Shows
from core.jobs import Job, JobContext, JobQueue, Lane
from core.reading import Reading, RunPhase, RunStatus
from core.review import Review
from core.session import ReportDraft, Selection, Session, Twin
from core.settings import Settings, settings_path
from core.study_list import SeriesRow, caption_of
from core.visible import isolated
from viewer import mouse_table
from viewer.actions import ACTIONS, MENUS
from viewer.comparison import Comparison
from viewer.core_sentences import said
from viewer.demo_study import demo_note, demo_paths
from viewer.desk import Desk
from viewer.display_panel import DisplayPanel
from viewer.faults import root_cause
from viewer.film_caption import film_caption
from viewer.findings_panel import FindingsPanel
from viewer.job_bar import JobBar
from viewer.language import marked, tr
from viewer.marking import Marking
from viewer.marks_panel import MarksPanel
from viewer.messages import MessageBar, words_for
from viewer.mouse_table import MouseTable
from viewer.panel import StatusKind
from viewer.pointer import Tool
from viewer.program_log import program_log
from viewer.recent_menu import RecentMenu
from viewer.series_drag import series_of
from viewer.stack_bar import StackBar
from viewer.study_browser import StudyBrowser
from viewer.theme import Colour, apply_text_size, scaled
from viewer.tool_drop_down import ToolDropDown
from viewer.watch import watch
from viewer.window_commands import WindowCommands
from viewer.wish import Panel, TwinMode

if TYPE_CHECKING:
    from viewer.about_window import AboutWindow
    from viewer.first_steps import FirstStepsDialog
    from viewer.import_doctor import ImportDoctor
    from viewer.log_window import LogWindow
    from viewer.model_comparison import ModelComparison
    from viewer.models_window import ModelsWindow
    from viewer.report_window import ReportWindow
    from viewer.tag_browser import TagBrowser
    from viewer.trainer_window import TrainerWindow
    from viewer.volume_window import VolumeWindow

Answered = TypeVar("Answered")

_log = logging.getLogger(__name__)

_DOCKS_PX = (160, 254)
_PHASE_KINDS = {
    RunPhase.NOT_RUN: StatusKind.NOT_RUN,
    RunPhase.QUEUED: StatusKind.QUEUED,
    RunPhase.RUNNING: StatusKind.RUNNING,
    RunPhase.FAILED: StatusKind.FAILED,
    RunPhase.NOT_SUITABLE: StatusKind.UNSUITABLE,
    RunPhase.NO_MODEL: StatusKind.NO_MODEL,
    RunPhase.VEILED: StatusKind.NOT_RUN,
}


# Commands that stand in a menu of their own, by how their identifiers begin.
_MENUS_BELOW = {"preset": marked("Presets"), "order": marked("Order of the images")}

Opened = TypeVar("Opened", bound=QWidget)


class MainWindow(QMainWindow):
    """The main window over one session. Closing it cancels what runs and waits for it."""

    session: Session
    comparison: Comparison
    desk: Desk
    stack_bar: StackBar
    marking: Marking
    tool: Tool

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.tool = Tool.WINDOW
        self.setWindowTitle("HealthyTwin")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.resize(1400, 880)
        self.comparison = Comparison()
        self.desk = Desk(session, self.comparison)
        self.messages = MessageBar()
        self.browser = StudyBrowser(session)
        self.display_panel = DisplayPanel(session)
        self.findings_panel = FindingsPanel(session)
        self.marking = Marking(session, self.comparison)
        self.marks_panel = MarksPanel(session, self.marking)
        self.stack_bar = StackBar(session)
        self._told_faults: set[str] = set()
        self._answered: tuple[object, ...] | None = None
        self._order = ""
        self._build_centre()
        self._read_protocols()
        self._docks = self._built_docks()
        self._build_status_bar()
        self._actions = WindowCommands(self)
        self._build_menus()
        self._build_toolbar()
        self._listen()
        self._restore_layout(session.settings)
        self._show_everything()

    # --- built once --------------------------------------------------------------------------------

    def _build_centre(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.desk, 1)
        column.addWidget(self.stack_bar)
        self.setCentralWidget(centre)

    def _read_protocols(self) -> None:
        protocols, wrong = load_protocols(settings_path().with_name("hanging.toml"))
        self.desk.hanger.set_protocols(protocols)
        if wrong is not None:
            self.messages.failure(*words_for(wrong, tr("Read the hanging protocols")))

    def _built_docks(self) -> tuple[QDockWidget, QDockWidget]:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.display_panel)
        column.addWidget(self.findings_panel, 1)
        column.addWidget(self.marks_panel)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keys
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(right)
        studies = self._dock(tr("Studies"), "studies", self.browser, Qt.DockWidgetArea.LeftDockWidgetArea)
        analysis = self._dock(tr("Analysis"), "analysis", scroll, Qt.DockWidgetArea.RightDockWidgetArea)
        self.resizeDocks([studies, analysis], [180, 262], Qt.Orientation.Horizontal)
        return studies, analysis

    def _dock(self, title: str, name: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(content)
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        self.addDockWidget(area, dock)
        return dock

    def _build_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(JobBar(self.session.jobs))
        self._device = QLabel()
        research = QLabel(tr(core.RESEARCH_USE))
        research.setStyleSheet(f"color: {Colour.WARNING}; padding: 0 10px;")
        bar.addPermanentWidget(self._device)
        bar.addPermanentWidget(research)

    def _build_menus(self) -> None:
        for name in MENUS:
            menu = self.menuBar().addMenu(tr(name, "menu"))
            menu.setToolTipsVisible(True)
            below: dict[str, QMenu] = {}
            for action in (action for action in ACTIONS if action.menu == name):
                group = action.id.partition("_")[0]
                if group in _MENUS_BELOW:
                    if group not in below:
                        below[group] = menu.addMenu(tr(_MENUS_BELOW[group]))
                    below[group].addAction(self._actions[action.id])
                else:
                    menu.addAction(self._actions[action.id])
                if action.id == "open_demo":
                    recent = RecentMenu(self.session, self.open_paths, self)
                    menu.addMenu(recent)
                    menu.aboutToShow.connect(recent.refresh)
            if name == "View":
                menu.addSeparator()
                for dock in self._docks:
                    menu.addAction(dock.toggleViewAction())

    def _build_toolbar(self) -> None:
        bar = QToolBar(tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        before, grouped = None, set[str]()
        for action in (action for action in ACTIONS if action.in_toolbar):
            if before is not None and action.menu != before:
                bar.addSeparator()
            before = action.menu
            if not action.toolbar_group:
                bar.addAction(self._actions[action.id])
            elif action.toolbar_group not in grouped:
                grouped.add(action.toolbar_group)
                bar.addWidget(self._drop_down(action.toolbar_group))
        self.addToolBar(bar)

    def _drop_down(self, group: str) -> ToolDropDown:
        actions = [self._actions[one.id] for one in ACTIONS if one.toolbar_group == group]
        return ToolDropDown(tr(group), actions, self)

    def _listen(self) -> None:
        session, comparison = self.session, self.comparison
        watch(self, session.studies_forgotten, self._studies_forgotten)
        watch(self, session.noticed, self._show_notice)
        watch(self, session.selection_changed, self._show_selection)
        watch(self, session.frame_changed, self._show_frame)
        watch(self, session.presented_changed, self.comparison.set_presented)
        watch(self, session.layers_changed, self._show_layers)
        watch(self, session.grey_changed, self._show_grey)
        watch(self, session.reading_changed, self._show_reading)
        watch(self, session.twin_changed, self._show_twin)
        watch(self, session.review_changed, self._show_review)
        watch(self, session.finding_selected, self._show_finding)
        watch(self, session.status_changed, self._show_status)
        watch(self, session.choice_changed, self._refresh_actions)
        watch(self, session.series_analysis.changed, self._refresh_actions)
        watch(self, session.device_changed, self._show_device)
        watch(self, session.settings_changed, self._show_settings)
        watch(self, session.failed, self._show_failure)
        comparison.windowed.connect(self._take_window)
        comparison.scrolled.connect(self._scroll)
        comparison.contextRequested.connect(self._show_context_menu)
        comparison.findingClicked.connect(session.select_finding)
        comparison.twinModeChanged.connect(self._take_twin_mode)
        comparison.showsChosen.connect(self._take_shows)
        self.marking.visible_changed.connect(self._refresh_actions)
        comparison.twin_tools.blinkStopped.connect(self._refresh_actions)
        comparison.twin_tools.lensResized.connect(self._take_lens_radius)
        self.desk.failed.connect(self._show_side_failure)
        self.desk.told.connect(self.messages.notice)
        self.desk.commanded.connect(self.run_command)
        self.desk.activeChanged.connect(self._follow_active)
        self.desk.layoutChanged.connect(self._refresh_actions)
        self.desk.linker.changed.connect(self._refresh_actions)
        self.desk.contextRequested.connect(self._show_side_menu)
        comparison.openRequested.connect(self.ask_folder)
        comparison.demoRequested.connect(self.open_demo)
        self.browser.imageWanted.connect(self._go_to_image)
        self.browser.doctorWanted.connect(self.show_import_doctor)
        self.browser.attributesWanted.connect(self.show_attributes)
        self.browser.besideWanted.connect(self._show_beside)

    def _show_everything(self) -> None:
        """Begin with what the session holds already."""
        session = self.session
        self._show_settings(session.settings)
        self._show_selection(session.selection)
        self._show_frame(session.frame)
        self.comparison.set_presented(session.presented)
        self.comparison.set_layers(session.layers)
        self._show_grey(session.grey, session.invert)
        self._show_reading(session.reading)
        self._show_twin(session.twin)
        self._show_review(session.review)
        self._show_status(session.status)
        self._show_device(session.device_text)
        self._refresh_actions()

    # --- opening -----------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders; without a picture on screen the panels say what is being read."""
        if not paths:
            return
        if self.comparison.teaches:
            self.session.change_settings(replace(self.session.settings, show_welcome=False))
        if self.session.frame is None:
            self.comparison.set_loading(tr("Looking through {name} …").format(name=paths[0].name or paths[0]))
        self.messages.clear()
        if self.session.settings.analyze_automatically and not self.session.device_text:
            # The library of the networks takes a second or two to load: meanwhile the files are read.
            self.session.prepare_models()
        self.session.open(paths)

    def _studies_forgotten(self, words: str) -> None:
        if words:
            self.messages.notice(words)

    def open_demo(self) -> None:
        """Open the demo study."""
        self.open_paths(demo_paths())
        if demo_note():
            self.messages.notice(demo_note())

    def ask_folder(self) -> None:
        """Let the reader choose a folder, and open it."""
        folder = QFileDialog.getExistingDirectory(self, tr("Open folder"), self.session.settings.last_folder)
        if folder:
            self.session.change_settings(replace(self.session.settings, last_folder=folder))
            self.open_paths([Path(folder)])

    def ask_files(self) -> None:
        """Let the reader choose files, whatever their endings, and open them."""
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Open files"), self.session.settings.last_folder, tr("All files (*)")
        )
        self.open_paths([Path(name) for name in names])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.open_paths([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    # --- the session says what is new --------------------------------------------------------------

    def _show_selection(self, selection: Selection | None) -> None:
        if selection is not None:
            self.comparison.set_single_image(selection.count <= 1)
            order = selection.series.arrangement.order_words
            if self.session.frame is not None and order != self._order:
                self.comparison.set_caption(self._film_caption())
            self._order = order
            if self.session.frame is None and selection.loading:
                self.comparison.set_loading(
                    tr("Reading {name} …").format(name=selection.instance.named_path.name)
                )
        self._refresh_actions()

    def _show_frame(self, frame: Frame | None) -> None:
        self._answered = None
        selection = self.session.selection
        caption = self._caption()
        self.comparison.set_frame(frame, self._film_caption(), settling=self.session.settling)
        self.setWindowTitle(
            " · ".join([*map(isolated, caption[:2]), "HealthyTwin"]) if frame is not None else "HealthyTwin"
        )
        if frame is not None and selection is not None:
            self.comparison.set_single_image(selection.count <= 1)
            # After the paint: the picture is there before anything else begins.
            QTimer.singleShot(0, self, self.session.warm_up)
        self.desk.frame_shown(frame)
        self._refresh_actions()

    def _caption(self) -> tuple[str, ...]:
        session = self.session
        if session.selection is None or session.index is None:
            return ()
        with suppress(KeyError):
            return caption_of(*session.index.place_of(session.selection.instance))
        return ()

    def _film_caption(self) -> tuple[str, ...]:
        session = self.session
        if session.selection is None or session.index is None:
            return ()
        with suppress(KeyError):
            return film_caption(session.index.place_of(session.selection.instance), session.selection)
        return ()

    def _show_layers(self, layers: Layers) -> None:
        self.comparison.set_layers(layers)
        self._refresh_actions()

    def _show_grey(self, grey: Grey | None, invert: bool) -> None:
        if grey is not None:
            self.comparison.set_grey(grey, invert)
        self._refresh_actions()

    def _show_reading(self, reading: Reading) -> None:
        self.comparison.set_answer(reading.answer)
        self.comparison.set_opinion(self.session.in_front)
        self.comparison.set_heatmap(reading.style, reading.thresholds)
        self._show_twin(self.session.twin)
        self._show_findings(reading.findings)
        self._show_status(self.session.status)
        self.comparison.settle()

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        review = self.session.review
        accepted = frozenset(finding.identifier for finding in review.accepted)
        self.comparison.set_findings(findings, accepted, review.dismissed, self.session.selected_finding)

    def _show_twin(self, twin: Twin | None) -> None:
        if twin is not None:
            self.comparison.set_twin_pixels(twin.analysis, twin.values, _mode(twin.detail_preserving))

    def _show_review(self, review: Review) -> None:
        self._show_findings(self.session.reading.findings)
        self._refresh_actions()

    def _show_finding(self, identifier: str) -> None:
        findings = self.session.reading.findings
        self._show_findings(findings)
        for finding in findings:
            if finding.identifier == identifier:
                self.desk.center_on(*finding.centre)
        self._refresh_actions()

    def _show_status(self, status: RunStatus) -> None:
        kind = _PHASE_KINDS.get(status.phase)
        if kind is None:
            kind = StatusKind.FOUND if self.session.reading.above else StatusKind.CLEAR
        details = status.details
        if status.phase is RunPhase.VEILED:
            details = (
                tr("Then the twin is shown: write at the right ({write}), and press {show}.").format(
                    write=self._keys_of("impression"), show=self._keys_of("reveal")
                ),
            )
        self.comparison.set_status(said(status.text), kind, tuple(map(said, details)))
        self._refresh_actions()

    def _keys_of(self, command: str) -> str:
        return " / ".join(self._actions.keys.keys(command)) or "–"

    def _show_device(self, text: str) -> None:
        self._device.setText(text or tr("Models not loaded yet"))

    def _show_settings(self, settings: Settings) -> None:
        apply_text_size(settings.text_percent)
        self.comparison.set_first_steps(settings.show_welcome)
        for dock, least_px in zip(self._docks, _DOCKS_PX, strict=True):
            dock.setMinimumWidth(max(scaled(least_px), _needed_px(dock.widget())))
        for bar in self.findChildren(QToolBar):
            bar.setIconSize(QSize(settings.icon_px, settings.icon_px))
        self._actions.take_keys(settings.own_keys)
        mouse_table.use(MouseTable.of(settings.own_mouse))
        self.comparison.set_texts_visible(settings.show_corner_texts)
        self.comparison.set_twin_mode(_mode(settings.detail_preserving_twin))
        self.comparison.twin_tools.set_blink_rate(settings.blink_hz)
        self.comparison.twin_tools.set_lens_radius(settings.lens_radius_px)
        self._refresh_actions()

    def _show_notice(self, words: str) -> None:
        self.messages.notice(said(words))

    def _show_failure(self, error: BaseException, tried: str) -> None:
        """The panels are clear by now; then the message."""
        if not isinstance(error, ProductError):
            _log.error("%s", tried, exc_info=error)
        text, details = words_for(error, tried)
        if self.session.frame is None and isinstance(error, ProductError):
            self.comparison.set_failed(error.message, error.hint)
        else:
            if self.session.frame is None:
                self.comparison.set_frame(None)
            self.messages.failure(text, details)

    def _show_side_failure(self, error: BaseException, tried: str) -> None:
        """A viewport beside the first says by itself what it cannot show; a fault of the program is told."""
        if not isinstance(error, ProductError):
            _log.error("%s", tried, exc_info=error)
            self.messages.failure(*words_for(error, tried))

    def show_fault(self, error: BaseException) -> None:
        """Say that the program met an error of its own; the same one is told once."""
        error = root_cause(error)
        _log.critical("Unhandled error", exc_info=error)
        text, details = words_for(error, tr("An unexpected step"))
        if details not in self._told_faults:
            self._told_faults.add(details)
            self.messages.failure(text, details)

    # --- what the reader does on the panels --------------------------------------------------------

    def take_tool(self, tool: Tool) -> None:
        """Use another tool with the left button."""
        self.tool = tool
        self.desk.set_tool(tool)
        self._refresh_actions()

    def _scroll(self, steps: int) -> None:
        self.stack_bar.pause()
        self.session.scroll(steps)

    def _take_window(self, window: Window, invert: bool) -> None:
        if invert != self.session.invert:
            self.session.set_invert(invert)
        self.session.set_grey(window)

    def _take_twin_mode(self, mode: TwinMode) -> None:
        sharp = mode is TwinMode.DETAIL_PRESERVING
        self.session.change_settings(replace(self.session.settings, detail_preserving_twin=sharp))

    def _take_shows(self, shows: Shows) -> None:
        self.session.set_heatmap(self.session.heatmap.showing(shows))

    def _take_lens_radius(self, radius_px: float) -> None:
        self.session.change_settings(replace(self.session.settings, lens_radius_px=radius_px))

    def _show_context_menu(self, place: QPoint) -> None:
        self._actions.context_menu(finding=self.comparison.finding_at(place)).popup(place)

    def _show_beside(self, row: SeriesRow) -> None:
        self.desk.show_beside(series_of(row))

    def _follow_active(self) -> None:
        self.stack_bar.follow(self.desk.document)
        self._refresh_actions()

    def _show_side_menu(self, place: QPoint) -> None:
        """What can be done with a series beside the first: no command that is about the session's image."""
        self._actions.context_menu(beside=True).popup(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Some commands last while their key is held: F shows the twin in the place of the original."""
        if not self._actions.key_down(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The key was let go: the original again."""
        if not self._actions.key_up(event):
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A key that is let go in another window is never heard of here: stop to flicker."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._actions.end_held()
            self.comparison.twin_tools.blink.stop()
        super().changeEvent(event)

    # --- commands ----------------------------------------------------------------------------------

    def _refresh_actions(self, *_: object) -> None:
        """At once, not later: the next key may already be on its way. Once for each new image."""
        self._actions.refresh()

    def run_command(self, name: str) -> None:
        """Run a command of the table, if it can be used now."""
        self._actions.run(name)

    def accept_finding(self) -> None:
        """Accept the selected finding, or take that back."""
        self.findings_panel.accept_selected()

    def dismiss_finding(self) -> None:
        """Dismiss the selected finding, or take that back."""
        self.findings_panel.dismiss_selected()

    def focus_search(self) -> None:
        """Go to the search box of the study list."""
        self._docks[0].show()
        self.browser.focus_search()

    def _go_to_image(self) -> None:
        self.comparison.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_impression(self) -> None:
        """Go to the impression."""
        self._docks[1].show()
        self.findings_panel.focus_impression()

    def fold_side_panels(self) -> None:
        """Hide both side panels, or bring them back."""
        shown = any(dock.isVisible() for dock in self._docks)
        for dock in self._docks:
            dock.setVisible(not shown)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop to."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_settings(self) -> None:
        """Open the preferences."""
        from viewer.settings_dialog import SettingsDialog

        SettingsDialog(self.session, self).open()

    def show_shortcuts(self) -> None:
        """Open the sheet of all keys, as they are now."""
        from viewer.shortcut_sheet import ShortcutSheet

        sheet = ShortcutSheet(self._actions.sheet(), self)
        sheet.failed.connect(lambda error: self._show_failure(error, tr("Save the sheet of keys")))
        sheet.open()

    def show_about(self) -> AboutWindow:
        """Open the window that says what this program is, and with what it runs."""
        from viewer.about_window import AboutWindow

        return self._in_front(AboutWindow, lambda: AboutWindow(self.session, self))[0]

    def show_first_steps(self) -> FirstStepsDialog:
        """Explain the three panels once more."""
        from viewer.first_steps import FirstStepsDialog

        dialog = FirstStepsDialog(self)
        dialog.page.openRequested.connect(self.ask_folder)
        dialog.page.demoRequested.connect(self.open_demo)
        dialog.open()
        return dialog

    def show_log(self) -> LogWindow:
        """Open the window with the messages of this run, or bring it to the front."""
        from viewer.log_window import LogWindow
        from viewer.support_desk import copy_for_support

        copy = partial(copy_for_support, self.session)
        return self._in_front(LogWindow, lambda: LogWindow(program_log(), copy, self))[0]

    def show_report(self) -> ReportWindow | None:
        """Open the report on the shown image in a window of its own."""
        draft = self.session.draft_report()
        if draft is None:
            return None
        from viewer.report_window import ReportWindow

        window = ReportWindow(draft.settings.deidentify_report, self)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.failed.connect(lambda error: self._show_failure(error, tr("Save the report")))
        desk = _ReportDesk(window, draft, self.session.jobs, self._show_failure)
        window.report_wanted.connect(desk.write)
        window.panels_wanted.connect(desk.write_panels)
        window.show()
        desk.write(window.deidentified)
        return window

    def show_trainer(self) -> TrainerWindow:
        """Open the window in which models are trained, or bring it to the front."""
        from viewer.trainer_window import TrainerWindow

        return self._in_front(TrainerWindow, lambda: TrainerWindow(self.session, self))[0]

    def show_models(self) -> ModelsWindow:
        """Open the window with the models at hand, or bring it to the front."""
        from viewer.models_window import ModelsWindow

        window, new = self._in_front(ModelsWindow, lambda: ModelsWindow(self.session, self))
        if new:
            window.compareWanted.connect(self._compare_model)
        return window

    def show_model_comparison(self) -> ModelComparison:
        """Open the window in which two models are seen on the same films, or bring it to the front."""
        from viewer.model_comparison import ModelComparison

        return self._in_front(ModelComparison, lambda: ModelComparison(self.session, self))[0]

    def show_import_doctor(self, series_key: object = None) -> ImportDoctor:
        """Open the window that says what was odd, assumed or skipped; at one series if its key is given."""
        from viewer.import_doctor import ImportDoctor

        window = self._in_front(ImportDoctor, lambda: ImportDoctor(self.session, self))[0]
        if series_key is not None:
            window.show_series(series_key)
        return window

    def show_attributes(self) -> TagBrowser:
        """Open the window with all attributes of the shown image's file, or bring it to the front."""
        from viewer.tag_browser import TagBrowser

        return self._in_front(TagBrowser, lambda: TagBrowser(self.session, self))[0]

    def show_planes(self) -> VolumeWindow | None:
        """Open the window with the three planes of the selected series, or bring it to the front."""
        selection = self.session.selection
        if selection is None:
            return None
        # Imported here: the index brought pydicom along.
        from core.dicom.grouping import in_place_order
        from viewer.volume_link import VolumeLink
        from viewer.volume_window import VolumeWindow

        series, caption = in_place_order(selection.series), self._caption()

        def made() -> VolumeWindow:
            window = VolumeWindow(self.session, series, caption, self)
            window.sliceShown.connect(self.activateWindow)
            VolumeLink(self.session, self.comparison, window)
            return window

        return self._in_front(VolumeWindow, made, lambda window: window.series == series)[0]

    def _in_front(
        self,
        kind: type[Opened],
        make: Callable[[], Opened],
        suits: Callable[[Opened], bool] = lambda window: True,
    ) -> tuple[Opened, bool]:
        """The open window of a kind, in front of all others, and whether it had to be made."""
        known = next((window for window in self.findChildren(kind) if suits(window)), None)
        window = make() if known is None else known
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.show()
        window.raise_()
        window.activateWindow()
        return window, known is None

    def _compare_model(self, path: Path) -> None:
        self.show_model_comparison().choose(path)

    def ask_export(self) -> None:
        """Let the reader choose where a panel goes as PNG, at the resolution of the film."""
        panel = self.comparison.alone if self.comparison.alone is not None else Panel.DIFFERENCE
        if self.session.reading.shown is None:
            panel = Panel.ORIGINAL
        start = str(Path(self.session.settings.last_folder) / f"{panel.name.lower()}.png")
        name, _ = QFileDialog.getSaveFileName(self, tr("Export panel as PNG"), start, "PNG (*.png)")
        if name:
            self.export_panel(panel, Path(name))

    def export_panel(self, panel: Panel, path: Path) -> None:
        """Write a panel as PNG; a failure is told and leaves nothing half-written."""
        draft, name = self.session.draft_report(), self.comparison.picture_name(panel)
        if draft is None or not name:
            error = ProductError(
                tr("This panel shows nothing to export yet."), tr("Open an image and wait for its analysis.")
            )
            self._show_failure(error, tr("Export the panel"))
            return
        self.session.jobs.submit(
            Lane.READ,
            tr("Writing {name}").format(name=path.name),
            partial(_write_picture, draft, name, path),
            lambda written: self.messages.notice(tr("Written: {written}").format(written=written)),
            lambda error: self._show_failure(error, tr("Write {name}").format(name=path.name)),
            urgent=True,
        )

    # --- the end -----------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout, stop all work, wait for it."""
        settings = replace(
            self.session.settings,
            show_welcome=self.session.settings.show_welcome and not self.comparison.teaches,
            window_geometry=_as_text(self.saveGeometry()),
            window_layout=_as_text(self.saveState()),
        )
        self.session.close(settings)
        super().closeEvent(event)

    def _restore_layout(self, settings: Settings) -> None:
        if settings.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(settings.window_geometry)))
        if settings.window_layout:
            self.restoreState(QByteArray(base64.b64decode(settings.window_layout)))


class _ReportDesk(QObject):
    """Writes what an open report window asks for, in the read lane; goes with the window."""

    def __init__(
        self,
        window: ReportWindow,
        draft: ReportDraft,
        jobs: JobQueue,
        failed: Callable[[BaseException, str], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._draft = draft
        self._jobs = jobs
        self._failed = failed
        self._running: tuple[Job, ...] = ()
        window.destroyed.connect(self._stop)

    def write(self, deidentified: bool) -> None:
        """Write the report and show it."""
        self._submit(lambda ctx: self._draft.written(deidentified=deidentified), self._window.show_report)

    def write_panels(self, folder: Path) -> None:
        """Draw the pictures at the resolution of the image and save them."""
        deidentified = self._window.deidentified
        self._submit(
            lambda ctx: self._draft.written(deidentified=deidentified, image_resolution=True).pictures,
            lambda panels: self._window.save_panels(panels, folder),
        )

    def _submit(self, work: Callable[[JobContext], Answered], on_done: Callable[[Answered], None]) -> None:
        job = self._jobs.submit(
            Lane.READ,
            tr("Putting the report together"),
            work,
            on_done,
            lambda error: self._failed(error, tr("Put the report together")),
            urgent=True,
        )
        self._running = (*(one for one in self._running if one.active), job)

    def _stop(self) -> None:
        for job in self._running:
            job.cancel()


def _needed_px(content: QWidget | None) -> int:
    """What the content of a side panel needs: words of another language may be longer."""
    if not isinstance(content, QScrollArea):
        return 0 if content is None else content.minimumSizeHint().width()
    inner = content.widget()
    needed = 0 if inner is None else inner.minimumSizeHint().width()
    return needed + content.verticalScrollBar().sizeHint().width()


def _mode(detail_preserving: bool) -> TwinMode:
    return TwinMode.DETAIL_PRESERVING if detail_preserving else TwinMode.NETWORK_OUTPUT


def _as_text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode()


def _write_picture(draft: ReportDraft, name: str, path: Path, ctx: JobContext) -> Path:
    """In the read lane: whole or not at all."""
    ctx.checkpoint()
    write_whole(path, draft.picture(name).png())
    return path
