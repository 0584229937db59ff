"""Commands of the Analysis menu: which model, how its map is shown, and its findings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.inference.analysis import ModelChoice
from core.reading import RunPhase
from core.session import Session
from viewer import scored_series
from viewer.action import Action, has_findings, has_frame, has_result
from viewer.threshold_slider import THRESHOLD_MAX, THRESHOLD_STEP

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


_THRESHOLD_KEY_STEP = 0.005


def _has_selected_finding(session: Session) -> bool:
    return bool(session.selected_finding)


def _is_busy(session: Session) -> bool:
    return session.status.phase in (RunPhase.QUEUED, RunPhase.RUNNING)


def _can_reveal(session: Session) -> bool:
    return session.veiled and bool(session.review.impression.strip())


def _why_not_reveal(session: Session) -> str:
    if session.veiled and not _can_reveal(session):
        return "Write your impression first."
    return ""


def _step_threshold(steps: int, window: MainWindow) -> None:
    style = window.session.heatmap
    # Keys walk on a grid of their own, coarser than the slider's; an infinite threshold begins at its end.
    place = round(min(style.threshold, THRESHOLD_MAX) / _THRESHOLD_KEY_STEP) + steps
    window.session.set_threshold(min(max(place * _THRESHOLD_KEY_STEP, THRESHOLD_STEP), THRESHOLD_MAX))


def _step_opacity(step: float, window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, opacity=min(max(style.opacity + step, 0.05), 1.0)))


def _toggle_heatmap(window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, visible=not style.visible))


def _toggle_contour(window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, contour=not style.contour))


def _choose(choice: ModelChoice, window: MainWindow) -> None:
    window.session.choose_model(choice)


def _chosen(choice: ModelChoice, window: MainWindow) -> bool:
    return window.session.choice == choice


def _model(choice: ModelChoice, text: str) -> Action:
    return Action(
        f"model_{choice.value}", "Analysis", text, partial(_choose, choice), checked=partial(_chosen, choice)
    )


ANALYSIS_ACTIONS: tuple[Action, ...] = (
    Action(
        "analyze",
        "Analysis",
        "Analyze",
        lambda w: w.session.analyze(),
        ("Ctrl+Return",),
        lambda s: has_frame(s) and not _is_busy(s),
        icon="analyze",
    ),
    Action(
        "reveal",
        "Analysis",
        "Show the twin",
        lambda w: w.session.reveal(),
        ("Alt+T",),
        _can_reveal,
        why_not=_why_not_reveal,
        icon="text",
    ),
    Action(
        "stop",
        "Analysis",
        "Stop the analysis",
        lambda w: w.session.stop_analysis(),
        enabled=_is_busy,
        icon="cancel",
    ),
    Action(
        "analyze_series",
        "Analysis",
        "Analyze the whole series, or stop it",
        lambda w: scored_series.analyze(w.session),
        ("Ctrl+Shift+Return",),
        lambda s: not scored_series.why_not(s),
        checked=lambda w: scored_series.is_running(w.session),
        why_not=scored_series.why_not,
        icon="analyze",
    ),
    Action(
        "next_scored",
        "Analysis",
        "Next image that stands out",
        lambda w: scored_series.step(w.session, 1),
        ("Ctrl+Down",),
        scored_series.any_stands_out,
        in_panels=True,
    ),
    Action(
        "previous_scored",
        "Analysis",
        "Previous image that stands out",
        lambda w: scored_series.step(w.session, -1),
        ("Ctrl+Up",),
        scored_series.any_stands_out,
        in_panels=True,
    ),
    _model(ModelChoice.HEALTHYGAN, "Ask HealthyGAN"),
    _model(ModelChoice.SR_ANOGAN, "Ask SR-AnoGAN"),
    _model(ModelChoice.BOTH, "Ask both: agreement"),
    Action(
        "heatmap",
        "Analysis",
        "Heatmap",
        _toggle_heatmap,
        ("G",),
        has_result,
        icon="heatmap",
        in_toolbar=True,
        in_context_menu=True,
        checked=lambda w: w.session.heatmap.visible,
    ),
    Action(
        "contour",
        "Analysis",
        "Outline only",
        _toggle_contour,
        ("O",),
        has_result,
        icon="contour",
        in_toolbar=True,
        checked=lambda w: w.session.heatmap.contour,
    ),
    Action("threshold_down", "Analysis", "Lower threshold", partial(_step_threshold, -1), ("[",), has_result),
    Action("threshold_up", "Analysis", "Higher threshold", partial(_step_threshold, 1), ("]",), has_result),
    Action(
        "threshold_reset",
        "Analysis",
        "Calibrated threshold",
        lambda w: w.session.set_threshold(None),
        ("Backspace",),
        has_result,
        icon="threshold",
    ),
    Action("opacity_down", "Analysis", "Less opaque", partial(_step_opacity, -0.1), ("Q",), has_result),
    Action("opacity_up", "Analysis", "More opaque", partial(_step_opacity, 0.1), ("E",), has_result),
    Action(
        "next_finding",
        "Analysis",
        "Next finding",
        lambda w: w.session.step_finding(1),
        ("N",),
        has_findings,
        icon="next",
    ),
    Action(
        "previous_finding",
        "Analysis",
        "Previous finding",
        lambda w: w.session.step_finding(-1),
        ("Shift+N",),
        has_findings,
        icon="previous",
    ),
    Action(
        "accept",
        "Analysis",
        "Accept finding",
        lambda w: w.accept_finding(),
        ("A",),
        _has_selected_finding,
        icon="accept",
        in_context_menu=True,
    ),
    Action(
        "dismiss",
        "Analysis",
        "Dismiss finding",
        lambda w: w.dismiss_finding(),
        ("X",),
        _has_selected_finding,
        icon="dismiss",
        in_context_menu=True,
    ),
)
