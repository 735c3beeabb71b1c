"""The lists of requirements, their locks, and what the source really imports, agree."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ("data", "analytics", "ingest", "pages", "scripts", "tests")
# Distributions that are imported under another name.
IMPORTED_AS = {
    "pillow": "PIL",
    "pyyaml": "yaml",
    "google-generativeai": "google",
    "exchange-calendars": "exchange_calendars",
}


def direct(name: str) -> dict[str, str]:
    """Distribution -> the rest of its line."""
    lines = (ROOT / name).read_text().splitlines()
    found = (re.match(r"([A-Za-z][A-Za-z0-9-]*)(.*)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def locked(name: str) -> dict[str, int]:
    """Distribution -> number of hashes."""
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())
    return {re.split(r"[=\[]", block)[0]: block.count("--hash=sha256:") for block in blocks}


def imported(*folders: str) -> set[str]:
    """Top-level names that are neither ours nor the interpreter's."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    files += [path for path in ROOT.glob("*.py") if "pages" in folders]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text()))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    start = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module and not n.level}
    tops = {name.split(".")[0] for name in plain | start}
    return tops - set(sys.stdlib_module_names) - {*HOUSE, "app"}


def names(listing: dict[str, str]) -> set[str]:
    """Under which names the distributions of a list are imported."""
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in listing}


def test_the_shells_import_only_what_is_listed() -> None:
    undeclared = imported("data", "analytics", "ingest", "pages") - names(
        direct("requirements.txt")
    )
    assert not undeclared, f"add to requirements.txt and run scripts/lock.py: {undeclared}"


def test_scripts_and_tests_import_only_what_is_listed() -> None:
    both = direct("requirements.txt") | direct("requirements-dev.txt")
    assert not imported("scripts", "tests") - names(both)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_direct_requirement_is_bounded_and_says_what_for(name: str) -> None:
    listing = direct(name)
    assert len(listing) > 5
    assert not [each for each, rest in listing.items() if not re.match(r".*[~=]=.* # \w+", rest)]


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_the_list_with_hashes_and_names_no_place(name: str) -> None:
    lock = locked(f"{name}.lock")
    assert not set(direct(f"{name}.txt")) - set(lock), "the list changed: run scripts/lock.py"
    assert not [each for each, hashes in lock.items() if hashes < 1]
    text = (ROOT / f"{name}.lock").read_text()
    assert not re.findall(r"https?://|file:|--index-url|--find-links|(?m:^/)|(?m:^#)", text)


def test_the_two_locks_never_disagree() -> None:
    pins = [
        set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / name).read_text(), re.M))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    shared = {name for name, _ in pins[0]} & {name for name, _ in pins[1]}
    assert shared
    for name in shared:
        assert {pin for pin in pins[1] if pin[0] == name} <= pins[0]
