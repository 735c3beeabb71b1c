"""Scripts for the browser: their unit tests under node, the lint, and how they are joined.

The unit tests are scripts themselves, in tests/javascript; node starts them without any package.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pages.frame.javascript import joined_script, plain_script
from tests import machine

ROOT = Path(__file__).resolve().parents[1]
UNIT_TESTS = sorted((ROOT / "tests" / "javascript").glob("*.test.mjs"))
SCRIPTS = sorted((ROOT / "pages").rglob("*.mjs"))
COMPONENTS = [path for path in SCRIPTS if "export default" in path.read_text("utf-8")]
CODE = re.compile(r"\bexport default\b|\bfunction\b[^\n]*\{|=>\s*[{(]")


def node(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """What node says to these arguments."""
    command = [machine.require("node"), *words]
    return subprocess.run(
        [*map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def counts(said: str) -> dict[str, int]:
    """The counts at the end of node's report."""
    return {word: int(count) for word, count in re.findall(r"(?m)^# (\w+) (\d+)$", said)}


def unit_tests(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of unit tests."""
    return node("--test", "--test-reporter=tap", path)


@pytest.mark.needs("node")
@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.name)
def test_unit_tests_pass(path: Path) -> None:
    done = unit_tests(path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = counts(done.stdout)
    written = len(re.findall(r"(?m)^test\(", path.read_text("utf-8")))
    assert found["pass"] == found["tests"] == written > 0, found


@pytest.mark.needs("node")
def test_a_wrong_expectation_fails(tmp_path: Path) -> None:
    scales = ROOT / "pages" / "frame" / "static" / "scales.mjs"
    planted = tmp_path / "planted.test.mjs"
    planted.write_text(
        "import assert from 'node:assert/strict';\nimport test from 'node:test';\n"
        f"import {{ roundStep }} from '{scales}';\n"
        "test('wrong', () => assert.equal(roundStep(3), 4));\n"
    )
    done = unit_tests(planted)
    assert done.returncode != 0
    assert counts(done.stdout)["fail"] == 1


def test_each_script_is_imported_by_a_unit_test_or_is_a_component() -> None:
    text = "".join(path.read_text("utf-8") for path in UNIT_TESTS)
    untested = [path.name for path in SCRIPTS if f"/{path.name}'" not in text]
    components = {path.name for path in COMPONENTS}
    assert not set(untested) - components, f"write tests/javascript/*.test.mjs for {untested}"


@pytest.mark.needs("node")
@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_a_component_runs_in_one_piece_and_for_a_page_of_its_own(
    path: Path, tmp_path: Path
) -> None:
    """Names that two modules share, or that none exports, end it with an error."""
    joined, plain = tmp_path / "joined.mjs", tmp_path / "plain.mjs"
    joined.write_text(joined_script(path), encoding="utf-8")
    plain.write_text(plain_script(path, "mount") + "\nmount.name;\n", encoding="utf-8")
    assert not re.search(r"(?m)^(ex|im)port\b", plain.read_text("utf-8"))
    for file in (path, joined, plain):
        done = node(file)
        assert done.returncode == 0, done.stderr
    # Every name that is used is one of the script's own or of the browser's.
    done = lint(joined, "--allow=max-lines", "--allow=no-unused-vars")
    assert done.returncode == 0, done.stdout


def written(folder: Path, **texts: str) -> Path:
    """Modules in a folder; the first one's path."""
    for name, text in texts.items():
        (folder / f"{name}.mjs").write_text(text)
    return folder / f"{next(iter(texts))}.mjs"


def test_a_module_comes_once_and_after_what_it_needs(tmp_path: Path) -> None:
    first = written(
        tmp_path,
        a="import { b } from './b.mjs';\nimport {\n  c,\n} from './c.mjs';\n"
        "export default function () { return b + c; }\n",
        b="import { c } from './c.mjs';\nexport const b = c;\n",
        c="export const c = 1;\n",
    )
    own = "const c = 1;\n\nconst b = c;\n\nexport default function () { return b + c; }\n"
    assert joined_script(first) == own
    assert plain_script(first, "mount").endswith("function mount () { return b + c; }\n")


@pytest.mark.parametrize(
    "line",
    ["import b from './b.mjs';", "import * as b from './b.mjs';", "import { b } from 'library';"],
)
def test_another_form_of_import_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match="write .* as import"):
        joined_script(written(tmp_path, a=f"{line}\n", b="export const b = 1;\n"))


def lint(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the linter finds under our rules."""
    beside = Path(sys.executable).with_name("oxlint")
    program = str(beside) if beside.exists() else shutil.which("oxlint")
    if program is None:
        pytest.skip("no oxlint here; it comes with requirements-dev.lock")
    rules = str(ROOT / ".oxlintrc.json")
    return subprocess.run(
        [program, "-c", rules, *words, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_lint_finds_nothing() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    looked_at = re.search(r"on (\d+) files", done.stdout)
    assert looked_at
    assert int(looked_at[1]) >= len(SCRIPTS) + len(UNIT_TESTS)


CLEAN = "export function twice(value) {\n  return value === null ? null : 2 * value;\n}\n"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (CLEAN.replace("2 * value", "2 * valeu"), "no-undef"),
        (CLEAN.replace("{\n", "{\n  const left = 1;\n", 1), "no-unused-vars"),
        (CLEAN.replace("===", "=="), "eqeqeq"),
        (CLEAN.replace("null ? null", "NaN ? null"), "use-isnan"),
        (CLEAN.replace("  return", "  value += 1;\n  return"), "no-param-reassign"),
        ("import { three } from './other.mjs';\n" + CLEAN + "twice(three);\n", "import"),
        (CLEAN + "// line\n" * 450, "max-lines"),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_the_lint_finds_what_is_planted(tmp_path: Path, text: str, rule: str) -> None:
    (tmp_path / "other.mjs").write_text("export const two = 2;\n")
    clean, planted = tmp_path / "clean.mjs", tmp_path / "planted.mjs"
    clean.write_text(CLEAN)
    planted.write_text(text)
    assert lint(clean).returncode == 0, lint(clean).stdout
    done = lint(planted)
    assert done.returncode != 0
    assert rule in done.stdout


def scripts_in(text: str) -> list[int]:
    """Lines at which a text of Python holds more than two lines of a script."""
    return [
        one.lineno
        for one in ast.walk(ast.parse(text))
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and one.value.strip().count("\n") > 1
        and CODE.search(one.value)
    ]


def test_scripts_are_in_files_of_their_own() -> None:
    planted = 'X = """\nexport default function () {\n  draw();\n}\n"""\n'
    assert scripts_in(planted) == [1]
    assert scripts_in('X = "() => { draw(); }"\n"""A dict => (list)."""\n') == []
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("pages", "analytics", "data", "ingest", "scripts")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in scripts_in(path.read_text("utf-8"))
    ]
    assert not found, f"move them to a .mjs file beside their module: {found}"
