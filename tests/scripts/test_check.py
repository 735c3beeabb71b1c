"""The one command: every step is a gate in each tier, and pytest has the last word."""

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
COPIED = (
    "pyproject.toml",
    ".oxlintrc.json",
    "scripts/check.py",
    "scripts/bootstrap.py",
    "scripts/_changed.py",
    "tests/tiers.py",
    "tests/seconds.json",
)
CONFTEST = """from tests import tiers

pytest_addoption = tiers.add_options
pytest_configure = tiers.register
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small house of the same shape, under the same configuration."""
    (tmp_path / "app.py").write_text('"""The web process."""\n')
    for folder in ("data", "analytics", "ingest", "pages", "scripts"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text('"""A folder."""\n')
    (tmp_path / "tests" / "data").mkdir(parents=True)
    for name in COPIED:
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "House"\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# House\n")
    (tmp_path / "tests" / "conftest.py").write_text(CONFTEST)
    (tmp_path / "tests" / "data" / "test_adding.py").write_text(TESTS)
    (tmp_path / "data" / "adding.py").write_text(GOOD)
    return tmp_path


def check(checkout: Path, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines, run from a folder that is not the checkout."""
    # Without the settings by which the coverage of these very tests follows its children.
    own = ("COV", "NIGHT", "TEST_COMMIT", "TEST_ENDS", "PYTEST")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(own)}
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


ALONE = ("--", "-n", "0")  # pytest without workers, which start slowly


def failed(lines: list[str]) -> str:
    return next((line for line in lines if line.startswith("failed: ")), "")


def test_all_is_well(checkout: Path) -> None:
    code, lines = check(checkout, "--here")
    assert code == 0, lines
    assert re.fullmatch(r"=* ?1 passed in [\d.]+s ?=*", lines[-1])
    assert [words[:2] for words in summary(lines)[: len(DAY)]] == [[step, "ok"] for step in DAY]
    assert any(line.startswith("1 tests run; tier: day, commit ") for line in lines)


DAY = ["install", "format", "lint", "types", "docs", "tests"]


def summary(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines[lines.index("--- summary") + 1 :]]


@pytest.mark.parametrize(
    ("name", "text", "step"),
    [
        ("data/adding.py", GOOD.replace("a + b", "a  +  b"), "format"),
        ("data/adding.py", GOOD + "\n\nimport os\n", "lint"),
        ("pages/odd.mjs", "export const a = b;\n", "lint"),
        ("analytics/odd.py", '"""Odd."""\n\nX: int = "one"\n', "types"),
        ("data/adding.py", GOOD.replace("a + b", "a - b"), "tests"),
        ("docs/index.md", "# House\n\n[gone](gone.md)\n", "docs"),
    ],
)
def test_one_wrong_thing_fails_its_step(checkout: Path, name: str, text: str, step: str) -> None:
    (checkout / name).write_text(text)
    code, lines = check(checkout, "--here", *ALONE)
    assert code == 1
    assert failed(lines) == f"failed: {step}", lines
    assert re.search(r"\d (passed|failed).* in [\d.]+s", lines[-1])


@pytest.mark.parametrize(
    ("tier", "steps"), [("--changed", ""), ("--night", ", coverage")], ids=["changed", "night"]
)
def test_whatever_is_wrong_fails_in_the_other_tiers_too(
    checkout: Path, tier: str, steps: str
) -> None:
    committed(checkout)
    wrong = GOOD.replace("a + b", "a  -  b").replace("-> int", "-> str") + "import os\n"
    (checkout / "data" / "adding.py").write_text(wrong)
    (checkout / "data" / "bare.py").write_text('"""Never run."""\n\nA = 1\nB = 2\n')
    code, lines = check(checkout, tier, "--here", *ALONE)
    assert code == 1
    assert failed(lines) == f"failed: format, lint, types, tests{steps}", lines


def test_the_floor_alone_fails_the_night(checkout: Path) -> None:
    text = TESTS.replace("adding.add(0, 2) == 2", "adding")
    (checkout / "tests" / "data" / "test_adding.py").write_text(text)
    code, lines = check(checkout, "--night", "--here", *ALONE)
    assert code == 1
    assert failed(lines) == "failed: coverage", lines


# One test of the night, one of which a commit draws a quarter, one planted fault in every sample.
TIERED = """import pytest


@pytest.mark.night
def test_soak() -> None:
    assert {soak}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "case", [*range(8), pytest.param("planted", marks=pytest.mark.always)]
)
def test_sweep(case: object) -> None:
    assert case


@pytest.mark.sampled(4)
@pytest.mark.parametrize("one", range(2))
@pytest.mark.parametrize("other", range(4))
def test_crossed(one: int, other: int) -> None:
    pass
"""


def test_what_the_day_leaves_out_is_counted_and_fails_at_night(checkout: Path) -> None:
    (checkout / "tests" / "test_tiered.py").write_text(TIERED.format(soak=False))
    code, lines = check(checkout, "--here", *ALONE, "-k", "soak")
    assert code == 1 and "19 deselected" in lines[-1]  # pytest calls it wrong to run nothing
    assert any("1 left for the night" in line for line in lines)
    code, lines = check(checkout, "--here", "--night", *ALONE, "-k", "soak")
    assert "tests" in failed(lines)
    assert "1 failed" in lines[-1]


def test_another_commit_draws_other_cases_and_the_night_takes_all(checkout: Path) -> None:
    (checkout / "tests" / "test_tiered.py").write_text(TIERED.format(soak=True))
    first, again, other = (
        collected(checkout, TEST_COMMIT=name) for name in ("one", "one", "another")
    )
    assert first == again != other
    for names in (first, other):
        assert sum("test_sweep" in name for name in names) == 3
        assert sum("test_crossed" in name for name in names) == 2
        assert any(name.endswith("[planted]") for name in names)
    everything = collected(checkout, NIGHT="1")
    assert len(everything) == 18 and {*first, *other} < set(everything)


def test_a_test_asked_for_by_its_name_runs_in_every_tier(checkout: Path) -> None:
    (checkout / "tests" / "test_tiered.py").write_text(TIERED.format(soak=True))
    assert len(collected(checkout, "tests/test_tiered.py::test_soak")) == 1


def collected(checkout: Path, *names: str, **environment: str) -> list[str]:
    """The tests of the sweep that would run."""
    clean = {name: text for name, text in os.environ.items() if name not in ("NIGHT",)}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            *(names or ("tests/test_tiered.py",)),
        ],
        cwd=checkout,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in done.stdout.splitlines() if line.startswith("tests/")]


def committed(checkout: Path) -> None:
    """Make it a git checkout on the branch main."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-qb", "main"], ["add", "-A"], [*who, "commit", "-qm", "All"]):
        subprocess.run(["git", *words], cwd=checkout, check=True, capture_output=True)


