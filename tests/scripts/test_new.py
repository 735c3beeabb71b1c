"""What `scripts.new` begins stands: its own tests, the registries and the documentation agree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import new
from tests.machine import ROOT

BEGUN = {
    "analytic": "instrument_counts",
    "page": "groups",
    "dataset": "tax_rates",
    "source": "tax_office",
}
REGISTRIES = (
    "tests/test_registries.py",
    "tests/test_architecture.py",
    "tests/analytics/test_catalogue.py",
    "tests/scripts/test_docs.py",
    "tests/ingest/test_maintenance_jobs.py",
    "tests/ingest/test_prover.py::test_every_source_has_its_figures",
    "tests/pages/test_guides.py",
    *(
        f"tests/pages/test_frame.py::{test}[{BEGUN['page']}]"
        for test in (
            "test_page_shows_facts_and_no_exception",
            "test_every_demo_chart_is_marked",
            "test_the_list_names_what_a_page_reads",
        )
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's own files in a folder of their own."""
    folder = tmp_path_factory.mktemp("begun") / "house"
    left_out = shutil.ignore_patterns(
        ".*", "__pycache__", "site", "var", "*.png", "corpus", "fixtures", "node_modules"
    )
    shutil.copytree(ROOT, folder, ignore=left_out)
    for name in (".dockerignore", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=400, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".pytest" not in str(path)
    }


def test_one_of_each_is_begun_with_the_files_that_are_named(copy: Path) -> None:
    """In a copy: every file that changes is named, and the tests of what was begun pass."""
    before, tests = contents(copy), []
    for kind, name in BEGUN.items():
        done = run(copy, "scripts.new", kind, name)
        assert done.returncode == 0, done.stderr
        named = set(done.stdout.split())
        after = contents(copy)
        assert {path for path in after if after[path] != before.get(path)} == named, kind
        tests += [path for path in named if path.startswith("tests/")]
        before = after
    assert len(tests) == len(BEGUN)
    documents = run(copy, "scripts.docs")
    assert documents.returncode == 0, documents.stderr
    checked = run(copy, "ruff", "check", "--no-cache", *tests)
    assert checked.returncode == 0, checked.stdout
    done = run(copy, "pytest", "-q", "-p", "no:cacheprovider", *sorted(tests), *REGISTRIES)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize(
    ("kind", "name", "group", "words"),
    [
        ("analytic", "Market Cap", "", "small letters"),
        ("analytic", "market", "", "there is an analytic market already"),
        ("analytic", "counts_of_all", "metals", "expected one of markets"),
        ("page", "movers", "", "is there already"),
        ("page", "groups", "Elsewhere", "expected one of Today"),
        ("dataset", "prices", "", "there is a dataset prices already"),
        ("source", "fred", "", "there is a source fred already"),
    ],
)
def test_what_cannot_be_begun_is_said_and_nothing_is_written(
    kind: str, name: str, group: str, words: str
) -> None:
    arguments = new.parser().parse_args([kind, name, "--group", group])
    with pytest.raises(new.ConfigError, match=words):
        new.main(arguments)
