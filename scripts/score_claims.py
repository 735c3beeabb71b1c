"""Score content checks by a gold set: `python -m scripts.score_claims [--gold FOLDER]`.

Prints the verdicts that were found (columns) for those that are right (rows). `--misses` gives
every claim that was judged otherwise instead. The README of tests/golden/claims says how a file of
a gold set looks and which world it is of. A set of your own is scored on any workspace:
`--gold FOLDER --workspace NAME --world WORLD` takes the files of FOLDER whose `world` is WORLD;
those of recorded replies are `--world recorded` on the workspace that was filled from them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from analytics.claims.check import check_draft
from analytics.claims.gold_set import ClaimScore, read_gold
from data.query import Db
from scripts.support import console

GOLD = Path(__file__).resolve().parents[1] / "tests" / "golden" / "claims"


def main(arguments: argparse.Namespace) -> int:
    """Read, check, compare."""
    settings = console.settings(arguments)
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=settings.threads)
    score = ClaimScore()
    for draft in read_gold(Path(arguments.gold)):
        if draft.world == arguments.world:
            at, later = db.at(draft.date), db.at(draft.checked_at)
            score.add(draft, check_draft(at, draft.draft, language=draft.language, later=later))
    if not score.classes:
        console.say(f"{arguments.gold} holds no draft of the world {arguments.world!r}")
        return console.FAILED
    if arguments.misses:
        console.emit(pl.DataFrame(score.misses), arguments.format)
    else:
        console.emit(score.table(), arguments.format)
    console.say(
        f"{score.recall:.1%} of {sum(score.classes.values())} claims in their class; "
        f"{score.false_supported} false supported; contradicted with a precision of "
        f"{score.precision:.1%}; {score.decoys} decoys taken, {score.unlisted} not listed"
    )
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("score_claims", __doc__ or "")
    made.add_argument("--gold", default=str(GOLD), help="folder of the gold set")
    made.add_argument("--world", default="demo", help="which of its worlds the workspace holds")
    made.add_argument("--misses", action="store_true", help="every claim judged otherwise")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