def test_changed_runs_what_is_near_and_names_what_it_leaves_out(checkout: Path) -> None:
    far = "from data import adding\n\n\ndef test_far() -> None:\n    assert adding.add(1, 1) == 2\n"
    (checkout / "tests" / "test_slow.py").write_text(far)
    (checkout / "tests" / "test_other.py").write_text("def test_other() -> None:\n    pass\n")
    (checkout / "tests" / "seconds.json").write_text('{"tests/test_slow.py": 500}')
    committed(checkout)
    (checkout / "data" / "adding.py").write_text(GOOD.replace("Adds.", "Adds two numbers."))
    code, lines = check(checkout, "--changed", *ALONE)
    assert code == 0, lines
    assert re.search(r"\b1 passed", lines[-1])
    at = next(n for n, line in enumerate(lines) if line.startswith("left out for time (imports"))
    assert lines[at + 1].split() == ["tests/test_slow.py", "500", "s"]
    assert not any("test_other" in line for line in lines)


def test_changed_says_so_outside_git(checkout: Path) -> None:
    code, lines = check(checkout, "--changed")
    assert code == 2
    assert "there is none" in lines[-1]


def test_code_that_a_test_runs_in_another_process_counts(checkout: Path) -> None:
    (checkout / "tests" / "data" / "test_adding.py").write_text(
        "import subprocess\nimport sys\n\n"
        'CODE = "from data import adding; adding.add(1, 2); adding.add(0, 2)"\n\n\n'
        "def test_add() -> None:\n    subprocess.run([sys.executable, '-c', CODE], check=True)\n"
    )
    _, lines = check(checkout, "--here", "--night", *ALONE)
    assert "coverage" not in failed(lines), lines


def test_by_day_it_measures_nothing_and_passes_words_to_pytest(checkout: Path) -> None:
    code, lines = check(checkout, "--here", *ALONE, "-k", "no_such_test")
    assert code == 1
    assert "1 deselected" in lines[-1]
    assert not [line for line in lines if line.startswith("coverage")]


def test_without_an_environment_it_says_so(checkout: Path) -> None:
    bare = [sys.executable, "-I", "-S", str(checkout / "scripts" / "check.py"), "--fast"]
    done = subprocess.run(bare, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no environment yet" in done.stdout
