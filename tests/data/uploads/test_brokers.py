"""Brokers' files end as their truth says: nothing silently wrong, nearly all without a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import UploadError
from data.uploads import layouts
from data.uploads.check import counts
from data.uploads.columns import tabulate
from data.uploads.dates import is_date
from data.uploads.numbers import is_number
from data.uploads.sheet import read_grid
from data.uploads.trades import TradeVerdict, bookings_of, drafts_of, parts_of
from tests import tiers
from tests.data.uploads.brokers import Case, cases, entered, judged

CASES = cases()
HOSTILE = [case for case in CASES if case.title.startswith("hostile_")]  # to be asked or refused
BY_TITLE = {case.title: case for case in CASES}


def same(found: tuple[Any, ...] | None, truth: tuple[Any, ...]) -> bool:
    return found is not None and all(
        one == pytest.approx(other, abs=1e-9) if isinstance(other, float | int) else one == other
        for one, other in zip(found, truth, strict=True)
    )


def positions(verdicts: list[TradeVerdict]) -> Mapping[str, float]:
    """What is held after the trades of a file."""
    drafts = drafts_of(verdicts)
    held: dict[str, float] = {}
    for draft in drafts:
        held[draft.symbol] = held.get(draft.symbol, 0.0) + draft.quantity
    for part in parts_of(verdicts):
        assert part.draft is not None
        lot = drafts[part.draft]
        held[lot.symbol] -= part.exit.quantity * (1 if lot.quantity > 0 else -1)
    return {symbol: round(size, 9) for symbol, size in held.items()}


def expected(case: Case) -> Mapping[str, float]:
    held: dict[str, float] = {}
    for _, side, symbol, size, *_ in case.trades:
        sign = 1 if side in ("buy", "cover") else -1
        held[f"x:{symbol}"] = held.get(f"x:{symbol}", 0.0) + sign * size
    return {symbol: round(size, 9) for symbol, size in held.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_each_row_ends_as_it_is_true(case: Case) -> None:
    verdicts = judged(case.payload, case.name)
    by_line = {verdict.line: verdict for verdict in verdicts}
    truth = {trade[0]: trade for trade in case.trades}
    for line, verdict in by_line.items():
        if line in truth:
            assert same(entered(verdict), truth[line]), (verdict.status, verdict.reason)
        else:
            assert verdict.trade is None, (line, entered(verdict))
            assert verdict.reason
    assert {line: by_line[line].kind for line in case.others} == case.others
    assert {line: by_line[line].status for line in case.asked} == dict.fromkeys(case.asked, "asked")
    assert {by_line[line].status for line in case.refused} <= {"rejected"}
    assert set(by_line) == {*truth, *case.others, *case.asked, *case.refused}
    assert sum(counts(verdicts).values()) == len(verdicts)
    assert positions(verdicts) == expected(case)
    fees = [
        (b.kind, b.amount, b.currency) for b in bookings_of(verdicts) if b.text.startswith("fee")
    ]
    assert fees == [tuple(item) for item in case.ledger]


def test_nearly_all_trades_of_the_corpus_need_no_question() -> None:
    assert len(CASES) >= 30
    assert len(layouts.shipped()) >= 12
    right = every = 0
    for case in [case for case in CASES if case not in HOSTILE]:
        truth = {trade[0]: trade for trade in case.trades}
        for verdict in judged(case.payload, case.name):
            every += verdict.line in truth or verdict.status == "asked"
            right += verdict.line in truth and same(entered(verdict), truth[verdict.line])
    assert right >= 0.9 * every > 0


@pytest.mark.parametrize("layout", layouts.shipped(), ids=lambda layout: layout.name)
def test_every_profile_is_found_by_its_headings_and_by_none_else(layout: layouts.Layout) -> None:
    assert layouts.find(sorted(layout.headings)) == layout
    assert layouts.find(sorted(layout.headings)[1:]) != layout


def test_what_is_kept_for_the_ledger_has_its_kind_day_and_money() -> None:
    kept = bookings_of(judged(BY_TITLE["schwab"].payload, "schwab.csv"))
    found = [(b.kind, str(b.at)[:10], b.symbol, b.amount, b.currency) for b in kept]
    assert ("dividend", "2024-02-15", "x:AAPL", 24.0, "USD") in found
    assert ("transfer", "2024-01-02", None, 20_000.0, "USD") in found
    assert len({b.key for b in kept}) == len(kept)


# Names that alone say what is under them: cancelled rows, contracts, thousands, an order's fills.
ALONE = (
    "Makuleringsdatum",
    "Makuleringsdato",
    "Cancelled",
    "Multiplier",
    "Strike",
    "Expiry",
    "Right",
    "Strike Price",
    "Qty ('000)",
    "Stück in Tsd.",
    "Lots",
    "LevelOfDetail",
    "Expiration",
    "Fee (bps)",
    "Commission %",
    "Reject reason",
    "Mercado",
)
NONSENSE = ("zork", "blim", "quax", "frop", "wib", "drun", "plech", "mofe", "gral", "snit")


SWAPPED = str.maketrans(".,", ",.")
DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?=$|[ T,])")
# Of year, month and day.
DATES = (None, "{2}/{1}/{0}", "{1}/{2}/{0}", "{2}.{1}.{0}", "{0}/{1}/{2}", "{2}-{1}-{0}")


def said_otherwise(cell: str | None, *, swaps: bool, dates: str | None) -> str:
    """A cell with the decimal marks of another country, or a date in another order."""
    text = " ".join((cell or "").split())
    if found := DAY.match(text):
        return text if dates is None else dates.format(*found.groups()) + text[found.end() :]
    is_figure = swaps and is_number(text) and not is_date(text)
    return text.translate(SWAPPED) if is_figure else text


def rewritten(
    case: Case, renamed: frozenset[int], order: list[int], *, swaps: bool, dates: str | None
) -> bytes | None:
    """The file with some headings made nonsense, its rows in another order, its marks changed."""
    table = tabulate(read_grid(case.payload, case.name))
    if table.others or any("of " in name for name in table.names):
        return None
    names = [
        f"{NONSENSE[at % 10]}{at}"
        if at in renamed and name not in ALONE
        else name.removesuffix(" 2")
        for at, name in enumerate(table.names)
    ]
    rows = [
        table.rows[at % len(table.rows)][1]
        for at in dict.fromkeys(
            place % len(table.rows) for place in (*order, *range(len(table.rows)))
        )
    ]
    lines = [names, *rows]
    return "\n".join(
        "\t".join(said_otherwise(cell, swaps=swaps, dates=dates) for cell in cells)
        for cells in lines
    ).encode()


@settings(
    max_examples=tiers.amount("DISGUISES", day=1_500, night=15_000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.sampled_from(CASES),
    st.frozensets(st.integers(0, 25), max_size=6),
    st.lists(st.integers(0, 9), max_size=8),
    st.booleans(),
    st.sampled_from(DATES),
)
def test_a_file_in_disguise_means_the_same_or_is_asked(
    case: Case, renamed: frozenset[int], order: list[int], swaps: bool, dates: str | None
) -> None:
    # What makes it ask or refuse may be the headings themselves: those of an exchange, of orders.
    hidden = frozenset[int]() if case.asked or case.refused else renamed
    payload = rewritten(case, hidden, order, swaps=swaps, dates=dates)
    if payload is None:
        return
    try:
        verdicts = judged(payload, "disguised.csv")
    except UploadError:
        return
    truth = [(*trade[1:6], trade[7]) for trade in case.trades]
    for verdict in verdicts:
        found = entered(verdict)
        if found is not None:
            seen = (*found[1:6], found[7])
            assert any(same(seen, trade) for trade in truth), (found, payload.decode())


def test_days_of_settlement_contradict_the_order_of_a_language() -> None:
    """Norwegians write the day first, but not where each trade would settle months later."""
    case = next(case for case in CASES if case.title == "nordnet_no")
    for dates, word in (("{1}/{2}/{0}", "asked"), ("{2}/{1}/{0}", "accepted")):
        payload = rewritten(case, frozenset(), [], swaps=False, dates=dates)
        assert payload is not None
        statuses = [verdict.status for verdict in judged(payload, "disguised.csv")]
        assert statuses.count(word) == len(case.trades), dates


def test_cash_that_moved_goes_to_the_ledger_and_a_balance_does_not() -> None:
    """A payment by card has a day and an amount; a line of cash among positions has no day."""
    case = BY_TITLE["trade_republic"]
    (paid,) = (v for v in judged(case.payload, case.name) if v.kind == "cash")
    assert paid.booking is not None
    assert (paid.booking.kind, paid.booking.amount) == ("transfer", -20.0)
    text = b"Date,Type,Symbol,Quantity,Price,Amount\n,Cash,USD,,,500\n2026-01-05,buy,AAPL,1,2,2\n"
    cash = [v for v in judged(text, "positions.csv") if v.kind == "cash"]
    assert [v.booking for v in cash] == [None]
