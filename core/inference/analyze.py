"""The only road from pixels to a result. Lives in the `gpu` lane (or a command); imports torch."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch
from numpy.typing import NDArray

from core.errors import ModelDoesNotFit, ModelFileInvalid, OutOfMemory
from core.imaging.frame import Frame
from core.imaging.model_input import ModelInput, ModelInputSpec, to_model_grid
from core.imaging.residuals import BLUR_SHARES, FloatImage, blurred_excess
from core.inference.analysis import (
    Analysis,
    Answer,
    ImageHeader,
    ModelChoice,
    Refusal,
    Suitability,
    Verdict,
    model_name,
)
from core.inference.calibration import Calibration, FilmResiduals
from core.inference.device import choose_device, device_text, set_cpu_threads
from core.inference.engine import CONVOLUTIONS, exact, prepared, searches
from core.inference.suitability import card_fit, judge_frame, judge_picture, judge_twin
from core.jobs import NO_JOB, JobContext
from core.models.anomaly_model import AnomalyModel, ModelCard
from core.models.collection import active_models
from core.models.model_file import TEMPLATE, ModelFile, read_head, read_model_file
from core.models.registry import KINDS, open_model

_log = logging.getLogger(__name__)

_ANY_AGE = (0.0, math.inf)
_CENTRAL_WINDOW = 0.92
_BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    network: AnomalyModel
    calibration: Calibration | None
    weight: FloatImage
    template: FloatImage | None
    device: torch.device


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """A frame that suits a model, on the model's grid."""

    frame: Frame
    model_input: ModelInput
    suitability: Suitability


