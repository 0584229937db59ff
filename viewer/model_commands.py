"""Commands about the models at hand: list, show, import, export, delete. `viewer.commands` registers them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from viewer.console import put, put_json, say
from viewer.options import AsJson, Population, own_models

Model = Annotated[str, typer.Argument(help="A model file or the name of a model.")]


def list_all(as_json: AsJson = False) -> int:
    """List the models at hand: your own first, then those that ship."""
    from core.models.collection import list_models
    from core.models.model_file import calibration_words
    from viewer.model_card import people, state_words

    folder = own_models()[-1]
    entries = list_models(folder)
    if as_json:
        put_json([_plain(entry) for entry in entries])
        return 0
    for entry in entries:
        card = entry.card
        put(
            f"{entry.path.stem}: {card.kind} {card.preset}, {people(entry)}, "
            f"{calibration_words(entry.calibration)}, {card.weights_digest[:12]}, {state_words(entry)}"
        )
    say(f"Your own models: {folder}")
    return 0


def show(model: Model, as_json: AsJson = False) -> int:
    """Print the card of a model: kind, films, calibration, limits, figures, training, credit."""
    from viewer.model_card import card_lines

    entry = _entry(model)
    if as_json:
        put_json(_plain(entry) | {"card": entry.card.to_json()})
        return 0
    for line in card_lines(entry):
        put(line)
    return 0


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="A model file, or NNNNNN-G.ckpt of the published HealthyGAN code.",
        ),
    ],
    critic: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="NNNNNN-D.ckpt of the same run.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the imported checkpoint.")] = "",
    size: Annotated[int, typer.Option(help="Side in pixels at which the checkpoint was trained.")] = 256,
    population: Annotated[Population, typer.Option(help="Whose films it learned.")] = Population.ANY,
) -> int:
    """Copy a model file, or a checkpoint of the published HealthyGAN code, to your own models.

    It is read whole first. It answers when it is asked by name; by itself only after `accept`.
    """
    from core.models.importing import import_model

    put(
        str(
            import_model(
                file, own_models()[-1], critic=critic, name=name, size=size, population=population.value
            )
        )
    )
    return 0


def export(
    model: Model, target: Annotated[Path, typer.Argument(help="The file to write, or a folder.")]
) -> int:
    """Copy a model out of the list. Another file is never overwritten."""
    from core.models.collection import export_model

    put(str(export_model(_entry(model).path, target)))
    return 0


def delete(model: Model) -> int:
    """Take one of your own models out of the list: into the folder deleted beside it."""
    from core.models.collection import delete_model

    moved = delete_model(_entry(model).path, own_models()[-1])
    say(f"It is kept as {moved}.")
    return 0


def _entry(model: str) -> Any:  # ModelEntry, whose module the start of the program does not import
    from core.models.collection import entry_of, find_model

    folders = own_models()
    return entry_of(find_model(model, folders), folders[-1])


def _plain(entry: Any) -> dict[str, Any]:  # ModelEntry; JSON object
    card = entry.card
    return {
        "file": str(entry.path),
        "name": card.name,
        "kind": card.kind,
        "preset": card.preset,
        "population": card.population,
        "weights_digest": card.weights_digest,
        "calibrated": entry.calibration is not None,
        "shipped": entry.shipped,
        "accepted_at": entry.accepted_at,
    }
