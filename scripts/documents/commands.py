"""The commands as their own `--help` describes them."""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import tempfile
import typing
from collections.abc import Iterator
from pathlib import Path

from data.settings import REPOSITORY
from scripts.documents.markdown import plain, table

STARTED = re.compile(r'^if __name__ == "__main__":$', re.M)
INNER = ("supervise",)  # what `up` becomes; nobody starts it by hand


def names() -> list[str]:
    """Every module that is a command."""
    files = sorted((REPOSITORY / "scripts").glob("*.py"))
    found = [path.stem for path in files if STARTED.search(path.read_text(encoding="utf-8"))]
    return [name for name in found if name not in INNER]


def commands() -> str:
    """A table of all commands, and a section for each."""
    made = {name: _parser(name) for name in names()}
    rows = [(f"[`{name}`](#{name})", _first(made[name])) for name in made]
    parts = [_section(name, parser) for name, parser in made.items()]
    return "\n\n".join([table(("command", "what it does"), rows), *parts])


def _parser(name: str) -> argparse.ArgumentParser:
    """What the module's one function without parameters makes that gives a parser."""
    module = importlib.import_module(f"scripts.{name}")
    for _, function in inspect.getmembers(module, inspect.isfunction):
        own = function.__module__ == module.__name__ and not inspect.signature(function).parameters
        if own and typing.get_type_hints(function).get("return") is argparse.ArgumentParser:
            return typing.cast(argparse.ArgumentParser, function())
    raise LookupError(
        f"{module.__name__} is a command without a function `parser() -> argparse.ArgumentParser`; "
        "add one, so that docs/commands.md can describe it"
    )


def _first(parser: argparse.ArgumentParser) -> str:
    return plain(" ".join((parser.description or "").strip().split("\n\n")[0].split()))


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    about = plain((parser.description or "").strip())
    rows = list(_rows(parser))
    options = table(("argument", "meaning"), rows) if rows else "No arguments."
    return f"## {name}\n\n{about}\n\n{options}"


def _rows(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if action.help is not argparse.SUPPRESS and not isinstance(action, argparse._HelpAction):
            meaning = parser._get_formatter()._expand_help(action) if action.help else ""
            yield (
                f"`{_words(action)}`",
                _portable(plain(meaning)) or _choices(action) or "see above",
            )


def _words(action: argparse.Action) -> str:
    value = str(action.metavar or (action.dest.upper() if action.option_strings else action.dest))
    if not action.option_strings:
        return value
    takes = action.nargs != 0
    return ", ".join(f"{word} {value}" if takes else word for word in action.option_strings)


def _choices(action: argparse.Action) -> str:
    return f"one of {', '.join(map(str, action.choices))}" if action.choices else ""


def _portable(text: str) -> str:
    """Without the places of the machine that prints it."""
    text = text.replace(str(Path(tempfile.gettempdir())), "the folder for temporary files: ")
    return text.replace(str(REPOSITORY), "the checkout")