class ModelShelf:
    """The loaded models of a session: opened once, kept on the device, used by one thread at a time.

    Any thread may be that one (the `gpu` lane), also not the one that opened; two shelves share nothing but
    the number of torch's threads.

    `device`: auto, cuda, mps or cpu. `folders`: where the reader's own models are, beside the shipped ones.
    """

    def __init__(self, device: str = "auto", folders: tuple[Path, ...] = ()) -> None:
        set_cpu_threads()
        self._device = choose_device(device)
        self._folders = folders
        self._loaded: dict[tuple[Path, int], _Loaded] = {}
        # By identity of the frame, which is kept with its grid: no other can have its number meanwhile.
        self._grids: dict[tuple[int, ModelInputSpec], tuple[Frame, ModelInput]] = {}

    @property
    def device_text(self) -> str:
        """The device as shown in the status bar."""
        return device_text(self._device)

    def analyze(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext = NO_JOB) -> Answer:
        """All results of the chosen models on a frame; what does not suit comes back as a refusal.

        Raises `ModelFileInvalid`, `OutOfMemory` (after the CPU was tried too) and `Cancelled`.
        """
        return self.analyze_series((frame,), choice, ctx)[0]

    def analyze_series(
        self, frames: Sequence[Frame], choice: ModelChoice | Path, ctx: JobContext = NO_JOB
    ) -> tuple[Answer, ...]:
        """The same for several frames, in their order: those of one model go through its network together.

        Memory for all of them at once is needed only on the models' grid. Raises as `analyze` does, then
        for all of them.
        """
        self._grids = {key: kept for key, kept in self._grids.items() if any(kept[0] is f for f in frames)}
        results: list[list[Analysis | Refusal]] = [[] for _ in frames]
        wanted: tuple[Path | str, ...] = (choice,) if isinstance(choice, Path) else _kinds(choice)
        for turn, item in enumerate(wanted):
            ctx.checkpoint()
            ctx.report(turn, len(wanted), "Analyzing")
            by_model: dict[Path, list[int]] = {}
            for place, frame in enumerate(frames):
                path, refusal = (item, None) if isinstance(item, Path) else self._choose(frame, item)
                if path is not None:
                    by_model.setdefault(path, []).append(place)
                elif refusal is not None:
                    results[place].append(refusal)
            for path, places in by_model.items():
                answers = self._with_fallback([frames[place] for place in places], path, ctx)
                for place, answer in zip(places, answers, strict=True):
                    results[place].append(answer)
        return tuple(_answer(frame, choice, found) for frame, found in zip(frames, results, strict=True))

    def foresee(
        self, headers: Sequence[ImageHeader], choice: ModelChoice | Path
    ) -> tuple[Refusal | None, ...]:
        """Which images a model would refuse whatever their pixels; None for those that must be looked at.

        For both models the refusal of the first, where both refuse. Raises `ModelFileInvalid`.
        """
        known = {header: self._foreseen(header, choice) for header in dict.fromkeys(headers)}
        return tuple(known[header] for header in headers)

    def _foreseen(self, header: ImageHeader, choice: ModelChoice | Path) -> Refusal | None:
        if isinstance(choice, Path):
            card = read_head(choice).card
            suitability = judge_frame(header, card)
            refuses = suitability.verdict is Verdict.REFUSED
            return Refusal(header.digest, card.kind, suitability) if refuses else None
        refusals = [self._choose(header, kind)[1] for kind in _kinds(choice)]
        return refusals[0] if all(refusals) else None

    def warm_up(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext = NO_JOB) -> None:
        """Load the models that suit a frame, the chosen ones first, and let each compute once.

        Nothing comes of it but that the next answer is there sooner. Raises as `analyze` does, but
        `RuntimeError` of torch where memory is short: the device is not left for something nobody asked for.
        """
        wanted: list[Path | str] = [choice] if isinstance(choice, Path) else list(_kinds(choice))
        wanted += [kind for kind in KINDS if kind not in wanted]
        for item in wanted:
            ctx.checkpoint()
            path = item if isinstance(item, Path) else self._choose(frame, item)[0]
            if path is None:
                continue
            known = len(self._loaded)
            loaded = self._open(path, ctx)
            ctx.checkpoint()
            if len(self._loaded) > known and not searches(loaded.network):
                size = loaded.network.card.input_spec.size
                film = np.zeros((size, size), np.float32) if loaded.template is None else loaded.template
                _twins(loaded.network, [film], loaded.device, ctx)

    def _choose(self, frame: Frame | ImageHeader, kind: str) -> tuple[Path | None, Refusal | None]:
        """The model of a kind whose card suits the film best, or why none does."""
        candidates = [(path, card) for path, card in active_models(self._folders) if card.kind == kind]
        if not candidates:
            return None, _no_model(frame, kind, f"No {model_name(kind)} model is installed.")
        fits = [(card_fit(frame, card), path, card) for path, card in candidates]
        best = max(fits, key=lambda fit: fit[0])
        if best[0] > 0:
            return best[1], None
        age = frame.source.patient_age_years
        ages = {
            card.age_years for _, card in candidates if card_fit(frame, replace(card, age_years=_ANY_AGE)) > 0
        }
        if age is not None and ages:
            at_hand = " or ".join(f"{youngest:g} to {oldest:g}" for youngest, oldest in sorted(ages))
            return None, _no_model(
                frame,
                kind,
                f"No {model_name(kind)} model for a patient of {round(age, 2):g} years is installed; "
                f"{'the one' if len(ages) == 1 else 'those'} at hand {'is' if len(ages) == 1 else 'are'} "
                f"for {at_hand} years.",
            )
        # A lateral film of a child is not at fault for the child.
        reasons = min((judge_frame(frame, card).reasons for _, card in candidates), key=len)
        return None, Refusal(
            frame.digest,
            kind,
            Suitability(Verdict.REFUSED, reasons),
            "No model on this machine suits this film.",
        )

    def _with_fallback(
        self, frames: Sequence[Frame], path: Path, ctx: JobContext
    ) -> list[Analysis | Refusal]:
        """Short of memory: one frame at a time, then on the CPU, then `OutOfMemory`."""
        warning = ""
        together = len(frames)
        while True:
            try:
                return [
                    result
                    for first in range(0, len(frames), together)
                    for result in self._analyze(frames[first : first + together], path, ctx, warning)
                ]
            except (RuntimeError, MemoryError) as error:
                trouble = _device_trouble(error)
                if not trouble:
                    raise
                broken = isinstance(error, torch.AcceleratorError)
                if broken:
                    _log.warning("The device %s failed: %s", self._device, error)
            # Only here, outside of the except block, does no traceback hold the device's memory any more.
            if together > 1 and not broken:
                together = 1
                continue
            warning = trouble
            if self._device.type == "cpu":
                raise OutOfMemory(
                    "There is too little memory to analyze this image.", "Close other programs and try again."
                )
            self._leave_device()

    def _leave_device(self) -> None:
        """Go on with the CPU for the rest of the session."""
        self._loaded.clear()
        left, self._device = self._device, torch.device("cpu")
        if left.type == "cuda":
            with suppress(RuntimeError):  # a card that has failed cannot even be told to free its memory
                torch.cuda.empty_cache()

    def _analyze(
        self, frames: Sequence[Frame], path: Path, ctx: JobContext, warning: str = ""
    ) -> list[Analysis | Refusal]:
        started = time.perf_counter()
        loaded = self._open(path, ctx)
        questions = []
        for frame in frames:
            ctx.checkpoint()
            questions.append(self._question(frame, loaded))
        suited = [one for one in questions if isinstance(one, _Question)]
        if not suited:
            return [one for one in questions if isinstance(one, Refusal)]
        films = [one.model_input.pixels for one in suited]
        twins = iter(list(_film_answers(loaded.network, films, loaded.device, ctx)))
        ctx.checkpoint()
        elapsed_s = (time.perf_counter() - started) / len(frames)
        return [
            _concluded(one, *next(twins), loaded, warning, elapsed_s) if isinstance(one, _Question) else one
            for one in questions
        ]

    def _question(self, frame: Frame, loaded: _Loaded) -> _Question | Refusal:
        """The frame on the model's grid, or what speaks against asking the model."""
        card = loaded.network.card
        suitability = judge_frame(frame, card)
        if suitability.verdict is Verdict.REFUSED:
            return Refusal(frame.digest, card.kind, suitability)
        try:
            model_input = self._on_grid(frame, card.input_spec)
        except ModelDoesNotFit as error:
            return Refusal(
                frame.digest, card.kind, Suitability(Verdict.REFUSED, (error.message,)), error.hint
            )
        suitability = judge_picture(suitability, model_input, loaded.template)
        if suitability.verdict is Verdict.REFUSED:
            return Refusal(frame.digest, card.kind, suitability)
        return _Question(frame, model_input, suitability)

    def _on_grid(self, frame: Frame, spec: ModelInputSpec) -> ModelInput:
        """The frame as a model sees it, made once where both models ask: it costs as much as a network."""
        key = id(frame), spec
        if key not in self._grids:
            self._grids[key] = frame, to_model_grid(frame, spec)
        return self._grids[key][1]

    def _open(self, path: Path, ctx: JobContext) -> _Loaded:
        try:
            key = (path.resolve(), path.stat().st_mtime_ns)
        except OSError as error:
            raise ModelFileInvalid(
                f"The model file {path} cannot be opened: {error.strerror}.", "Choose another."
            ) from error
        if key not in self._loaded:
            file = read_model_file(path)
            ctx.checkpoint()
            # What the file held before, if anything, is not needed again.
            self._loaded = {known: loaded for known, loaded in self._loaded.items() if known[0] != key[0]}
            template = _template_of(file)
            self._loaded[key] = _Loaded(
                prepared(open_model(file, self._device), self._device, template),
                calibration_of(file),
                map_weight(file),
                template,
                self._device,
            )
        return self._loaded[key]


