"""Whole files of UN Comtrade: the list of them, their text, and what is no file."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.jobs import Call, Reply, ReplyError
from ingest.sources import _comtrade_bulk
from ingest.sources.comtrade import SOURCE
from tests.ingest.market import NOW, problem, recorded, reply, rows
from tests.ingest.sources.comtrade_pages import (
    FILE,
    answer,
    availability,
    flow,
    plan,
    text_file,
)


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_bulk_file_reads_as_the_page_of_the_same_rows(is_packed: bool) -> None:
    data = [
        flow(),
        flow(partnerCode=36, motCode=2100),
        flow(partnerCode=40, flowCode="RX", primaryValue=2.5, cifvalue=None, netWgt=7.25),
    ]
    text = text_file(*data)
    body = gzip.compress(text[:90]) + gzip.compress(text[90:]) if is_packed else text
    parsed = SOURCE.parse(Reply(Call(FILE), 200, {}, body, NOW))
    page = SOURCE.parse(reply(answer(*data)))
    assert parsed.tables["trade"].to_pylist() == page.tables["trade"].to_pylist()
    assert parsed.note == page.note


def test_a_broken_file_is_an_error_of_the_source() -> None:
    packed = gzip.compress(text_file(flow()))
    for body in (packed[:-9], packed[:40] + b"xxxx" + packed[44:], gzip.compress(b"a\tb\n1\t2\n")):
        assert problem(SOURCE, Reply(Call(FILE), 200, {}, body, NOW)) == "upstream"
    assert problem(SOURCE, Reply(Call(FILE), 200, {}, text_file(flow())[:200], NOW)) == "upstream"
    refused = b'{"statusCode": 401, "message": "Access denied due to invalid subscription key."}'
    assert problem(SOURCE, Reply(Call(FILE), 401, {}, refused, NOW)) == "auth"


def test_a_bomb_is_left_alone_long_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_comtrade_bulk, "ALWAYS", 1 << 20)
    bomb = gzip.compress(bytes(1 << 28))
    with pytest.raises(ReplyError, match="more than") as raised:
        SOURCE.parse(Reply(Call(FILE), 200, {}, bomb, NOW))
    assert raised.value.problem == "upstream"
    text = text_file(*(flow(partnerCode=code) for code in (36, 40, 56, 156)))
    assert len(rows(SOURCE, Reply(Call(FILE), 200, {}, gzip.compress(text), NOW))["trade"]) == 4


def test_a_file_of_another_country_or_year_is_not_dated_by_this_one() -> None:
    call = Call(f"{FILE}#reporterCode=842&period=2022")
    data = (flow(), flow(reporterCode=276), flow(period="2021", refYear=2021))
    parsed = SOURCE.parse(Reply(call, 200, {}, text_file(*data), NOW))
    stored = [(row["reporter"], row["year"]) for row in parsed.tables["trade"].to_pylist()]
    assert stored == [("USA", 2022)]
    words = "2 rows left out: of another reporter or period than was asked for"
    assert words in parsed.note


@pytest.mark.needs("shared")
def test_the_recorded_list_of_files_leads_to_its_file(shared: Path) -> None:
    saved = recorded(shared, "comtrade/bulk_v1_get_C_A_HS_ARG_1962.json")
    [call] = SOURCE.parse(saved).follow
    name = "b07f98ee4cfb477c5b86923bbf159d48ca519ccb35c35865b3578b075fc918fb"
    address = f"https://comtradeapi.un.org/bulk/v1/file/32/{name}"
    assert call.url.split("#") == [address, "reporterCode=32&period=1962"]
    assert call.edition is not None
    assert call.edition.released_at == datetime(2003, 4, 29, 11, 24, 10, tzinfo=UTC)
    first = date(1962, 1, 1)
    [request] = plan("ARG", job="trade_bulk", has_key=True, since=first, until=first)
    assert dict(request.params) == {"reporterCode": "32", "period": "1962"}
    assert not plan("ARG", job="trade_bulk") and not plan(job="trade_bulk", has_key=True)


def test_a_file_at_another_host_is_never_asked_for() -> None:
    facts = {"reporterCode": 32, "period": 1962, "publicationDate": None}
    list_call = Call("https://comtradeapi.un.org/bulk/v1/get/C/A/HS")
    here = SOURCE.parse(availability(list_call, facts | {"fileUrl": FILE}))
    assert here.follow[0].url.split("#")[0] == FILE
    assert "known from when it was first seen" in here.note
    there = availability(list_call, facts | {"fileUrl": "https://example.org/bulk/v1/file/32/a"})
    assert problem(SOURCE, there) == "upstream"
