"""Which tests belong to what changed: by mirrored name, by import, by a name in a text.

Reads the source as a tree and git's list of changed files, and runs neither. The nearest tests
come first and those that do not fit into the time are named, so that nothing is left out silently.
"""

from __future__ import annotations

import ast
import gc
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_S = 5.0  # a file of tests that nobody has timed yet
ALWAYS = ("tests/test_architecture.py",)
SCRIPT = ".mjs"  # of the browser's; its tests are scripts too, which one file of tests starts
SCRIPT_TESTS = "tests/test_javascript.py"
IGNORED = {".venv", "__pycache__", "var"}
WHY = ("changed, or has its name", "imports it", "names it", "imports what imports it")


class NoChange(Exception):
    """Why nothing can be said about what changed."""


@dataclass(frozen=True)
class Candidate:
    """A file of tests, how near it is to what changed, and how long it takes."""

    file: str
    near: int
    seconds: float


@dataclass(frozen=True)
class NearbyTests:
    """The tests that fit into the time, nearest first, and those that do not."""

    base: str
    files: list[str]
    taken: list[Candidate]
    left: list[Candidate]

    def lines(self) -> Iterator[str]:
        """What was chosen and why, for the terminal."""
        yield f"changed since {self.base}: {', '.join(self.files)}"
        for near, words in enumerate(WHY):
            for verb, chosen in (("run", self.taken), ("left out for time", self.left)):
                some = [item for item in chosen if item.near == near]
                if some:
                    seconds = sum(item.seconds for item in some)
                    yield f"{verb} ({words}): {len(some)} files, about {seconds:.0f} s of tests"
                    yield from (f"    {item.file} {item.seconds:.0f} s" for item in some)
        yield "tests further away are not looked at; `python3 scripts/check.py` runs the day's"


def make_plan(root: Path, seconds: float, cores: int) -> NearbyTests:
    """The tests that belong to what changed, as far as they fit into so many seconds."""
    base, files = changed(root)
    found = candidates(root, files)
    taken: list[Candidate] = []
    left: list[Candidate] = []
    room = seconds * cores
    for item in found:
        # What is nearest is begun in any case; the run itself ends when its time is over.
        fits = item.near == 0 or item.seconds <= room
        (taken if fits else left).append(item)
        room -= item.seconds if fits else 0
    return NearbyTests(base, files, taken, left)


def changed(root: Path) -> tuple[str, list[str]]:
    """The commit compared with, in words, and every file that differs from it or is new."""
    head = "".join(_git(root, "rev-parse", "HEAD"))
    known = [name for name in ("main", "origin/main") if _git(root, "rev-parse", "-q", name)]
    if not head or not known:
        raise NoChange("--changed compares with the branch main of a git checkout; there is none")
    fork = _git(root, "merge-base", "HEAD", known[0])
    base = fork[0] if fork else head
    words = f"{base[:8]}, where this branch left {known[0]}"
    new = _git(root, "ls-files", "--others", "--exclude-standard")
    files = sorted({*_git(root, "diff", "--name-only", "--no-renames", base), *new})
    if not files:
        words = "the commit before the last one, since nothing else differs"
        files = sorted(_git(root, "diff", "--name-only", "--no-renames", "HEAD~1", "HEAD"))
    if not files:
        raise NoChange("nothing changed: neither a file nor the last commit")
    return words, files


