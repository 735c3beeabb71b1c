"""`python -m scripts.parse` as a person or a program meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.parse import ALIASES, CLASSES, recorded

ROOT = Path(__file__).resolve().parents[2]
URL = (
    "https://api.stlouisfed.org/fred/series/observations?series_id=UNRATE&realtime_start=1776-07-04"
)
BODY = {
    "units": "lin",
    "count": 2,
    "offset": 0,
    "limit": 1,
    "observations": [
        {
            "realtime_start": "2023-09-01",
            "realtime_end": "2024-01-04",
            "date": "2023-08-01",
            "value": "3.8",
        }
    ],
}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def parse(tmp_path: Path) -> Run:
    """Save a body and run the command over it."""

    def call(body: object, *words: str, source: str = "fred") -> subprocess.CompletedProcess[str]:
        file = tmp_path / "saved.json"
        file.write_text(body if isinstance(body, str) else json.dumps(body))
        return subprocess.run(
            [sys.executable, "-m", "scripts.parse", source, str(file), *words],
            cwd=ROOT,
            env=os.environ | {"DATA_DIR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def test_rows_are_on_stdout_and_the_next_page_on_stderr(parse: Run, tmp_path: Path) -> None:
    done = parse(BODY, "--url", URL, "--format", "json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["dataset"], row["series_id"], row["value"]) == ("macro", "fred:UNRATE", 3.8)
    assert row["known_at"] == "2023-09-01T12:30:00Z"
    first, second = done.stderr.splitlines()
    assert first == "ok: 1 of macro"
    assert second.startswith("next: https://api.stlouisfed.org/fred/series/observations?")
    assert "offset=1" in second
    assert not (tmp_path / "var").exists()


def test_several_datasets_come_as_one_or_one_by_name(parse: Run) -> None:
    row = {
        "indicator": {"id": "SP.POP.TOTL", "value": "Population"},
        "country": {"id": "DE", "value": "Germany"},
        "countryiso3code": "DEU",
        "date": "2024",
        "value": 83500000,
    }
    body = [{"page": 1, "pages": 1}, [row]]
    both = parse(body, "--format", "json", source="worldbank")
    assert [load["dataset"] for load in json.loads(both.stdout)] == ["macro", "series"]
    only = parse(body, "--format", "csv", "--dataset", "series", source="worldbank")
    assert only.stdout.splitlines()[1].startswith("series,wb:SP.POP.TOTL:DEU,population,")
    none = parse(body, "--dataset", "prices", source="worldbank")
    assert (none.returncode, none.stdout) == (2, "")
    assert "there are macro, series" in none.stderr


@pytest.mark.parametrize(
    ("body", "words", "code", "kind"),
    [
        ('{"categories":[]}', (), 10, "empty"),
        ('{"error_code":400,"error_message":"The series does not exist."}', (), 11, "client"),
        ('{"error_code":400,"error_message":"Variable api_key is not set."}', (), 12, "auth"),
        (
            '{"error_code":429,"error_message":"Too many"}',
            ("--header", "retry-after=7"),
            13,
            "quota",
        ),
        ("<html><title>Bad Gateway</title></html>", ("--status", "502"), 14, "upstream"),
        ("<html><title>Access Denied</title></html>", ("--status", "403"), 15, "blocked"),
    ],
)
def test_a_refusal_has_its_own_exit_code(
    parse: Run, body: str, words: tuple[str, ...], code: int, kind: str
) -> None:
    done = parse(body, "--format", "json", "--url", URL, *words)
    assert done.returncode == code == CLASSES[kind]
    (shown,) = json.loads(done.stdout)
    assert shown["classification"] == kind
    assert done.stderr == f"{kind}: {shown['message']}\n"
    assert shown["retry_after_s"] == (7.0 if kind == "quota" else None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing", "x.json"], "no source named"),
        (["fred", "absent.json"], "No such file"),
        (["fred"], "which response?"),
        (["fred", "scripts", "--url", URL], "Is a directory"),
        (["fred", "README.md", "--status", "9"], "expected an HTTP status"),
        (["fred", "README.md", "--fetched-at", "soon"], "not an instant"),
    ],
)
def test_bad_arguments_get_one_sentence(words: list[str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.parse", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_table_of_provenance_near_the_file_names_its_request(tmp_path: Path) -> None:
    folder = tmp_path / "fred"
    folder.mkdir()
    (tmp_path / "PROVENANCE.md").write_text(
        "## ecb\n| `a.json` | 1 | 404 | `https://ecb.example/a` |\n"
        f"## fred\n| file | bytes | status | request |\n| `a.json` | 9 | 200 | `{URL}` | x |\n"
    )
    assert recorded(folder / "a.json") == {"status": "200", "request": URL}
    assert recorded(folder / "b.json") == {}


@pytest.mark.needs("shared")
def test_every_folder_of_recordings_for_these_sources_is_known(shared: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "scripts.parse", "--list", "--format", "csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.split()
    ours = "fred worldbank imf ecb frankfurter us_treasury boe boj bis central_bank_rss"
    for name in (*ours.split(), "restcountries"):
        assert (shared / "recorded" / name).is_dir()
        assert ALIASES.get(name, name) in listed