def _device_trouble(error: RuntimeError | MemoryError) -> str:
    """What to tell the reader when the CPU has to step in; empty for an error that is none of the device's.

    Only CUDA has a class of its own for too little memory: the CPU and MPS say it in words.
    """
    words = str(error)
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(
        sign in words for sign in ("out of memory", "can't allocate memory")
    ):
        return "The graphics card has too little memory; the CPU computed this result."
    if isinstance(error, torch.AcceleratorError):
        return "The graphics card failed; the CPU computed this result."
    return ""


def _no_model(frame: Frame | ImageHeader, kind: str, reason: str) -> Refusal:
    return Refusal(
        frame.digest,
        kind,
        Suitability(Verdict.REFUSED, (reason,)),
        "Choose “Model from a file…” (command line: --model FILE), or accept a model of your own for use "
        "(healthytwin accept).",
        no_model=True,
    )


def film_residuals(
    network: AnomalyModel, films: NDArray[np.float32], device: torch.device, ctx: JobContext = NO_JOB
) -> list[FilmResiduals]:
    """What a model says of films on its own grid, `(n, size, size)` in [0, 1], before calibration."""
    return [residuals for _, residuals in film_answers(network, films, device, ctx)]


def film_answers(
    network: AnomalyModel, films: NDArray[np.float32], device: torch.device, ctx: JobContext = NO_JOB
) -> Iterator[tuple[FloatImage, FilmResiduals]]:
    """Film by film the twin `(size, size)` in [0, 1] and what `film_residuals` says."""
    if len(films):
        yield from _film_answers(prepared(network, device), list(films), device, ctx)


