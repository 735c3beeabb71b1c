"""No public analytic may notice that the future was destroyed.

Every analytic, at six clocks, with arguments drawn anew: on the whole lake and on a copy from which
all that became known later is gone, published under other versions and read at another hour of the
machine. By day the commit draws one clock and one set of arguments an analytic; at night all are
tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import data.clock
from analytics.core import catalogue
from analytics.macro import weights
from data.errors import WorkstationError
from data.lake.views import Mode
from data.query import Answer, At, Db
from data.settings import Settings
from tests import shred, tiers
from tests.analytics import arguments, revised_world
from tests.hours import another_hour

DRAWS = 3
NAMES = sorted(catalogue.catalogue())
MODES: tuple[Mode, ...] = ("public", "house")
WEIGHTS = """[[version]]
since = {since}
[version.assets]
equities = {{ growth = -1.0, inflation = 1.0, labour = -0.5, policy = 1.0 }}
gold = {{ growth = 1.0 }}
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The lake with its future, and weights of the bias that were changed after every clock."""
    held = revised_world.build(tmp_path_factory.mktemp("revised"))
    since = revised_world.AFTERWARDS.isoformat()
    weights.own_file(held.lake).write_text(WEIGHTS.format(since=since))
    return held


class Pair:
    """A lake and its torn copy at each clock, opened once."""

    def __init__(self, held: Settings, folder: Path) -> None:
        self.clocks = revised_world.clocks(held)
        self.whole = Db(held.lake, threads=2)
        self.pools = arguments.pools(self.whole.at(revised_world.TAKEN_IN))
        self._held, self._folder = held, folder
        self._torn: dict[tuple[datetime, Mode], Db] = {}

    def torn(self, clock: datetime, mode: Mode) -> Db:
        """The copy in which nothing later than the clock exists, nor any word of it."""
        key = (clock, mode)
        if key not in self._torn:
            copy = self._folder / f"{len(self._torn)}" / "lake"
            shred.shred(self._held.lake, copy, clock, mode=mode)
            shred.disguise(copy)
            self._torn[key] = Db(copy, threads=2)
        return self._torn[key]

    def close(self) -> None:
        """Free all engines."""
        for db in (self.whole, *self._torn.values()):
            db.close()


@pytest.fixture(scope="module")
def pair(whole: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    opened = Pair(whole, tmp_path_factory.mktemp("torn"))
    yield opened
    opened.close()


def ask(call: Any, at: At, given: dict[str, Any]) -> Answer | str:
    """What an analytic answers, or the sentence with which it refuses."""
    try:
        answer: Answer = call(at, **given)
    except WorkstationError as error:
        return str(error)
    return answer


def differs(before: Answer | str, after: Answer | str) -> str:
    """One line on how two answers differ; empty where they are the same, rows in their order."""
    if isinstance(before, str) or isinstance(after, str):
        return "" if before == after else f"said {str(before)[:90]!r}, then {str(after)[:90]!r}"
    one, two = before.frame, after.frame
    if one.schema != two.schema:
        return f"columns {one.schema} became {two.schema}"
    if one.equals(two):
        return ""
    if one.height != two.height:
        return f"{one.height} rows became {two.height}"
    odd = [name for name in one.columns if not one[name].equals(two[name], null_equal=True)]
    apart = one[odd[0]].ne_missing(two[odd[0]])
    first = apart.arg_true().head(1).to_list() or [0]
    return f"{odd}: row {first[0]} {one.row(first[0])} became {two.row(first[0])}"


def tried(name: str, pair: Pair, mode: Mode) -> Iterator[tuple[str, dict[str, Any]]]:
    """The clocks and arguments of an analytic: all of them at night, a sample by day."""
    analytic = catalogue.find(name)
    for place, (word, clock) in enumerate(pair.clocks.items()):
        for number in range(DRAWS):
            drawn = tiers.drawn(f"{name} {mode}", DRAWS * len(pair.clocks))
            if tiers.is_night() or drawn == place * DRAWS + number:
                yield word, arguments.draw(analytic, number, clock, pair.pools)


def found(
    call: Any, name: str, pair: Pair, mode: Mode, cases: Iterator[tuple[str, dict[str, Any]]]
) -> tuple[list[str], int]:
    """Lines on what differs, and how many rows were compared."""
    lines, rows = [], 0
    for word, given in cases:
        clock = pair.clocks[word]
        before = ask(call, pair.whole.at(clock, mode), given)
        with another_hour():
            after = ask(call, pair.torn(clock, mode).at(clock, mode), given)
        rows += before.frame.height if isinstance(before, Answer) else 0
        if line := differs(before, after):
            lines.append(f"{name} {given} at {word} ({mode}): {line}")
    return lines, rows


@pytest.mark.uncounted
@pytest.mark.sampled(32)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_no_analytic_sees_past_its_clock(pair: Pair, name: str, mode: Mode) -> None:
    lines, _ = found(catalogue.find(name).call, name, pair, mode, tried(name, pair, mode))
    assert not lines, "\n".join(lines)


def test_the_arguments_find_rows(pair: Pair) -> None:
    """A comparison of nothing proves nothing: every analytic answers some draw with rows."""
    empty = []
    for name in NAMES:
        analytic = catalogue.find(name)
        for number, clock in ((n, c) for n in range(DRAWS) for c in pair.clocks.values()):
            given = arguments.draw(analytic, number, clock, pair.pools)
            answer = ask(analytic.call, pair.whole.at(clock), given)
            if isinstance(answer, Answer) and answer.frame.height:
                break
        else:
            empty.append(f"{name} {given}: {answer if isinstance(answer, str) else 'no rows'}")
    assert not empty, "\n".join(empty)


def reads_the_machine(at: At) -> Answer:
    """Planted: the hour of the machine beside the rows."""
    answer = at.sql("SELECT count(*) AS n FROM macro")
    return answer.derive(answer.frame.with_columns(pl.lit(data.clock.utc_now()).alias("at")), "")


def reads_the_manifest(at: At) -> Answer:
    """Planted: the version of the dataset, which later publications raise."""
    answer = at.sql("SELECT count(*) AS n FROM macro")
    return answer.derive(
        answer.frame.with_columns(pl.lit(at.manifests["macro"].version).alias("version")), ""
    )


def reads_publication_times(at: At) -> Answer:
    """Planted: when the dataset was last published."""
    answer = at.sql("SELECT count(*) AS n FROM macro")
    told = pl.lit(at.manifests["macro"].published_at).alias("at")
    return answer.derive(answer.frame.with_columns(told), "")


def reads_the_weights(at: At) -> Answer:
    """Planted: the newest weights, whatever the clock."""
    answer = at.sql("SELECT count(*) AS n FROM macro")
    newest = weights.book(at).versions[-1].since
    return answer.derive(answer.frame.with_columns(pl.lit(newest).alias("since")), "")


def reads_vintages(at: At) -> Answer:
    """Planted: every vintage."""
    return at.sql("SELECT max(known_at) AS last FROM macro_vintages")


PLANTED = (
    reads_the_machine,
    reads_the_manifest,
    reads_publication_times,
    reads_the_weights,
    reads_vintages,
)


@pytest.mark.parametrize("leak", PLANTED, ids=lambda leak: leak.__name__)
def test_a_planted_leak_is_caught(pair: Pair, leak: Any) -> None:
    lines, _ = found(leak, leak.__name__, pair, "public", iter([("release", {})]))
    assert len(lines) == 1
