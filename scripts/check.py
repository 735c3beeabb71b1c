"""All checks in one command, in three tiers: installation, format, lint, types, docs, tests.

It repairs nothing and publishes nothing.

`python3 scripts/check.py` is the check of a day: of long sweeps and of long files of tests the part
that the commit draws. `--changed` takes a minute and runs the tests that belong to what changed.
`--whole` runs every file of tests, with the samples of the day, and belongs before a release.
`--night` runs everything, with more kills and longer soaks, and holds the floors of coverage.

It needs nothing but Python 3.11. `--here` installs nothing and takes the Python that runs it, or
else the environment made earlier. Arguments after `--` go to pytest. The last line is pytest's own
closing line; the exit code tells whether all was well. docs/testing.md says what runs when.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts._changed import NoChange, make_plan
from scripts.bootstrap import EVERYTHING, BootstrapError, ensure

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ("data", "analytics", "ingest")
TYPED = (*MEASURED, "pages", "scripts", "app.py")
SCRIPTS = ("--no-error-on-unmatched-pattern", ".")  # the rules are in .oxlintrc.json
FLOOR = 90
MINUTE = 60.0  # what --changed may take
WAITING = 1  # workers beyond the cores: browsers, kills and soaks mostly wait
STARTING = 8.0  # seconds of it in which pytest starts and collects
ENDING = 5.0  # seconds of it for the tests under way when the others are no longer begun
# By day a test of five minutes hangs; at night some take longer.
NIGHTLY = ("--cov", "--cov-branch", "--cov-report=", "-o", "faulthandler_timeout=7200")
NIGHT = {"NIGHT": "1"}
CLOSING = re.compile(r"^(=+ )?(no tests ran|\d+ [a-z]+)\b.* in [\d.]+s\b")


class Steps:
    """Runs the steps one after the other, each whatever the others said, and remembers."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.failed: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int], None]]:
        """Time one step; the block calls what it is given with an exit code."""
        _say(f"\n--- {name}")
        codes: list[int] = []
        started = time.monotonic()
        yield codes.append
        verdict = "ok" if not any(codes) else "FAILED"
        if verdict != "ok":
            self.failed.append(name)
        self.lines.append(f"{name:<10} {verdict:<6} {time.monotonic() - started:7.1f} s")

    def add(self, words: str) -> None:
        """One more line of the summary, below the steps so far."""
        self.notes.append(words)

    def summary(self) -> str:
        """One line per step, and the names of those that failed."""
        end = f"failed: {', '.join(self.failed)}" if self.failed else "all steps passed"
        whole = f"{'all':<10} {'':<6} {time.monotonic() - self.began:7.1f} s"
        return "\n".join(["", "--- summary", *self.lines, whole, *self.notes, end])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps; 0 if every one passed, 1 if not, 2 without an environment."""
    options = _options(arguments)
    steps = Steps()
    try:
        with steps.step("install") as say:
            python = _python_at_hand() if options.here else ensure(ROOT, EVERYTHING)
            say(0)
    except BootstrapError as error:
        _say(f"check: {error}")
        return 2
    module = [str(python), "-m"]
    for name, commands in (
        ("format", [[*module, "ruff", "format", "--check", "."]]),
        ("lint", [[*module, "ruff", "check", "."], [_program(python, "oxlint"), *SCRIPTS]]),
        ("types", [[*module, "mypy", "--strict", *TYPED]]),
        ("docs", [[*module, "zensical", "build", "--clean", "--strict"]]),
    ):
        with steps.step(name) as say:
            for command in commands:
                say(_run(command))
    try:
        with steps.step("tests") as say:
            chosen = _nearby(steps) if options.changed else []
            code, last = _tests(python, [*chosen, *options.pytest], _tier(options))
            say(code)
            steps.add(_counts(last))
    except NoChange as error:
        _say(f"check: {error}")
        return 2
    if options.night:
        with steps.step("coverage") as say:
            _floors(python, say)
    _say(steps.summary())
    _say(last.closing or f"pytest ended with code {code} and without a closing line")
    return 1 if steps.failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    options = parser().parse_args(arguments)
    options.here = options.here or (options.changed and _has_environment())
    return options


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(
        prog="python3 scripts/check.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tier = made.add_mutually_exclusive_group()
    tier.add_argument("--changed", action="store_true", help="a minute, for what changed")
    tier.add_argument("--whole", action="store_true", help="the day's samples of every file")
    tier.add_argument("--night", action="store_true", help="everything, and the floors")
    made.add_argument("--here", "--fast", action="store_true", help="no installation")
    made.add_argument("pytest", nargs="*", help="arguments for pytest, after `--`")
    return made


def _has_environment() -> bool:
    try:
        return bool(_python_at_hand())
    except BootstrapError:
        return False


def _nearby(steps: Steps) -> list[str]:
    """Files of tests near what changed, and the time that is left of the minute for them."""
    spent = time.monotonic() - steps.began
    plan = make_plan(ROOT, MINUTE - STARTING - ENDING - spent, _workers())
    for line in plan.lines():
        _say(line)
    left = MINUTE - ENDING - (time.monotonic() - steps.began)
    return [f"--budget={max(left, 20):.0f}", *(item.file for item in plan.taken)]


def _program(python: Path, name: str) -> str:
    """A program that is installed beside a Python, or else one on the PATH."""
    places = [str(python.parent), os.environ.get("PATH", "")]
    return shutil.which(name, path=os.pathsep.join(places)) or name


def _python_at_hand() -> Path:
    if all(importlib.util.find_spec(name) for name in ("pytest", "ruff", "mypy", "duckdb")):
        return Path(sys.executable)
    made = ROOT / ".venv" / "bin" / "python"
    if made.exists():
        return made
    raise BootstrapError(
        "there is no environment yet; run once without --here or --fast to make it"
    )


@dataclass
class ClosingLines:
    """The two lines of pytest that the summary repeats."""

    closing: str = ""
    tier: str = ""


def _tier(options: argparse.Namespace) -> dict[str, str]:
    return NIGHT if options.night else {"WHOLE": "1"} if options.whole else {}


def _workers() -> int:
    return os.cpu_count() or 1


def _tests(python: Path, extra: Sequence[str], tier: dict[str, str]) -> tuple[int, ClosingLines]:
    """Run pytest, showing its lines as they come; its exit code and its closing line, held back.

    `tier` is what the environment says of how much runs.
    """
    # A file's tests stay together, since they share what they built; files go to every core, in
    # the order that tests/conftest.py gives them: the longest first, so that none is left to one
    # core at the end.
    flags = ["-n", str(_workers() + WAITING), "--dist", "loadfile", "--no-loadscope-reorder"]
    flags += NIGHTLY if tier == NIGHT else []
    last = ClosingLines()
    with subprocess.Popen(
        [str(python), "-m", "pytest", *flags, *extra],
        cwd=ROOT,
        env=_environment() | tier,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        for line in running.stdout or ():
            if last.closing:
                _say(last.closing)
                last.closing = ""
            if CLOSING.match(line):
                last.closing = line.rstrip("\n")
            else:
                last.tier = line.strip() if line.startswith("tier: ") else last.tier
                _say(line.rstrip("\n"))
    return running.returncode, last


def _counts(last: ClosingLines) -> str:
    """How many tests ran, and what the tier left out."""
    ran = sum(int(n) for n in re.findall(r"(\d+) (?:passed|failed|error|xfailed)", last.closing))
    return "; ".join(part for part in (f"{ran} tests run", last.tier) if part)


def _floors(python: Path, say: Callable[[int], None]) -> None:
    """Each package on its own, so that a well-tested one cannot carry another."""
    for package in MEASURED:
        _say(f"{package}: floor {FLOOR} %, lines and branches")
        words = ["report", f"--include={package}/*", f"--fail-under={FLOOR}"]
        say(_run([str(python), "-m", "coverage", *words]))


def _environment() -> dict[str, str]:
    """As it is, but colourless where the output is read by a program rather than a person.

    What is compiled is kept: the tests start hundreds of Python processes, and each would compile
    the whole house anew.
    """
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | ({} if sys.stdout.isatty() else {"NO_COLOR": "1"})


def _run(command: Sequence[str]) -> int:
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=_environment(),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        _say(f"{command[0]} is not installed; run once without --here or --fast to install it")
        return 1
    _say(done.stdout.rstrip("\n"))
    return done.returncode


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        _say("check: stopped; nothing was decided")
        sys.exit(130)