def _film_answers(
    network: AnomalyModel, films: Sequence[FloatImage], device: torch.device, ctx: JobContext
) -> Iterator[tuple[FloatImage, FilmResiduals]]:
    """`film_answers` of a network that is prepared already."""
    for first in range(0, len(films), _BATCH):
        ctx.checkpoint()
        if len(films) > 1:
            ctx.report(first, len(films), "Comparing films with their twins")
        batch = films[first : first + _BATCH]
        twins, realism = _twins(network, batch, device, ctx)
        for place, (film, twin) in enumerate(zip(batch, twins, strict=True)):
            certainty = None if realism is None else float(realism[place])
            yield twin, _residuals(film, twin, certainty, network.card)


def calibration_of(file: ModelFile) -> Calibration | None:
    """The calibration that a model file holds for these very weights; None when it is uncalibrated.

    Raises `ModelFileInvalid` naming the file when it makes no sense.
    """
    if file.calibration is None:
        return None
    arrays, info = file.calibration
    try:
        calibration = Calibration.from_arrays(
            {name: np.asarray(array, np.float32) for name, array in arrays.items()}, info
        )
    except ModelFileInvalid as error:
        raise ModelFileInvalid(f"{file.file_name or file.card.name}: {error.message}", error.hint) from error
    _check_side(file, "calibration", calibration.weight)
    return calibration


def map_weight(file: ModelFile) -> FloatImage:
    """Where a model's map counts, 0 to 1: inside the central window, for SR-AnoGAN inside the lungs.

    Raises `ModelFileInvalid` naming the file when the lung prior does not fit.
    """
    size = file.card.input_spec.size
    weight = np.zeros((size, size), np.float32)
    margin = round(size * (1 - _CENTRAL_WINDOW) / 2)
    weight[margin : size - margin, margin : size - margin] = 1.0
    if file.card.kind == "sr-anogan" and "lung_prior" in file.aux:
        prior = np.asarray(file.aux["lung_prior"], np.float32)
        _check_side(file, "lung prior", prior)
        weight *= _widened(prior)
    return weight


def _template_of(file: ModelFile) -> FloatImage | None:
    """The mean healthy film that the model was trained on; None where the file has none."""
    if TEMPLATE not in file.aux:
        return None
    template = np.asarray(file.aux[TEMPLATE], np.float32)
    _check_side(file, "template", template)
    return template


def _check_side(file: ModelFile, name: str, array: FloatImage) -> None:
    """Raise `ModelFileInvalid` unless a map of the file lies on the model's grid."""
    size = file.card.input_spec.size
    if array.shape != (size, size):
        raise ModelFileInvalid(
            f"{file.file_name or file.card.name}: the {name} is of the shape {array.shape}, but the model's "
            f"grid has {size} × {size} cells.",
            "Export the model again.",
        )


