"""What the reader wants of a new run: a value, the options of the command that trains it, and its folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.files import safe_stem
from viewer.language import tr


@dataclass(frozen=True, slots=True)
class RunWish:
    """What the form says: all that a run needs. Paths are None where nothing was chosen."""

    name: str
    healthy: Path | None
    mixed: Path | None
    test: Path | None
    parent: Path | None
    kind: str
    preset: str
    population: str
    device: str
    knobs: tuple[tuple[str, int], ...] = ()

    @property
    def lacking(self) -> str:
        """What has to be chosen before the films can be looked at; empty when nothing is missing."""
        if self.healthy is None:
            return tr("Choose a folder of healthy films.")
        if self.mixed is None and self.kind == "healthygan":
            return tr("HealthyGAN also needs a folder of mixed films.")
        for place in (self.healthy, self.mixed, self.test, self.parent):
            if place is not None and not place.exists():
                return tr("{place} does not exist.").format(place=place)
        return ""

    @property
    def looked_at(self) -> tuple[object, ...]:
        """What a plan depends on beside the numbers of steps; all else changes nothing in it."""
        others = tuple(one for one in self.knobs if one[0] in {"batch", "threads"})
        places = (self.healthy, self.mixed, self.test, self.parent)
        return (*places, self.kind, self.preset, self.device, others)

    def arguments(self) -> tuple[str, ...]:
        """Options of `healthytwin train RUN`."""
        options: list[str] = []
        for option, value in (
            ("--healthy", self.healthy),
            ("--mixed", self.mixed),
            ("--test", self.test),
            ("--from", self.parent),
            ("--kind", self.kind),
            ("--preset", self.preset),
            ("--population", self.population),
            ("--device", self.device),
            ("--name", self.name),
        ):
            if value:
                options += [option, str(value)]
        for knob, number in self.knobs:
            options += [f"--{knob.replace('_', '-')}", str(number)]
        return tuple(options)


def run_folder_for(runs: Path, wish: RunWish) -> Path:
    """A new folder for a run: named after the model if it has a name, else kind and moment; never in use."""
    stem = safe_stem(wish.name) or f"{wish.kind}-{datetime.now():%Y-%m-%d-%H%M}"
    place, number = runs / stem, 2
    while place.exists():
        place, number = runs / f"{stem}-{number}", number + 1
    return place
