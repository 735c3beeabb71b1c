"""All checks in one command: installation, format, lint, types, docs, tests, floors.

It repairs nothing and publishes nothing.

`python3 scripts/check.py` needs nothing but Python 3.11. `--here` installs nothing and takes the
Python that runs it, or else the environment made earlier; `--fast` leaves coverage out as well.
Arguments after `--` go to pytest. The last line is pytest's own closing line; the exit code tells
whether all was well.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.bootstrap import EVERYTHING, BootstrapError, ensure

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ("data", "analytics", "ingest")
TYPED = (*MEASURED, "pages", "scripts", "app.py")
FLOOR = 90
CLOSING = re.compile(r"^(=+ )?(no tests ran|\d+ [a-z]+)\b.* in [\d.]+s\b")


class Steps:
    """Runs the steps one after the other, each whatever the others said, and remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []
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

    def summary(self) -> str:
        """One line per step, and the names of those that failed."""
        end = f"failed: {', '.join(self.failed)}" if self.failed else "all steps passed"
        return "\n".join(["", "--- summary", *self.lines, end])


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
    for name, words in (
        ("format", ["ruff", "format", "--check", "."]),
        ("lint", ["ruff", "check", "."]),
        ("types", ["mypy", "--strict", *TYPED]),
        ("docs", ["zensical", "build", "--clean", "--strict"]),
    ):
        with steps.step(name) as say:
            say(_run([str(python), "-m", *words]))
    with steps.step("tests") as say:
        code, closing = _tests(python, options.pytest, covered=not options.fast)
        say(code)
    if not options.fast:
        with steps.step("coverage") as say:
            _floors(python, say)
    _say(steps.summary())
    _say(closing or "pytest ended without a closing line; its output above says why")
    return 1 if steps.failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    options = parser().parse_args(arguments)
    options.here = options.here or options.fast
    return options


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(
        prog="python3 scripts/check.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--here", action="store_true", help="no installation")
    made.add_argument("--fast", action="store_true", help="no installation, no coverage")
    made.add_argument("pytest", nargs="*", help="arguments for pytest, after `--`")
    return made


def _python_at_hand() -> Path:
    if all(importlib.util.find_spec(name) for name in ("pytest", "ruff", "mypy", "duckdb")):
        return Path(sys.executable)
    made = ROOT / ".venv" / "bin" / "python"
    if made.exists():
        return made
    raise BootstrapError(
        "there is no environment yet; run once without --here or --fast to make it"
    )


def _tests(python: Path, extra: Sequence[str], *, covered: bool) -> tuple[int, str]:
    """Run pytest, showing its lines as they come; its exit code and its closing line, held back."""
    # A file's tests stay together, since they share what they built; files go to every core, in
    # the order that tests/conftest.py gives them: the longest first, so that none is left to one
    # core at the end.
    flags = ["-n", "logical", "--dist", "loadfile", "--no-loadscope-reorder"]
    flags += ["--cov", "--cov-branch", "--cov-report="] if covered else []
    command = [str(python), "-m", "pytest", *flags, *extra]
    closing = ""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=_environment(),
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        for line in running.stdout or ():
            if closing:
                _say(closing)
                closing = ""
            if CLOSING.match(line):
                closing = line.rstrip("\n")
            else:
                _say(line.rstrip("\n"))
    return running.returncode, closing


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
