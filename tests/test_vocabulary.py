"""Every list, the demo world and the studies name words of the vocabulary, and mean what it says.

What does not is named by its file and line.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.fields import DIMENSIONS
from data.vocabulary import Indicator, meaning
from ingest.sources.demo_world.indicators import CLAIMS, INDICATORS

ROOT = Path(__file__).resolve().parents[1]
UNIVERSE = ROOT / "ingest" / "universe"
LISTS = [
    path
    for path in sorted(UNIVERSE.glob("*.csv"))
    if re.search(r"(?m)^[^#].*\bindicator\b", path.read_text())
]
MONEY = re.compile(r"\b(USD|EUR|GBP|JPY|dollars|currency)\b")
SEASONAL = ("weekly", "monthly", "quarterly")
# Word lists of the studies: which dimension each names; None where any will do.
REGIMES: dict[str, str | None] = {
    "growth": "growth",
    "prices": "inflation",
    "jobless": "labour",
    "recession": "growth",
    "gdp": "growth",
    "names": None,
}


def kind(unit: str) -> str:
    """The kind of a unit as a list writes it."""
    for start, found in (
        ("flag", "flag"),
        ("percent", "percent"),
        ("years", "time"),
        ("months", "time"),
    ):
        if unit.startswith(start):
            return found
    if "index" in unit:
        return "index"
    if " per " in unit:
        return "rate"
    return "money" if MONEY.search(unit) else "count"


def lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a list with the numbers of their lines; the first is the head."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, next(csv.reader([line]))


def strays(name: str, text: str) -> list[str]:
    """Where a list says what the vocabulary does not."""
    rows = lines(text)
    at, head = next(rows)
    found = [
        f"{name}:{at}: {column} is the vocabulary's to say"
        for column in ("dimension", "direction")
        if column in head
    ]
    for number, cells in rows:
        row = dict(zip(head, cells, strict=True))
        place = f"{name}:{number}"
        found += [f"{place}: {said}" for said in against(row["indicator"], row)]
    return found


def against(word: str, row: dict[str, str]) -> list[str]:
    """What of a row differs from what its word means."""
    said = meaning(word)
    if said is None:
        return [f"{word!r} is no word of the vocabulary"]
    unit, frequency = row.get("unit"), row.get("frequency", "")
    adjustment = row.get("adjustment") if frequency in SEASONAL else None
    found = []
    if unit and kind(unit) != said.unit:
        found.append(f"{word} in {unit!r}, expected {said.unit}")
    if adjustment and said.season not in ("either", adjustment):
        found.append(f"{word} is {adjustment}, expected {said.season}")
    return found


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_a_list_names_words_of_the_vocabulary(path: Path) -> None:
    assert strays(path.name, path.read_text()) == []


def test_every_list_of_series_is_looked_at() -> None:
    others = "bea bis bis_statistics bls boe boj ecb eia eurostat fred imf oecd worldbank"
    assert {path.stem for path in LISTS} == {*others.split()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("key,indicator,direction\na,policy_rate,-1\n", ["x:1: direction is the vocabulary's"]),
        ("# why\nkey,indicator\na,policy_rate\nb,luck\n", ["x:4: 'luck' is no word"]),
        ("key,indicator,unit\na,UNEMP,million USD\n", ["x:2: UNEMP in 'million USD', expected pe"]),
        (
            "key,indicator,frequency,adjustment\na,UNEMP,monthly,nsa\nb,UNEMP,annual,nsa\n",
            ["x:2: UNEMP is nsa, expected sa"],
        ),
    ],
)
def test_a_planted_stray_is_named_by_its_line(text: str, wanted: list[str]) -> None:
    found = strays("x", text)
    assert len(found) == len(wanted)
    assert all(one.startswith(start) for one, start in zip(found, wanted, strict=True))


def test_the_demo_world_measures_words_of_the_vocabulary() -> None:
    path = ROOT / "ingest" / "sources" / "demo_world" / "indicators.py"
    source = path.read_text().splitlines()
    found = []
    for indicator in (*INDICATORS, CLAIMS):
        (at,) = [n for n, line in enumerate(source, 1) if f'Indicator("{indicator.code}"' in line]
        row = {
            "unit": indicator.unit,
            "frequency": indicator.frequency,
            "adjustment": indicator.adjustment,
        }
        found += [f"{path.name}:{at}: {said}" for said in against(indicator.code, row)]
    assert found == []


def unknown(path: Path, pattern: str, is_wrong: Callable[[str], bool]) -> list[str]:
    """Words of a file that a pattern finds and a test refuses, with their lines."""
    return [
        f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name}:{n}: {word}"
        for n, line in enumerate(path.read_text().splitlines(), 1)
        for word in re.findall(pattern, line)
        if is_wrong(word)
    ]


def test_the_tables_of_the_studies_name_words_of_the_vocabulary() -> None:
    path = ROOT / "analytics" / "regimes.toml"
    for key, dimension in REGIMES.items():
        names = {
            word
            for line in re.findall(rf"(?m)^{key} = (.*)$", path.read_text())
            for word in re.findall(r'"(\w+)"', line)
        }
        assert names, key

        def is_wrong(word: str, names: set[str] = names, d: str | None = dimension) -> bool:
            said: Indicator | None = meaning(word)
            return word in names and (said is None or d not in (None, said.dimension))

        assert unknown(path, r'"(\w+)"', is_wrong) == []
    kinds = unknown(
        ROOT / "analytics" / "bias.toml", r"(\w+) = -?\d+\.\d", lambda word: word not in DIMENSIONS
    )
    assert kinds == []


def test_no_code_names_a_series_of_a_word_that_there_is_none(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text('A = 1\nB = "demo:LUCK:USA"\n')
    files = [
        path
        for top in ("data", "analytics", "ingest", "pages", "scripts")
        for path in (ROOT / top).rglob("*.py")
        if "var" not in path.parts
    ]
    pattern = r"demo:([A-Z0-9]+):[A-Z]{3}\b"
    assert unknown(planted, pattern, lambda word: meaning(word) is None) == ["planted.py:2: LUCK"]
    assert [s for f in files for s in unknown(f, pattern, lambda w: meaning(w) is None)] == []


def signs(path: Path, text: str) -> list[str]:
    """Where a source gives a dimension or direction of its own instead of asking for it."""
    return [
        f"{path.name}:{key.lineno}: {key.value}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and key.value in ("dimension", "direction")
        and isinstance(value, ast.Constant | ast.UnaryOp | ast.IfExp)
    ]


def test_no_source_holds_a_sign_of_its_own() -> None:
    planted = 'A = {\n    "direction": -1,\n    "dimension": "policy" if A else "other",\n}\n'
    assert signs(Path("x.py"), planted) == ["x.py:2: direction", "x.py:3: dimension"]
    held = [s for path in (ROOT / "ingest").rglob("*.py") for s in signs(path, path.read_text())]
    assert held == []
