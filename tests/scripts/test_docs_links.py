"""Every internal link and picture of the documentation resolves, on the forge and in the site."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README_BYTES = 8 * 1024
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
HEADING = re.compile(r"^#+ (.+)$", re.M)
# Paths below our own folders; those with a placeholder (x.py, NAME, <...>) are examples.
PLACE = re.compile(r"`((?:data|analytics|ingest|pages|scripts|tests|docs)/[\w./-]+)`")
EXAMPLE = re.compile(r"/x\.\w+$|NAME")
RUN_TIME = ("data/var",)
COMMAND = re.compile(r"python -m scripts\.(\w+)")
FILES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def links(path: Path) -> Iterator[str]:
    """Where the links of a file lead, without those to other hosts."""
    text = CODE.sub("", path.read_text(encoding="utf-8"))
    yield from (to for to in LINK.findall(text) if not re.match(r"[a-z]+:", to))


def anchors(path: Path) -> set[str]:
    """The anchors of a file's headings; both kinds of reader agree on plain ones."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    heads = (re.sub(r"[`*]", "", head).strip().lower() for head in HEADING.findall(text))
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", head)) for head in heads}


def broken(path: Path) -> list[str]:
    """Links of a file that lead nowhere, or out of the site."""
    found = []
    for link in links(path):
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if not target.is_file():
            found.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(target):
            found.append(f"{link}: no such heading")
        elif DOCS in path.parents and DOCS not in target.parents:
            found.append(f"{link}: outside docs/, which the site does not have")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_internal_link_resolves(path: Path) -> None:
    assert not broken(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_and_command_that_is_named_exists(path: Path) -> None:
    if path.name == "CHANGELOG.md":
        return  # it tells of what was
    text = path.read_text(encoding="utf-8")
    places = [place for place in PLACE.findall(text) if not EXAMPLE.search(place)]
    assert not [p for p in places if p not in RUN_TIME and not (ROOT / p).exists()]
    commands = set(COMMAND.findall(text)) - {"NAME"}
    assert not [name for name in commands if not (ROOT / "scripts" / f"{name}.py").exists()]


def test_every_document_is_in_the_navigation_once() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    named = sorted(_files(nav))
    assert named == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def _files(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for value in entry.values():
            yield from _files(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from _files(value)


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(path.parent / link).resolve() for path in FILES for link in links(path)}
    assert not [picture.name for picture in DOCS.rglob("*.png") if picture not in shown]


def test_the_readme_fits_on_a_few_screens() -> None:
    assert (ROOT / "README.md").stat().st_size <= README_BYTES


def test_files_of_others_are_named_with_their_licence() -> None:
    notices = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    kinds = ("*.woff2", "*.woff", "*.ttf", "*.json", "*.min.js")
    files = [path.name for kind in kinds for path in (ROOT / "pages").rglob(kind)]
    assert files
    assert not [name for name in files if f"`{name}`" not in notices]


def test_a_planted_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A `heading` of this\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md) [b](there.md#a-heading-of-this) `[c](code.md)` [d](https://example.org)\n"
        "[e](gone.md) [f](there.md#nothing)\n"
    )
    assert broken(page) == ["gone.md: no such file", "there.md#nothing: no such heading"]