def _git(root: Path, *words: str) -> list[str]:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def candidates(root: Path, files: list[str]) -> list[Candidate]:
    """Files of tests by nearness, then the quickest first."""
    gc.disable()  # hundreds of trees are made and dropped at once; looking for circles doubles it
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in _sources(root)}
    modules = {*texts, *(name for name in files if name.endswith(".py"))}
    uses, words = {}, {}
    for name, text in texts.items():
        imported, words[name] = _read(name, text)
        uses[name] = {file for module in imported for file in _file_of(module, modules)}
    moved = {name for name in files if name in modules}
    # A file that is no module belongs to the modules that name it.
    others = [file for file in files if file not in modules]
    moved |= {n for n in texts if not is_test(n) and any(_names(words[n], f) for f in others)}
    named = {name for name in texts if any(_names(words[name], file) for file in files)}
    direct = {name for name in texts if uses[name] & moved} | _below(moved, texts)
    second = {name for name in texts if uses[name] & direct}
    always = {*ALWAYS, SCRIPT_TESTS} if any(f.endswith(SCRIPT) for f in files) else {*ALWAYS}
    rings = ({*_mirrors(moved, texts), *moved, *always}, direct, named, second)
    times = known_seconds(root)
    near: dict[str, int] = {}
    for distance, ring in enumerate(rings):
        for name in ring:
            if is_test(name) and name in texts:
                near.setdefault(name, distance)
    found = [Candidate(name, at, times.get(name, UNKNOWN_S)) for name, at in near.items()]
    return sorted(found, key=lambda item: (item.near, item.seconds, item.file))


def is_test(name: str) -> bool:
    """Whether pytest collects it."""
    return name.startswith("tests/") and name.rsplit("/", 1)[-1].startswith("test_")


def known_seconds(root: Path) -> dict[str, float]:
    """Seconds of each file of tests: as kept in the tree, and as last measured here."""
    times: dict[str, float] = {}
    for path in ("tests/seconds.json", ".pytest_cache/v/barograph/seconds"):
        try:
            times |= json.loads((root / path).read_text("utf-8"))
        except (OSError, ValueError):
            continue
    return times


def _sources(root: Path) -> list[Path]:
    found = [
        path
        for top in root.iterdir()
        if top.is_dir() and top.name not in IGNORED and not top.name.startswith(".")
        for path in top.rglob("*.py")
    ]
    below = {path: path.relative_to(root).parts for path in found}
    return sorted([*root.glob("*.py"), *(p for p in found if not IGNORED & set(below[p]))])


def _read(name: str, text: str) -> tuple[set[str], set[str]]:
    """The modules that a file imports, and its short texts, in which another may be named."""
    package = name.removesuffix(".py").split("/")
    dotted: set[str] = set()
    words: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and len(node.value) < 80:
                words.add(node.value)
        elif isinstance(node, ast.Import):
            dotted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: -node.level] if node.level else []
            head = ".".join([*above, *([node.module] if node.module else [])])
            dotted |= {f"{head}.{alias.name}" for alias in node.names}
    # What is started as a process, as in `-m scripts.load`, is used as well.
    return dotted | {word for word in words if word.startswith(("scripts.", "tests."))}, words


def _file_of(module: str, modules: set[str]) -> Iterator[str]:
    parts = module.split(".")
    for length in (len(parts), len(parts) - 1):
        stem = "/".join(parts[:length])
        for file in (f"{stem}.py", f"{stem}/__init__.py"):
            if file in modules:
                yield file
                return


def _names(words: set[str], file: str) -> bool:
    """Whether a text names the file: pages and commands by their stem, others by their name."""
    path = Path(file)
    if path.suffix == ".py" and path.parent.as_posix() not in ("pages", "scripts"):
        return False
    stem = set() if path.suffix == SCRIPT else {path.stem}
    return bool({*stem, path.name, file} & words)


def _mirrors(moved: set[str], texts: dict[str, str]) -> set[str]:
    """`tests/**/test_NAME.py` below the folder of tests that mirrors the top folder of NAME."""
    wanted = {(name.split("/")[0], f"test_{Path(name).stem.lstrip('_')}.py") for name in moved}
    return {
        name for name in texts if is_test(name) and (name.split("/")[1], Path(name).name) in wanted
    }


def _below(moved: set[str], texts: dict[str, str]) -> set[str]:
    """What a changed conftest.py serves."""
    folders = tuple(
        f"{Path(name).parent.as_posix()}/" for name in moved if Path(name).name == "conftest.py"
    )
    return {name for name in texts if folders and name.startswith(folders)}
