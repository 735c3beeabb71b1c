"""The one command: every step is a gate, and pytest has the last word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = (
    '"""Adds."""\n\n\n'
    "def add(a: int, b: int) -> int:\n    if a:\n        return a + b\n    return b\n"
)
TESTS = (
    "from data import adding\n\n\n"
    "def test_add() -> None:\n    assert adding.add(1, 2) == 3\n    assert adding.add(0, 2) == 2\n"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small house of the same shape, under the same configuration."""
    (tmp_path / "app.py").write_text('"""The web process."""\n')
    for folder in ("data", "analytics", "ingest", "pages", "scripts"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text('"""A folder."""\n')
    for name in ("pyproject.toml", "scripts/check.py", "scripts/bootstrap.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "House"\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# House\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_adding.py").write_text(TESTS)
    (tmp_path / "data" / "adding.py").write_text(GOOD)
    return tmp_path


def check(checkout: Path, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines, run from a folder that is not the checkout."""
    # Without the settings by which the coverage of these very tests follows its children.
    clean = {name: text for name, text in os.environ.items() if not name.startswith("COV")}
    clean["MYPY_CACHE_DIR"] = str(checkout.parent / "types")  # the library's types are read once
    done = subprocess.run(
        [sys.executable, str(checkout / "scripts" / "check.py"), *arguments],
        cwd="/",
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def failed(lines: list[str]) -> str:
    return next((line for line in lines if line.startswith("failed: ")), "")


def test_all_is_well(checkout: Path) -> None:
    code, lines = check(checkout, "--here")
    assert code == 0, lines
    assert re.fullmatch(r"=* ?1 passed in [\d.]+s ?=*", lines[-1])
    steps = ["install", "format", "lint", "types", "docs", "tests", "coverage"]
    shown = [line.split() for line in lines[lines.index("--- summary") + 1 :]]
    assert [words[:2] for words in shown[:7]] == [[step, "ok"] for step in steps]


@pytest.mark.parametrize(
    ("name", "text", "steps"),
    [
        ("data/adding.py", GOOD.replace("a + b", "a  +  b"), "format"),
        ("data/adding.py", GOOD + "\n\nimport os\n", "lint"),
        ("analytics/odd.py", '"""Odd."""\n\nX: int = "one"\n', "types, coverage"),
        ("docs/index.md", "# House\n\n[gone](gone.md)\n", "docs"),
        ("tests/test_adding.py", TESTS.replace("== 3", "== 4"), "tests, coverage"),
        ("tests/test_adding.py", TESTS.replace("adding.add(0, 2) == 2", "adding"), "coverage"),
    ],
)
def test_one_wrong_thing_fails_its_step(checkout: Path, name: str, text: str, steps: str) -> None:
    (checkout / name).write_text(text)
    code, lines = check(checkout, "--here")
    assert code == 1
    assert steps.split(", ")[0] in failed(lines), lines
    assert re.search(r"\d (passed|failed).* in [\d.]+s", lines[-1])


def test_code_that_a_test_runs_in_another_process_counts(checkout: Path) -> None:
    (checkout / "tests" / "test_adding.py").write_text(
        "import subprocess\nimport sys\n\n"
        'CODE = "from data import adding; adding.add(1, 2); adding.add(0, 2)"\n\n\n'
        "def test_add() -> None:\n    subprocess.run([sys.executable, '-c', CODE], check=True)\n"
    )
    _, lines = check(checkout, "--here")
    assert "coverage" not in failed(lines), lines


def test_fast_measures_nothing_and_passes_words_to_pytest(checkout: Path) -> None:
    code, lines = check(checkout, "--fast", "--", "-k", "no_such_test")
    assert code == 1
    assert "no tests ran" in lines[-1]
    assert not [line for line in lines if line.startswith("coverage")]


def test_without_an_environment_it_says_so(checkout: Path) -> None:
    bare = [sys.executable, "-I", "-S", str(checkout / "scripts" / "check.py"), "--fast"]
    done = subprocess.run(bare, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no environment yet" in done.stdout
