"""What the README says is so: keys, commands, files, recipes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from viewer import screen
from viewer.actions import shortcut_rows
from viewer.commands import app

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
COMMANDS = get_command(app)


def rows(heading: str) -> list[tuple[str, ...]]:
    """Cells of the first table below a heading, without its head."""
    section = README.split(f"\n{heading}\n", 1)[1]
    table = section[section.index("\n|") + 1 :].split("\n\n", 1)[0].splitlines()[2:]
    return [
        tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        for line in table
    ]


def test_the_table_of_keys_is_that_of_the_program():
    told = [
        (menu, command, keys.replace("` or `", " or ").strip("`")) for menu, command, keys in rows("### Keys")
    ]
    assert told == list(shortcut_rows())


def test_the_table_of_commands_is_that_of_the_program():
    usages = [usage.strip("`").split(" ", 1)[1] for usage, _ in rows("## Command line")]
    told = {usage.split()[0]: usage for usage in usages if not usage.startswith("[")}
    assert list(told) == list(COMMANDS.commands)  # type: ignore[attr-defined]  # a group of commands


@pytest.mark.parametrize("name", list(COMMANDS.commands))  # type: ignore[attr-defined]  # a group of commands
def test_every_option_is_told_and_none_that_does_not_exist(name: str):
    usage = next(usage for usage, _ in rows("## Command line") if usage.startswith(f"`healthytwin {name}"))
    told = set(re.findall(r"--[a-z-]+", usage))
    asked = COMMANDS.commands[name]  # type: ignore[attr-defined]  # a group of commands
    real = {
        option
        for command in getattr(asked, "commands", {"": asked}).values()
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.hidden
        for option in parameter.opts
        if option.startswith("--")
    }
    assert told == real - {"--help"}


def test_every_module_has_its_place_and_no_other_is_named():
    told = {cell.strip("`") for cell, _ in rows("### Where is what")}
    real = {
        str(path.relative_to(ROOT))
        for folder in ("core", "viewer")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert told == real


def test_every_link_and_picture_leads_to_a_file():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert targets
    assert all((ROOT / target).is_file() for target in targets), targets


def test_the_recipes_without_make_are_those_of_make():
    install = "python3 -m venv .venv && .venv/bin/pip install --editable '.[dev]'"
    assert f"{install} && .venv/bin/healthytwin demo" in README
    assert f"{install} && .venv/bin/python -m pytest" in README
    for step in (
        "python3 -m venv .venv",
        "install --editable '.[dev]'",
        "healthytwin demo",
        "python -m pytest",
    ):
        assert step in MAKEFILE
    assert "\nmake test" in CI, "the gate runs the README's test command"


def test_every_recipe_of_the_readme_is_one_of_make():
    told = set(re.findall(r"`?make ([a-z]+)", README.replace("Without make", "")))
    told = {name for name in told if f"`make {name}`" in README or f"\nmake {name}\n" in README}
    real = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))
    assert told == real


def test_the_system_packages_are_the_same_everywhere():
    wanted = set(screen._ALL_FOR_QT.split())
    for text in (README, CI):
        assert wanted <= set(text.replace("`", " ").split())
    assert set(screen._FOR_X11.values()) <= set(README.replace("`", " ").split())


def test_research_use_is_said():
    assert "Research use only. Not for diagnosis." in README
