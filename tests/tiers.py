"""What runs by day and what at night: the sample that a commit draws, and the words that say so.

By day a test marked `sampled(n)` runs one case of n, and a long file of tests runs on every fourth
commit. Both follow from the commit, so that the same commit draws the same everywhere and later
commits draw the others. `scripts/check.py --whole` runs every file, `--night` (which sets
`NIGHT=1`) every case, with the larger amounts.
A case marked `always` runs each time: a planted fault has to be caught.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
import zlib
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import pytest

ROOT = Path(__file__).resolve().parents[1]
SECONDS = ROOT / "tests" / "seconds.json"
UNKNOWN_S = 5.0  # a file that nobody has timed yet
LONG_S = 8.0  # from here on a file of tests is one of those that take turns
TURNS = 4
# Long files that run every day all the same: the promises, and the rules of the tree.
EVERY_DAY = (
    "tests/test_architecture.py",
    "tests/pages/test_shredder.py",
    "tests/pages/test_frame.py",
    "tests/pages/test_panel_receipts.py",
    "tests/analytics/test_truncation.py",
    "tests/data/test_crash.py",
)
WHOLE = "WHOLE"  # every file by day, as `scripts/check.py --whole` sets it
COMMIT = "TEST_COMMIT"
ENDS = "TEST_ENDS"  # when this run begins no further test, by the machine's monotonic clock
TIMES = "barograph/seconds"  # in pytest's cache: file -> seconds, of the last run that ran it
TASK = "task"  # the property under which a test says what a task of the walk took
NO_COMMIT = "20200316"  # outside git every run draws the same sample
T = TypeVar("T")


def is_night() -> bool:
    """Whether everything runs."""
    return os.environ.get("NIGHT", "0") not in ("", "0")


def amount(name: str, *, day: int, night: int) -> int:
    """How often something is tried: the environment's word, or else that of the tier."""
    return int(os.environ.get(name) or (night if is_night() else day))


@cache
def _head() -> str:
    words = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError:
        return NO_COMMIT
    return done.stdout.strip() if done.returncode == 0 else NO_COMMIT


def commit() -> str:
    """The commit that draws the sample; `TEST_COMMIT` repeats that of another."""
    return os.environ.get(COMMIT) or _head()


def drawn(key: str, of: int) -> int:
    """Which of `of` parts this commit draws for `key`; another key draws another part."""
    return (zlib.crc32(commit().encode()) + zlib.crc32(key.encode())) % of


_said: dict[str, str] = {}


def daily(values: Sequence[T], of: int, key: str) -> list[T]:
    """One part of `of` of the values by day, never none of them; all of them at night."""
    parts = max(1, min(of, len(values)))
    if is_night() or parts == 1:
        return list(values)
    part = drawn(key, parts)
    kept = [value for number, value in enumerate(values) if number % parts == part]
    _said[key] = f"{key}: part {part + 1} of {parts}, {len(kept)} of {len(values)}"
    return kept


def by_day(item: pytest.Item, place: int) -> bool:
    """Whether a test, by its place among the cases of its function, is in this commit's sample."""
    mark = item.get_closest_marker("sampled")
    if mark is None or item.get_closest_marker("always"):
        return True
    of = int(mark.args[0])
    together = mark.kwargs.get("together", False)
    return (0 if together else place) % of == drawn(key_of(item, together=together), of)


def turns(known: Mapping[str, float]) -> dict[str, int]:
    """Which files take turns by day, and on which of them each has its turn.

    They are dealt out by their seconds, forth and back, so that every turn takes as long.
    """
    long = [file for file, s in known.items() if s >= LONG_S and file not in EVERY_DAY]
    dealt = sorted(long, key=lambda file: (-known[file], file))
    rounds = [divmod(place, TURNS) for place in range(len(dealt))]
    return {
        file: at if number % 2 == 0 else TURNS - 1 - at
        for file, (number, at) in zip(dealt, rounds, strict=True)
    }


def key_of(item: pytest.Item, *, together: bool) -> str:
    """What the draw goes by: the function, or the whole file where its tests stay together."""
    file = item.nodeid.split("::")[0]
    return file if together else f"{file}::{getattr(item, 'originalname', item.name)}"


@dataclass
class Tally:
    """What a run left out."""

    found: int = 0
    night: int = 0
    sampled: int = 0
    turned: int = 0
    parts: dict[str, str] = field(default_factory=dict)
    late: Counter[str] = field(default_factory=Counter)

    def words(self) -> str:
        """One line, which scripts/check.py reads."""
        if is_night():
            return f"tier: night; all of {self.found} tests selected"
        return (
            f"tier: day, commit {commit()[:8]}; of {self.found} tests {self.sampled} sampled out, "
            f"{self.turned} in files of another day, {self.night} left for the night"
        )


def choose(
    items: list[pytest.Item], turn_of: Mapping[str, int] | None = None
) -> tuple[list[pytest.Item], list[pytest.Item], Tally]:
    """What runs by day, what does not, and the counts; long files in their turn."""
    tally = Tally(found=len(items))
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    counts: dict[str, list[int]] = {}
    places: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("night"):
            tally.night += 1
            left.append(item)
            continue
        if not _has_turn(item, turn_of or {}):
            tally.turned += 1
            left.append(item)
            continue
        function = key_of(item, together=False)
        runs = by_day(item, places[function])
        places[function] += not item.get_closest_marker("always")
        tally.sampled += not runs
        (kept if runs else left).append(item)
        if mark := item.get_closest_marker("sampled"):
            key = key_of(item, together=mark.kwargs.get("together", False))
            count = counts.setdefault(key, [mark.args[0], 0, 0])
            count[1] += runs
            count[2] += 1
    for key, (of, ran, all_of_them) in counts.items():
        part = drawn(key, of) + 1
        tally.parts[key] = f"{key}: part {part} of {of}, {ran} of {all_of_them} tests"
    return kept, left, tally


