"""The command lines as a person or a program meets them: data, words, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from tests.scripts.command_line import run_command

ROOT = Path(__file__).resolve().parents[2]
MACRO = """series_id,period,value,unit,is_forecast,known_at,vintage_grade,source
fred:UNRATE,2023-08-01,3.8,percent,false,2023-09-01T12:30:00Z,native,fred
fred:UNRATE,2023-08-01,3.7,percent,false,2024-01-05T13:30:00Z,native,fred
fred:CPI,2023-03-01,301.836,index,false,2023-04-12T12:30:00Z,native,fred
"""
NAMES = ["load", "sql", "analytic", "receipt", "collect", "export_lake"]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Run:
    """Run a command over a lake of its own, in this process."""
    environment = {"DATA_DIR": str(tmp_path / "var"), "WORKSPACE": "desk"}
    return partial(run_command, environment=environment)


@pytest.fixture
def program(tmp_path: Path) -> Run:
    """Run `python -m scripts.NAME ...` over a lake of its own."""

    def call(name: str, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"DATA_DIR": str(tmp_path / "var"), "WORKSPACE": "desk"}
        return subprocess.run(
            [sys.executable, "-m", f"scripts.{name}", *words],
            cwd=ROOT,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


@pytest.fixture
def loaded(command: Run, tmp_path: Path) -> Run:
    """The command over a lake that holds three vintages."""
    file = tmp_path / "macro.csv"
    file.write_text(MACRO)
    done = command("load", "macro", str(file), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["rows_added"] == 2
    return command


def test_the_same_file_twice_adds_nothing(loaded: Run, tmp_path: Path) -> None:
    again = loaded("load", "macro", str(tmp_path / "macro.csv"), "--format", "json")
    result = json.loads(again.stdout)[0]
    assert (result["rows_added"], result["vintages_added"], result["unchanged"]) == (0, 0, 3)


def test_a_query_sees_what_was_known_at_the_clock(loaded: Run) -> None:
    query = "SELECT value FROM macro WHERE series_id = $id"
    values = {}
    for clock in ("2023-10-01", "2024-02-01"):
        done = loaded(
            "sql", query, "--as-of", clock, "--param", "id=fred:UNRATE", "--format", "csv"
        )
        values[clock] = done.stdout.split()[1]
    assert values == {"2023-10-01": "3.8", "2024-02-01": "3.7"}


def test_a_release_is_invisible_one_second_before(loaded: Run) -> None:
    query = "SELECT count(*) AS n FROM macro WHERE series_id = 'fred:CPI'"
    counts = [
        json.loads(loaded("sql", query, "--as-of", clock, "--format", "json").stdout)[0]["n"]
        for clock in ("2023-04-12T12:29:59Z", "2023-04-12T12:30:00Z", "2023-04-12T08:30:00-04:00")
    ]
    assert counts == [0, 1, 1]


@pytest.mark.parametrize(
    ("query", "flags"),
    [("SELECT * FROM macro", ["--vintages"]), ("SELECT * FROM macro_vintages", [])],
)
def test_all_vintages_can_be_had(loaded: Run, query: str, flags: list[str]) -> None:
    done = loaded("sql", query, "--as-of", "1999-01-01", "--format", "csv", *flags)
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 3


def test_house_mode_sees_nothing_before_we_had_it(loaded: Run) -> None:
    done = loaded("sql", "FROM macro", "--as-of", "2024-02-01", "--mode", "house")
    assert "0 rows" in done.stdout


def test_restated_figures_are_asked_for_and_named(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "today.csv"
    file.write_text(MACRO.replace("native", "current").replace("fred:", "fred:X"))
    assert loaded("load", "macro", str(file)).returncode == 0
    query = ("sql", "SELECT count(*) FROM macro", "--as-of", "2024-02-01", "--format", "csv")
    public, restated = loaded(*query), loaded(*query, "--mode", "restated")
    assert (public.stdout.split()[1], restated.stdout.split()[1]) == ("2", "4")
    words = "macro: figures are included that their source gives only as they are today"
    assert words in restated.stderr
    assert words not in public.stderr


def test_parquet_goes_to_a_pipe(loaded: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    with open(out, "wb") as sink:
        words = [sys.executable, "-m", "scripts.sql", "FROM macro", "--as-of", "now"]
        subprocess.run(
            [*words, "--format", "parquet"],
            cwd=ROOT,
            env=os.environ | {"DATA_DIR": str(tmp_path / "var"), "WORKSPACE": "desk"},
            stdout=sink,
            check=True,
            timeout=60,
        )
    assert pl.read_parquet(out)["value"].sort().to_list() == [3.7, 301.836]


@pytest.mark.parametrize(
    ("name", "words", "code", "says"),
    [
        ("sql", ["SELECT 1"], 2, "--as-of is required"),
        ("sql", ["SELECT 1", "--as-of", "yesterday-ish"], 2, "not an instant"),
        ("sql", ["DROP TABLE macro", "--as-of", "now"], 4, "only SELECT"),
        ("sql", ["FROM pricez", "--as-of", "now"], 4, "did you mean prices?"),
        ("sql", ["FROM read_csv('x.csv')", "--as-of", "now"], 4, "outside the clock"),
        ("sql", ["SELECT now()", "--as-of", "now"], 4, "machine's own time"),
        ("load", ["nothing", "x.csv"], 2, "no dataset named"),
        ("load", ["macro", "absent.csv"], 2, "No such file"),
        ("load", ["macro", "x.docx"], 2, "expected one of"),
        ("receipt", ["absent.json"], 2, "No such file"),
        ("analytic", ["nothing", "--as-of", "now"], 2, "no analytic named"),
        ("analytic", [], 2, "--list"),
        ("export_lake", ["."], 2, "not empty"),
        ("sql", ["SELECT 1", "--as-of", "now", "--workspace", "../x"], 2, "lower-case letters"),
    ],
)
def test_bad_input_gets_one_sentence_and_a_code(
    command: Run, name: str, words: list[str], code: int, says: str
) -> None:
    done = command(name, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("series_id\nx\n", "required columns"),
        (MACRO.replace("3.8", "three"), "macro.value: 1 row of 3 cannot be read as double"),
        (MACRO.replace("2023-08-01", "2023-13-01"), "macro.period: 2 rows of 3"),
        (MACRO.replace("native", "guessed"), "outside native, lagged, snapshot, current"),
        (MACRO.replace(",fred\n", ",demo\n"), "takes no demo rows"),
        (MACRO.replace("unit", "units"), "unknown columns units"),
    ],
)
def test_a_file_that_breaks_the_contract_is_refused_whole(
    command: Run, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    done = command("load", "macro", str(file))
    assert done.returncode in {2, 3}
    assert says in done.stderr
    left = command("sql", "SELECT count(*) AS n FROM macro_vintages", "--as-of", "now")
    assert "0" in left.stdout


def test_rows_without_known_at_are_dated_now_and_say_so(command: Run, tmp_path: Path) -> None:
    file = tmp_path / "now.json"
    row = {"series_id": "our:X", "period": "2024-01-01", "value": 1, "unit": "index"}
    file.write_text(json.dumps([row | {"is_forecast": False}]))
    done = command("load", "macro", str(file), "--set", "source=desk")
    assert done.returncode == 0, done.stderr
    assert "graded snapshot" in done.stderr
    seen = command("sql", "SELECT vintage_grade FROM macro", "--as-of", "now", "--format", "csv")
    assert seen.stdout.split() == ["vintage_grade", "snapshot"]


def test_ticks_from_a_file_are_appended_once(command: Run, tmp_path: Path) -> None:
    file = tmp_path / "ticks.csv"
    file.write_text(
        "venue,symbol,event_at,trade_id,price,size,known_at,vintage_grade,source\n"
        "XTST,t:A,2024-01-02T10:00:00Z,1,10.5,2,2024-01-02T10:00:00.2Z,native,desk\n"
        "XTST,t:A,2024-01-02T10:06:00Z,2,10.6,1,2024-01-02T10:06:00.2Z,native,desk\n"
    )
    for expected in (2, 0):
        done = command("load", "ticks", str(file), "--format", "json")
        assert json.loads(done.stdout)[0]["rows_added"] == expected
    seen = command(
        "sql",
        "SELECT segment, count(*) AS n FROM ticks GROUP BY 1 ORDER BY 1",
        "--as-of",
        "2024-01-02T10:06:00.3Z",
        "--format",
        "csv",
    )
    assert seen.stdout.split() == ["segment,n", "1000,1", "1005,1"]


def test_a_receipt_runs_again_and_tells_of_an_altered_byte(loaded: Run, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    query = "SELECT series_id, value FROM macro -- with a comment at its end"
    assert loaded("sql", query, "--as-of", "2023-10-01", "--receipt", str(receipt)).returncode == 0
    same = loaded("receipt", str(receipt))
    assert (same.returncode, "same" in same.stdout) == (0, True)
    (file,) = (tmp_path / "var" / "desk" / "lake" / "macro").rglob("*.parquet")
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    altered = loaded("receipt", str(receipt))
    assert (altered.returncode, "altered since" in altered.stdout) == (5, True)


def test_a_receipt_tells_which_rules_are_others_now(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    loaded("sql", "SELECT value FROM macro", "--as-of", "now", "--receipt", str(file))
    assert "rules that differ" not in loaded("receipt", str(file)).stderr
    receipt = json.loads(file.read_text())
    content = (ROOT / "analytics" / "ranking.toml").read_bytes()
    assert receipt["rule_files"]["analytics/ranking.toml"] == sha256(content).hexdigest()[:16]
    receipt["rule_files"]["analytics/ranking.toml"] = "another"
    file.write_text(json.dumps(receipt))
    done = loaded("receipt", str(file))
    assert done.returncode == 0
    assert f"rules that differ from those of {file}: analytics/ranking.toml" in done.stderr


def test_a_receipt_whose_numbers_were_edited_differs(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    loaded("sql", "SELECT value FROM macro", "--as-of", "now", "--receipt", str(file))
    receipt = json.loads(file.read_text())
    receipt["queries"][0]["result"]["values"][0][0] += 0.001
    file.write_text(json.dumps(receipt))
    done = loaded("receipt", str(file))
    assert (done.returncode, "rows differ" in done.stdout) == (5, True)


def test_the_exported_lake_can_be_globbed(loaded: Run, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    assert loaded("export_lake", str(target)).returncode == 0
    assert pl.read_parquet(target / "macro" / "**" / "*.parquet").height == 3


def test_the_collector_leaves_live_files(loaded: Run) -> None:
    assert "0 rows" in loaded("collect").stdout
    assert "2 rows" in loaded("sql", "FROM macro", "--as-of", "now").stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(command: Run, name: str) -> None:
    done = command(name, "--help")
    assert done.returncode == 0
    assert "Exit codes" in done.stdout or "exit code" in done.stdout


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled(3)
def test_every_command_starts_as_a_program(program: Run, name: str) -> None:
    done = program(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: python -m scripts.{name} ")


def test_a_program_says_and_answers_what_the_command_does(
    loaded: Run, program: Run, tmp_path: Path
) -> None:
    for words in (
        ("sql", "FROM macro ORDER BY ALL", "--as-of", "2024-02-01", "--format", "json"),
        ("sql", "FROM pricez", "--as-of", "now"),
    ):
        within, outside = loaded(*words), program(*words)
        assert within.returncode == outside.returncode
        assert (within.stdout, within.stderr) == (outside.stdout, outside.stderr)


def test_a_reader_that_leaves_early_is_no_failure_to_shout_about(
    loaded: Run, tmp_path: Path
) -> None:
    script = (
        f"{sys.executable} -m scripts.sql 'SELECT * FROM range(300000)' --as-of now --format csv"
        " | head -1"
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path / "var"), "WORKSPACE": "desk"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("range\n", "")
