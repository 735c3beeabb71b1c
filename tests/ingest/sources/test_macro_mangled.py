"""Whatever comes back, a macro source gives rows that keep their contract or refuses in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import Reply, ReplyError, Source
from ingest.registry import SOURCES
from tests.ingest.macro_replies import PAGE, files, problem, recorded, reply, survives

FOLDERS = {
    "bea": "bea",
    "bis": "bis",
    "bls": "bls",
    "boe": "boe",
    "boj": "boj",
    "central_bank_rss": "central_bank_rss",
    "countries": "restcountries",
    "ecb": "ecb",
    "eia": "eia",
    "eurostat": "eurostat",
    "frankfurter": "frankfurter",
    "fred": "fred",
    "imf": "imf",
    "oecd": "oecd",
    "pink_sheet": "pink_sheet",
    "release_calendars": "release_calendars",
    "us_treasury": "us_treasury",
    "worldbank": "worldbank",
}
NAMES = sorted(FOLDERS)
URLS = {
    "fred": "https://api.stlouisfed.org/fred/series/observations?series_id=GDP&realtime_start=1776-07-04",
    "ecb": "https://data-api.ecb.europa.eu/service/data/EXR/D.USD.EUR.SP00.A",
}
# What each kind of answer is made of; shapes are drawn from these and break in every way.
WORDS = st.sampled_from(
    [
        *("observations", "date", "value", "realtime_start", "realtime_end", "seriess", "series"),
        *("id", "count", "limit", "offset", "error_message", "release_dates", "meta", "data"),
        *("page", "pages", "indicator", "country", "countryiso3code", "message", "source"),
        *("variable", "dataSets", "structures", "structure", "dimensions", "attributes", "values"),
        *("rates", "base", "amount", "rate", "quote", "RESULTSET", "VALUES", "SURVEY_DATES"),
        *("STATUS", "SERIES_CODE", "FREQUENCY", "name", "names", "common", "cca3", "codes"),
        *("errors", "success", "objects", "api", "vintage_dates", "units", "output_type"),
        *("BEAAPI", "Results", "Data", "Error", "Notes", "TimePeriod", "seriesID", "response"),
        *("error", "total", "period", "year", "footnotes", "warnings"),
    ]
)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**20),
    st.floats(),
    st.sampled_from(
        ["2023-08-01", ".", "3.8", "1e400", "USD", "M", "2023-13-01", "", "0:0", "DEU"]
    ),
    st.text(max_size=5),
)
SHAPES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)


def source_of(name: str) -> Source:
    """The source of that name."""
    return SOURCES[name]


@pytest.mark.parametrize("name", NAMES)
@given(shape=SHAPES, status=st.sampled_from([200, 200, 400, 404, 429, 503]))
def test_json_of_any_shape(name: str, shape: Any, status: int) -> None:
    survives(source_of(name), reply(shape, URLS.get(name, "https://x.example/a"), status))


@pytest.mark.parametrize("name", NAMES)
@given(body=st.binary(max_size=200), status=st.sampled_from([200, 204, 301, 403, 500]))
def test_bytes_of_any_kind(name: str, body: bytes, status: int) -> None:
    survives(source_of(name), reply(body, URLS.get(name, ""), status))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (PAGE, 200, {"upstream"}),
        (PAGE, 502, {"upstream"}),
        (b"<html><title>Just a moment...</title><body>Cloudflare</body></html>", 403, {"blocked"}),
        (b"<html><title>Too Many Requests</title></html>", 429, {"quota"}),
        (b"", 200, {"upstream"}),
        (b"", 204, {"empty"}),
        (b"", 500, {"upstream"}),
        (b"\xff\xfe\x00\x01", 200, {"upstream"}),
        (b"[" * 100_000, 200, {"upstream"}),
    ],
)
def test_what_never_is_data_has_its_class(
    name: str, body: bytes, status: int, expected: set[str]
) -> None:
    assert problem(source_of(name), reply(body, "https://x.example/a", status)).problem in expected


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_answer_cut_anywhere_is_refused_or_read(shared: Path, name: str) -> None:
    for file in files(shared, FOLDERS[name]):
        whole = recorded(shared, file)
        size = len(whole.body)
        for cut in {1, size // 7, size // 3, size // 2, size * 9 // 10, size - 2}:
            part = Reply(whole.call, whole.status, {}, whole.body[: max(0, cut)], whole.fetched_at)
            survives(source_of(name), part)


@pytest.mark.needs("shared")
@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_answer_with_one_part_missing_or_wrong(shared: Path, name: str) -> None:
    """Each field in turn is taken away, emptied, and made something else."""
    for file in files(shared, FOLDERS[name]):
        whole = recorded(shared, file)
        try:
            document = json.loads(whole.body.removeprefix(b"\xef\xbb\xbf"))
        except ValueError:
            continue
        few = 40 if len(whole.body) < 20_000 else 6
        for path in _paths(document)[:few]:
            for wrong in ("absent", None, [], {}, "x", -1):
                text = json.dumps(_with(document, path, wrong)).encode()
                survives(source_of(name), Reply(whole.call, 200, {}, text, whole.fetched_at))


def _paths(document: Any, depth: int = 0) -> list[tuple[Any, ...]]:
    """Fields down to the fourth level, of lists only the first object."""
    if depth > 4:
        return []
    found: list[tuple[Any, ...]] = []
    pairs = document.items() if isinstance(document, dict) else enumerate(document[:1])
    for key, value in pairs:
        found.append((key,))
        if isinstance(value, dict | list):
            found += [(key, *rest) for rest in _paths(value, depth + 1)]
    return found


def _with(document: Any, path: tuple[Any, ...], wrong: object) -> Any:
    """A copy in which that field is absent or wrong."""
    copy = dict(document) if isinstance(document, dict) else list(document)
    key, *rest = path
    if rest:
        copy[key] = _with(copy[key], tuple(rest), wrong)
    elif wrong == "absent":
        del copy[key]
    else:
        copy[key] = wrong
    return copy


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_an_error_repeats_is_not_shown(name: str) -> None:
    key = "0123456789abcdef0123456789abcdef"
    body = {"error_code": 400, "error_message": f"bad api_key={key}", "message": f"key {key}"}
    with pytest.raises(ReplyError) as caught:
        source_of(name).parse(reply(body, f"https://x.example/a?api_key={key}", 400))
    assert key not in str(caught.value)
    assert caught.value.__cause__ is None
