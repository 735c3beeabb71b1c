"""Words that may not stand on a screen: what a reader would have to read twice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine import ROOT

# Each with what to write instead.
REFUSED = {
    r"\bbring (a list|trades)\b": "Import",
    r"\btake (it|the whole)\b": "Export, or Set all pages to this time",
    r"\bfares\b": "Status",
    r"\bno rhythm\b": "No schedule",
    r"\bwhat makes it\b": "Drivers",
    r"\bsurprises speak\b": "Signal",
    r"\bbecame known\b": "published, or Data arrivals",
    r"\bweightiest\b|\blighter ones\b": "most important first; minor changes",
    r"\bin own σ\b|\bmoved most for itself\b": "Move in σ (60d)",
    r"\bbelow the highest\b|\bdeepest fall\b": "drawdown, max drawdown",
    r"\bcalm and storm\b": "Returns by volatility regime",
    r"\bjobless (rise|rule)\b": "Sahm indicator",
    r"\bto come\b|\beither way\b": "Upcoming, Window (±)",
    r"^came\b": "Released, % of weight",
    r"\brests \d": "Cooldown",
    r"\blie beyond\b|\bdeviation across\b": "Off scale; cross-sectional st. dev.",
    r"\bnever came\b|\bsent twice, dropped\b": "Missing trades; duplicates removed",
    r"\bweighted by people\b|^people, %": "population-weighted; population covered",
    r"\bin its past\b|\bamong peers\b": "Own-history percentile / peer percentile",
    r"\bno rule stood\b": "No rules existed at that time",
    r"^turned, %|\bmore means\b": "sign changed, %; higher = weaker",
    r"^shaded$|^both views$|^as it stood$": "Price by regime; Model and rule; State at this time",
    r"\bset beside\b|^speaks of$|^what it is$": "Compare with; Dimension; Description",
}


def written() -> Iterator[tuple[str, int, str]]:
    """Every text of a page that reads as words: the guides, labels, notes and parts of them."""
    files = [*(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inner = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in inner:
                yield str(path.relative_to(ROOT)), node.lineno, node.value


def faults(text: str) -> list[str]:
    """What in a text is refused, and what to write."""
    return [
        f"{match.group()!r}: write {better}"
        for pattern, better in REFUSED.items()
        if (match := re.search(pattern, text.strip(), re.IGNORECASE))
    ]


def test_no_refused_word_stands_in_a_page() -> None:
    found = [f"{file}:{line}: {words}" for file, line, text in written() for words in faults(text)]
    assert found == []


@pytest.mark.parametrize("folder", ["docs/pages", "README.md"])
def test_no_refused_word_stands_in_a_guide(folder: str) -> None:
    place = ROOT / folder
    files: list[Path] = sorted(place.rglob("*.md")) if place.is_dir() else [place]
    assert files
    lines = [
        (file, number, line)
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    ]
    assert [f"{file}:{number}: {w}" for file, number, line in lines for w in faults(line)] == []


@pytest.mark.parametrize(
    "text", ["What became known", "came, %", "in its past, %", "In own σ", "Bring a list", "fares"]
)
def test_a_planted_word_is_found(text: str) -> None:
    assert faults(text)


def test_the_style_sheet_names_panels_that_exist() -> None:
    """A rule for a panel goes by its title; one that was renamed would lose its rule unseen."""
    sheet = (ROOT / "pages" / "frame" / "static" / "frame.css").read_text(encoding="utf-8")
    named = set(re.findall(r"st-key-panel-([a-z0-9-]+)", sheet))
    slugs = {re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") for _, _, text in written()}
    assert named
    assert named <= slugs, sorted(named - slugs)
