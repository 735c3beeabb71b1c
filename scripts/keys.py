"""Keys of sources and channels: `python -m scripts.keys`, `... add fred`, `... remove fred`.

Without more it lists which names there are, what each lights up, and whether the key is known,
never the key itself. `add` asks for it without showing it, or takes it from a pipe, and writes it
into the secrets file, which its owner alone may read. A source may stand for the name of its key.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys

import polars as pl

from data.disk import settle, temporary
from data.errors import ConfigError
from data.settings import Settings
from ingest.registry import SOURCES
from ingest.runs.keys import SHORTEST
from scripts.support import console

CHANNELS = {
    "GEMINI_API_KEY": "texts by a model: notes, checks of drafts",
    "SLACK_WEBHOOK": "alerts to Slack",
    "ALERT_WEBHOOK": "alerts to a webhook",
    "SMTP_PASSWORD": "alerts by mail",
}
LONGEST = 4096
ENVIRONMENT = "in the environment"
SCHEMA = {"name": pl.String, "for": pl.String, "known": pl.String}


def main(arguments: argparse.Namespace) -> int:
    """List, add or remove."""
    settings = console.settings(arguments)
    if arguments.action is None:
        rows = [(name, about, _known(settings, name)) for name, about in wanted().items()]
        console.emit(pl.DataFrame(rows, schema=SCHEMA, orient="row"), "table")
        return console.DONE
    name = name_of(arguments.name)
    if arguments.action == "add":
        write(settings, name, typed(name))
        console.say(f"{name} is in {settings.secrets}; a scheduler takes it at its next start.")
    elif write(settings, name, None):
        console.say(f"{name} is no longer in {settings.secrets}.")
    else:
        console.say(f"{name} was not in {settings.secrets}.")
    if _known(settings, name) == ENVIRONMENT:
        console.say(f"The environment has another {name}, and its value comes first.")
    return console.DONE


def wanted() -> dict[str, str]:
    """Every name that a key may have, and what it is for."""
    found = {
        source.secret: f"{source.title}: {source.gives}"
        for source in SOURCES.values()
        if source.secret
    }
    return dict(sorted((found | CHANNELS).items()))


def name_of(word: str) -> str:
    """The name of the key: as it is, or by the source that it belongs to."""
    source = SOURCES.get(word.lower())
    name = source.secret if source is not None else word.upper()
    if source is not None and name is None:
        raise ConfigError(f"{source.name} needs no key")
    if name not in wanted():
        raise ConfigError(
            f"no source or channel has a key {word[:40]!r}; `python -m scripts.keys` lists them"
        )
    return str(name)


def typed(name: str) -> str:
    """The key from the terminal, without showing it, or from a pipe."""
    from_pipe = not sys.stdin.isatty()
    value = sys.stdin.readline(LONGEST + 2) if from_pipe else getpass.getpass(f"{name}: ")
    value = value.strip()
    odd = not value.isascii() or not value.isprintable() or any(sign in value for sign in " \"'")
    # A shorter one is refused when it is used: it could not be struck out of what is written.
    least = 1 if name in CHANNELS else SHORTEST
    if odd or not least <= len(value) <= LONGEST:
        raise ConfigError(
            f"{name}: expected one line of {least} to {LONGEST} printable characters without "
            "blanks and quotes; nothing was written"
        )
    return value


def write(settings: Settings, name: str, value: str | None) -> bool:
    """Store the key in the file, or remove it; all other lines stay. False: nothing to remove."""
    path = settings.secrets
    settings.secret(name, {})  # refuses a file that others may read, or that cannot be read
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if _name(line) != name]
    if value is None and kept == lines:
        return False
    if value is not None:
        kept.append(f"{name}={value}")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = temporary(path.parent)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("".join(f"{line}\n" for line in kept))
        settle(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return True


def _name(line: str) -> str:
    return line.strip().removeprefix("export ").partition("=")[0].strip()


def _known(settings: Settings, name: str) -> str:
    stored, used = settings.secret(name, {}), settings.secret(name)
    if used is None:
        return "no"
    return "in the secrets file" if used == stored else ENVIRONMENT


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("keys", __doc__ or "")
    made.add_argument("action", nargs="?", choices=("add", "remove"), help="else they are listed")
    made.add_argument("name", nargs="?", default="", help="a source, or the name of a key")
    return made


if __name__ == "__main__":
    console.run(main, parser())