def _has_turn(item: pytest.Item, turn_of: Mapping[str, int]) -> bool:
    """Whether the file of a test runs on this day; a planted fault does on every one."""
    turn = turn_of.get(item.nodeid.split("::")[0])
    return turn is None or turn == drawn("files", TURNS) or bool(item.get_closest_marker("always"))


def known_seconds() -> dict[str, float]:
    """Seconds of each file of tests by day, as `python -m tests.tiers` wrote them down."""
    return cast("dict[str, float]", json.loads(SECONDS.read_text("utf-8")))


def write_down() -> None:
    """Keep what the last runs on this machine measured, for the order of the tests everywhere."""
    measured = json.loads((ROOT / ".pytest_cache" / "v" / TIMES).read_text("utf-8"))
    known = {file: s for file, s in (known_seconds() | measured).items() if (ROOT / file).exists()}
    SECONDS.write_text(json.dumps(known, indent=0, sort_keys=True) + "\n", "utf-8")


def is_whole(path: Path) -> bool:
    """Whether a file of coverage's can be read."""
    try:
        with closing(sqlite3.connect(path)) as file:
            file.execute("SELECT version FROM coverage_schema").fetchone()
    except sqlite3.Error:
        return False
    return True


def add_options(parser: pytest.Parser) -> None:
    """`--budget 40`: begin no test after so many seconds, and say which were not begun."""
    parser.addoption("--budget", type=float, help="seconds after which no test is begun")


def register(config: pytest.Config) -> None:
    """For `pytest_configure` of tests/conftest.py."""
    config.pluginmanager.register(Tiers(config), "tiers")


class Tiers:
    """The plugin: leaves out what is not of this tier, ends at the budget, reports both."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.tally = Tally()
        self.budget = float(config.getoption("budget") or 0)
        # One instant for all workers, so that their start is part of the budget.
        self._ends = float(os.environ.setdefault(ENDS, f"{time.monotonic() + self.budget}"))
        self._took: dict[str, float] = {}
        os.environ[COMMIT] = commit()  # the workers of this run draw the same

    @pytest.hookimpl(tryfirst=True)  # before `-k` leaves out cases that count for the sample
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A test that is asked for by its name runs in every tier; the longest files begin.

        So the cores end together. A run with a budget keeps its order, which is by nearness.
        """
        if not self.budget:
            known = known_seconds()
            items.sort(key=lambda item: -known.get(item.nodeid.split("::")[0], UNKNOWN_S))
        if is_night() or any("::" in word for word in self.config.args):
            self.tally = Tally(found=len(items))
            return
        kept, left, self.tally = choose(items, turns(known_seconds()) if self._is_all() else None)
        items[:] = kept
        if left:
            self.config.hook.pytest_deselected(items=left)

    def _is_all(self) -> bool:
        """Whether no file was asked for by its name, nor all of them."""
        named = any(word.endswith(".py") for word in self.config.args)
        return not named and os.environ.get(WHOLE, "0") in ("", "0")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Begin nothing after the budget of this run is spent."""
        if not self.budget or time.monotonic() < self._ends:
            return None
        self.tally.late[item.nodeid.split("::")[0]] += 1
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """How long each file takes."""
        file = report.nodeid.split("::")[0]
        self._took[file] = self._took.get(file, 0.0) + report.duration

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Before the lines are summed up, drop what a killed process left half written."""
        done = yield
        for path in ROOT.glob(".coverage.*"):
            if not is_whole(path):
                path.unlink(missing_ok=True)
        return done

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """A worker hands its counts to the process that reports; that one remembers the times."""
        output = getattr(self.config, "workeroutput", None)
        if output is None and self._is_whole_day():
            known = self.config.cache.get(TIMES, {})
            self.config.cache.set(TIMES, known | {k: round(v, 1) for k, v in self._took.items()})
        if output is not None:
            sums = {"found": self.tally.found, "night": self.tally.night}
            output["tiers"] = sums | {
                "sampled": self.tally.sampled,
                "turned": self.tally.turned,
                "parts": self.tally.parts | _said,
                "late": dict(self.tally.late),
            }

    def _is_whole_day(self) -> bool:
        """Whether the times are those of whole files by day."""
        option, named = self.config.option, any("::" in word for word in self.config.args)
        partly = named or option.keyword or option.markexpr or self.tally.late
        return hasattr(self.config, "cache") and not partly and not is_night()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Every worker selects the same, but each ends at the budget by itself."""
        counts = getattr(node, "workeroutput", {}).get("tiers")
        if counts:
            late = self.tally.late + Counter(counts.pop("late"))
            parts = self.tally.parts | counts.pop("parts")
            self.tally = Tally(**counts, parts=parts, late=late)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What the tasks of the walk took, and what ran of what, part by part."""
        reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
        tasks = [
            value for report in reports for key, value in report.user_properties if key == TASK
        ]
        if tasks:
            terminalreporter.section("tasks of an analyst")
            for words in tasks:
                terminalreporter.write_line(words)
        if not self.tally.found:
            return
        terminalreporter.section("tiers")
        for line in sorted((self.tally.parts | _said).values()):
            terminalreporter.write_line(f"daily sample: {line}")
        for file, count in sorted(self.tally.late.items()):
            terminalreporter.write_line(f"not begun within {self.budget:.0f} s: {count} of {file}")
        terminalreporter.write_line(self.tally.words())


if __name__ == "__main__":
    write_down()
