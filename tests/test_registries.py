"""Each list of the house names exactly what lies in its folder, and no name hides another."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from analytics.core.ranking import ranking
from ingest.registry import SOURCES
from pages.frame import nav

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Registry:
    """A list, the folder whose files it names, and the lines that a file needs in it."""

    module: str
    attribute: str
    folder: str
    lines: tuple[str, ...]
    leaves_out: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file that holds the list."""
        path = self.module.replace(".", "/")
        return f"{path}.py" if (ROOT / f"{path}.py").exists() else f"{path}/__init__.py"

    def to_add(self, name: str) -> str:
        """The lines for one more file, as `scripts.new` writes them."""
        return " and ".join(line.format(name=name, NAME=name.upper()) for line in self.lines)


REGISTRIES = [
    Registry(
        "data.datasets",
        "DATASETS",
        "data/datasets",
        ("from data.datasets.{name} import {NAME}", "{NAME}, in _ALL"),
    ),
    Registry(
        "ingest.registry",
        "SOURCES",
        "ingest/sources",
        ("{name}, in the import", "{name}.SOURCE, in _ALL"),
    ),
    Registry(
        "pages.frame.nav",
        "PAGES",
        "pages",
        ('PageLine("{name}", title, section, icon, hint), in PAGES',),
    ),
    Registry(
        "ingest.live.venues",
        "VENUES",
        "ingest/live/venues",
        ("from ingest.live.venues.{name} import VENUE as {NAME}", "{NAME}, in VENUES"),
        leaves_out=("base",),
    ),
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


def difference(held: Iterable[object], here: list[str], registry: Registry) -> list[str]:
    """What is in one and not in the other, or twice in the list; empty when they agree."""
    named, file = listed(held), registry.file
    return (
        [
            f"{registry.folder}/{name}.py is not listed: add to {file}: {registry.to_add(name)}"
            for name in here
            if name not in named
        ]
        + [
            f"{file} lists {name}, and there is no {registry.folder}/{name}.py: write it, or take "
            f"out: {registry.to_add(name)}"
            for name in named
            if name not in here
        ]
        + [
            f"{file} lists {name} twice: take out one of its lines"
            for name in sorted({n for n in named if named.count(n) > 1})
        ]
    )


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda one: one.attribute)
def test_the_list_is_the_folder(registry: Registry) -> None:
    held = getattr(importlib.import_module(registry.module), registry.attribute)
    here = [name for name in files(registry.folder) if name not in registry.leaves_out]
    found = difference(held, here, registry)
    assert not found, "\n" + "\n".join(found)


def test_every_page_is_under_a_heading() -> None:
    strays = [page.name for page in nav.PAGES if page.section not in nav.SECTIONS]
    assert not strays, (
        f"pages/frame/nav.py: the line of {strays} names a section that is not in SECTIONS: "
        "correct it, or add the section"
    )


@pytest.mark.parametrize("folder", ["pages", "scripts"])
def test_no_name_hides_the_standard_library_or_a_library(folder: str) -> None:
    """`python3 scripts/x.py` and Streamlit put the folder itself first on the import path."""
    lock = (ROOT / "requirements.lock").read_text()
    packages = {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)", lock, re.M)}
    hiding = set(files(folder)) & (set(sys.stdlib_module_names) | packages)
    assert not hiding, f"rename each of these in {folder}/: {sorted(hiding)}"


def test_every_folder_of_source_is_a_package() -> None:
    folders = {
        path.parent
        for top in ("data", "analytics", "ingest", "pages", "scripts")
        for path in (ROOT / top).rglob("*.py")
        if ROOT / "data" / "var" not in path.parents
    }
    bare = [folder for folder in folders if not (folder / "__init__.py").exists()]
    assert not bare, f"add an __init__.py with a docstring to each of {sorted(map(str, bare))}"


def test_tests_mirror_the_tree() -> None:
    """A folder below tests/ that names a shell holds tests of that shell's own folders."""
    tops = ("data", "analytics", "ingest", "pages", "scripts")
    strays = [
        path.relative_to(ROOT).as_posix()
        for top in tops
        for path in (ROOT / "tests" / top).rglob("test_*.py")
        if not (ROOT / path.parent.relative_to(ROOT / "tests")).is_dir()
    ]
    assert not strays, f"move each to the folder of tests/ that mirrors what it tests: {strays}"


class Entry:
    """Something with a name, as a page or a dataset is."""

    def __init__(self, name: str) -> None:
        self.name = name


PLANTED = Registry("ours", "LIST", ".", ("{name}, in LIST",))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"a": 1, "b": 2}, []),
        ((Entry("a"), Entry("b")), []),
        ((("a", "Title"), ("b", "Title")), []),
        ({"a": 1}, ["./b.py is not listed: add to ours/__init__.py: b, in LIST"]),
        (
            ("a", "b", "c"),
            ["ours/__init__.py lists c, and there is no ./c.py: write it, or take out: c, in LIST"],
        ),
        (("a", "b", "b"), ["ours/__init__.py lists b twice: take out one of its lines"]),
    ],
)
def test_a_planted_difference_is_named(
    tmp_path: Path, held: Mapping[str, object], expected: list[str]
) -> None:
    for name in ("__init__.py", "a.py", "b.py", "notes.txt"):
        (tmp_path / name).touch()
    assert difference(held, files(".", tmp_path), PLANTED) == expected


def test_each_registry_is_where_its_message_says() -> None:
    for registry in REGISTRIES:
        assert (ROOT / registry.file).is_file()


def test_ids_that_a_list_may_name_are_those_of_the_sources() -> None:
    stated = {source.ids for source in SOURCES.values() if source.ids}
    assert set(ranking().ids) == stated, (
        f"analytics/ranking.toml: ids, and `ids=` of the sources in ingest/sources, differ in "
        f"{sorted(set(ranking().ids) ^ stated)}: add each to the one that lacks it"
    )