def _concluded(
    question: _Question,
    twin: FloatImage,
    residuals: FilmResiduals,
    loaded: _Loaded,
    warning: str,
    elapsed_s: float,
) -> Analysis | Refusal:
    """What a model's twin says of a frame, judged by the model's calibration."""
    frame, card, model_input = question.frame, loaded.network.card, question.model_input
    denser, lucent, score, p_value = _judge(loaded, model_input, residuals)
    suitability = judge_twin(question.suitability, model_input, twin, card)
    if suitability.verdict is Verdict.REFUSED:
        return Refusal(frame.digest, card.kind, suitability)
    warnings = [warning] if warning else []
    if loaded.calibration is None:
        warnings.append("This model is uncalibrated: its threshold has no stated false-alarm rate.")
    for array in (twin, denser, lucent):
        array.setflags(write=False)
    return Analysis(
        frame_digest=frame.digest,
        card=card,
        suitability=suitability,
        model_input=model_input,
        twin=twin,
        denser=denser,
        lucent=lucent,
        weight=loaded.weight,
        score=score,
        p_value=p_value,
        calibration=loaded.calibration,
        device=device_text(loaded.device),
        elapsed_s=elapsed_s,
        warnings=tuple(warnings),
    )


def _answer(frame: Frame, choice: ModelChoice | Path, found: list[Analysis | Refusal]) -> Answer:
    kind = choice if isinstance(choice, ModelChoice) else _choice_of(tuple(found))
    return Answer(
        frame.digest,
        kind,
        tuple(one for one in found if isinstance(one, Analysis)),
        tuple(one for one in found if isinstance(one, Refusal)),
    )


def _twins(
    network: AnomalyModel, films: Sequence[FloatImage], device: torch.device, ctx: JobContext
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    batch = torch.from_numpy(np.array(films, np.float32))[:, None].to(device)
    with _cancellable(network, ctx), exact(device):
        twins = network.healthy(batch)[:, 0].float().cpu().numpy()
        realism = network.realism(batch)
    return twins, None if realism is None else realism.float().cpu().numpy()


@contextmanager
def _cancellable(network: AnomalyModel, ctx: JobContext) -> Iterator[None]:
    """Ask before every convolution whether the job was cancelled: the paper's latent search takes a minute.

    Not before every layer: asking costs as much as a small layer does, a tenth of an analysis (measured).
    """

    def ask(layer: torch.nn.Module, inputs: object) -> None:
        ctx.checkpoint()

    hooks = [
        layer.register_forward_pre_hook(ask)
        for whole in network.networks
        for layer in whole.modules()
        if isinstance(layer, CONVOLUTIONS)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _residuals(film: FloatImage, twin: FloatImage, realism: float | None, card: ModelCard) -> FilmResiduals:
    share = BLUR_SHARES[card.kind]
    change = float(np.abs(film - twin).mean())
    return FilmResiduals(
        blurred_excess(film, twin, share), blurred_excess(twin, film, share), realism, change
    )


def _judge(
    loaded: _Loaded, model_input: ModelInput, residuals: FilmResiduals
) -> tuple[FloatImage, FloatImage, float, float | None]:
    """Maps, score and p-value; raw ones when there is no calibration."""
    if loaded.calibration is None:
        denser, lucent = residuals.denser * loaded.weight, residuals.lucent * loaded.weight
        score, p_value = float(denser.mean()), None
    else:
        denser, lucent = loaded.calibration.maps(residuals)
        score = loaded.calibration.score(residuals)
        p_value = loaded.calibration.p_value(score)
    denser[~model_input.valid] = 0.0
    lucent[~model_input.valid] = 0.0
    return denser, lucent, score, p_value


def _widened(prior: FloatImage) -> FloatImage:
    """The lung prior with a soft edge of about 4 % of the side, 0 to 1."""
    image = sitk.GetImageFromArray(prior)
    radius = max(1, prior.shape[0] // 24)
    grown = sitk.GrayscaleDilate(image, [radius, radius])
    widened = sitk.GetArrayFromImage(sitk.BoxMean(grown, [radius, radius]))
    return np.asarray(np.clip(widened, 0, 1), np.float32)


def _kinds(choice: ModelChoice) -> tuple[str, ...]:
    return ("healthygan", "sr-anogan") if choice is ModelChoice.BOTH else (choice.value,)


def _choice_of(results: tuple[Analysis | Refusal, ...]) -> ModelChoice:
    kinds = {result.card.kind if isinstance(result, Analysis) else result.kind for result in results}
    return ModelChoice(kinds.pop()) if len(kinds) == 1 else ModelChoice.BOTH
