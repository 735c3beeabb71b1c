"""Each list of the house names exactly what lies in its folder, and no name hides another."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from analytics.core.ranking import ranking
from ingest.registry import SOURCES

ROOT = Path(__file__).resolve().parents[1]
# module that holds the list, the list's name, folder whose files it lists
REGISTRIES = [
    ("data.datasets", "DATASETS", "data/datasets"),
    ("ingest.registry", "SOURCES", "ingest/sources"),
    ("pages.frame.nav", "PAGES", "pages"),
    ("analytics.strategies", "STRATEGIES", "analytics/strategies"),
    ("analytics.checks", "CHECKS", "analytics/checks"),
]


def files(folder: str, root: Path = ROOT) -> list[str]:
    """Names of the modules in a folder, without the package's own file."""
    return sorted(p.stem for p in (root / folder).glob("*.py") if not p.stem.startswith("_"))


def listed(registry: Iterable[object]) -> list[str]:
    """The name of each entry: a key, a word, a module, or whatever has a name."""
    return sorted(_name(entry) for entry in registry)


def _name(entry: object) -> str:
    if isinstance(entry, str):
        return entry
    if isinstance(entry, tuple):
        return _name(entry[0])
    for key in ("name", "NAME", "__name__"):
        found = getattr(entry, key, None)
        if isinstance(found, str):
            return found.rsplit(".", 1)[-1]
    raise AssertionError(f"an entry of a list without a name: {entry!r}")


def difference(registry: Iterable[object], folder: list[str]) -> list[str]:
    """What is in one and not in the other, or twice in the list; empty when they agree."""
    named = listed(registry)
    return (
        [f"{name}: a file that the list lacks" for name in folder if name not in named]
        + [f"{name}: in the list, and no such file" for name in named if name not in folder]
        + [f"{name}: listed twice" for name in sorted({n for n in named if named.count(n) > 1})]
    )


@pytest.mark.parametrize(("module", "attribute", "folder"), REGISTRIES)
def test_the_list_is_the_folder(module: str, attribute: str, folder: str) -> None:
    here = files(folder)
    path = ROOT.joinpath(*module.split("."))
    if not here and not path.with_suffix(".py").exists():
        return  # a folder that nobody moved into yet needs no list
    registry = getattr(importlib.import_module(module), attribute)
    assert not difference(registry, here), f"{module}.{attribute} against {folder}/*.py"


@pytest.mark.parametrize("folder", ["pages", "scripts"])
def test_no_name_hides_the_standard_library_or_a_library(folder: str) -> None:
    """`python3 scripts/x.py` and Streamlit put the folder itself first on the import path."""
    lock = (ROOT / "requirements.lock").read_text()
    packages = {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)", lock, re.M)}
    assert not set(files(folder)) & (set(sys.stdlib_module_names) | packages)


def test_every_folder_of_source_is_a_package() -> None:
    folders = {
        path.parent
        for top in ("data", "analytics", "ingest", "pages", "scripts")
        for path in (ROOT / top).rglob("*.py")
        if ROOT / "data" / "var" not in path.parents
    }
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_tests_mirror_the_tree() -> None:
    """A folder below tests/ that names a shell holds tests of that shell's own folders."""
    tops = ("data", "analytics", "ingest", "pages", "scripts")
    strays = [
        path.relative_to(ROOT).as_posix()
        for top in tops
        for path in (ROOT / "tests" / top).rglob("test_*.py")
        if not (ROOT / path.parent.relative_to(ROOT / "tests")).is_dir()
    ]
    assert not strays


class Entry:
    """Something with a name, as a page or a dataset is."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        ({"a": 1, "b": 2}, []),
        ((Entry("a"), Entry("b")), []),
        ((("a", "Title"), ("b", "Title")), []),
        ({"a": 1}, ["b: a file that the list lacks"]),
        (("a", "b", "c"), ["c: in the list, and no such file"]),
        (("a", "b", "b"), ["b: listed twice"]),
    ],
)
def test_a_planted_difference_is_named(
    tmp_path: Path, registry: Mapping[str, object], expected: list[str]
) -> None:
    for name in ("__init__.py", "a.py", "b.py", "notes.txt"):
        (tmp_path / name).touch()
    assert difference(registry, files(".", tmp_path)) == expected


def test_ids_that_a_list_may_name_are_those_of_the_sources() -> None:
    assert set(ranking().ids) == {source.ids for source in SOURCES.values() if source.ids}
