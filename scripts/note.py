"""Write a note from facts alone: `python -m scripts.note ENTITY --as-of T`.

ENTITY is an instrument, a company or a country by its id, ticker, code or name; several instruments
are a list. No model is asked: a template writes the sections, and every number in them is held
against the facts. With `--facts` the facts come out instead, with `--format json` both.
"""

from __future__ import annotations

import argparse
import json
import sys

import polars as pl

from analytics.notes.fact import FactPack
from analytics.notes.fact_pack import fact_pack, list_pack
from analytics.notes.gate import GatedNote, compose_note
from analytics.notes.sections import SECTIONS
from analytics.notes.template import template_note
from scripts.support import console

SCHEMA = {
    "id": pl.String(),
    "role": pl.String(),
    "subject": pl.String(),
    "label": pl.String(),
    "printed": pl.String(),
    "period": pl.String(),
    "known_at": pl.String(),
    "source": pl.String(),
}


def main(arguments: argparse.Namespace) -> int:
    """Gather, write, check, print."""
    at = console.open_at(arguments)
    names = arguments.entity
    pack = fact_pack(at, names[0]) if len(names) == 1 else list_pack(at, "List", names)
    if arguments.facts:
        rows = [{key: fact[key] for key in SCHEMA} for fact in pack.as_json()["facts"]]
        console.emit(pl.DataFrame(rows, schema=SCHEMA), arguments.format)
        return console.DONE
    note = compose_note(at, pack, template_note(pack))
    for problem in note.problems:
        console.say(f"withheld: {problem.section}: {problem.quote!r}: {problem.reason}")
    sys.stdout.write(_as_json(pack, note) if arguments.format == "json" else _as_text(pack, note))
    return console.FAILED if note.is_withheld else console.DONE


def _as_text(pack: FactPack, note: GatedNote) -> str:
    """The note for reading, with how many numbers of it were checked."""
    lines = [f"{pack.title}, {pack.as_of:%d %b %Y %H:%M} UTC", ""]
    if not note.is_withheld:
        for section in SECTIONS:
            lines += [section.title, note.sections[section.name], ""]
    lines.append(f"{len(pack.facts)} facts, {len(note.figures)} numbers checked")
    lines += [f"missing: {one.subject}: {one.label}: {one.reason}" for one in pack.missing]
    return "\n".join(lines) + "\n"


def _as_json(pack: FactPack, note: GatedNote) -> str:
    found = {
        **pack.as_json(),
        "sections": {} if note.is_withheld else dict(note.sections),
        "figures": [
            {
                "section": one.section,
                "start": one.start,
                "end": one.end,
                "fact": None if one.fact is None else one.fact.id,
            }
            for one in note.figures
        ],
        "problems": [
            {"section": one.section, "quote": one.quote, "reason": one.reason}
            for one in note.problems
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("note", __doc__ or "")
    made.add_argument("entity", nargs="+", help="id, ticker, code or name; several are a list")
    made.add_argument("--facts", action="store_true", help="print the facts, not the note")
    console.add_clock(made)
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
