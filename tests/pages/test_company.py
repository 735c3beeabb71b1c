"""The Company page: figures of the filings by hand, readings before and after a restatement."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from tests.pages import browse, company_rows, world

DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]
LAST = DAYS[-1].year - 1
FACTS = company_rows.facts(DAYS, "demo")
AGAIN = next(row for row in FACTS if row["accession"].endswith("000099"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for all tests: nothing here writes."""
    return world.build(tmp_path_factory.mktemp("company"))


def shown(settings: Settings, **query: str) -> str:
    app = browse.visit(settings, "company", **{"by": "quarter", **query})
    assert not app.exception
    cells = re.sub(r"</t[dh]>", " | ", browse.text(app))
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cells)))


def test_a_quarter_is_what_was_filed(settings: Settings) -> None:
    text = shown(settings)
    assert f"{company_rows.revenue(LAST - 1, 4) / 1e6:,.2f}" in text
    assert "USD mn" in text
    assert "Revenue" in text


def test_a_restatement_is_there_from_its_filing_on(settings: Settings) -> None:
    before = f"{AGAIN['value'] / company_rows.RESTATED_BY / 1e6:,.2f}"
    after = f"{AGAIN['value'] / 1e6:,.2f}"
    moment = AGAIN["known_at"]
    early = shown(settings, as_of=iso(moment - timedelta(seconds=1)))
    late = shown(settings, as_of=iso(moment))
    assert before in early
    assert after not in early
    assert f"{after} R" in late
    first = shown(settings, as_of=iso(moment), reading="first")
    assert before in first


def test_a_figure_has_its_readings_and_filings(settings: Settings) -> None:
    text = shown(settings, line="Revenues", end=str(AGAIN["period_end"]))
    for accession in (AGAIN["accession"], f"0000000001-{AGAIN['period_end']:%y}-"):
        assert accession in text
    assert "Before the last change" in text


def test_growth_and_common_size_have_no_figure_without_a_base(settings: Settings) -> None:
    size = shown(settings, statement="income", **{"as": "size"})
    assert "100.0 %" in size
    assert "10.0 %" in size
    balance = shown(settings, statement="balance", **{"as": "size"})
    assert "60.0 %" in balance


def test_unknown_words_of_the_address_are_said(settings: Settings) -> None:
    assert "No company 'nobody' is known" in shown(settings, id="nobody")
    assert "There is no statement named" in shown(settings, statement="?")


def test_no_company_is_known_before_the_first(settings: Settings) -> None:
    assert "was known at" in shown(settings, as_of="1999-01-04T12:00Z")


def test_ratios_are_those_of_the_lines_and_say_why_there_is_none(settings: Settings) -> None:
    text = shown(settings, view="ratios")
    values = [company_rows.revenue(LAST, quarter) for quarter in (1, 2, 3, 4)]
    stands = 100 * 0.1 * sum(values) / (sum(values) + 0.1 * values[0])
    assert re.search(rf"Net margin \| {stands:.2f} \| % \| 10\.00 \| 10\.00", text)
    assert re.search(r"Equity to assets \| 40\.00 \| % \|", text)
    assert "a line that it needs is not stated" in text
    assert "no price" in text


def test_a_company_with_one_quarter_has_the_reason_of_each_ratio(tmp_path: Path) -> None:
    """Of a company that is just listed no twelve months are known."""
    settings = world.build(tmp_path)
    lake, young = Lake(settings.lake, workspace="demo"), {"company": "demo:young"}
    about = [row | young for row in company_rows.companies(DAYS[0], "demo")]
    lake.upsert("companies", world.rows("companies", about))
    revenue = next(row for row in FACTS if row["concept"] == "Revenues")
    lake.upsert("fundamentals", world.rows("fundamentals", [revenue | young]))
    text = shown(settings, view="ratios", id="demo:young")
    assert "no accounts of twelve months; no price." in text
    assert "not foreseen" not in text


def test_the_screen_has_every_company_with_the_reason_of_a_dash(settings: Settings) -> None:
    app = browse.visit(settings, "companies", columns="revenue,pe")
    assert not app.exception
    page = browse.text(app)
    assert "Invented &lt;b&gt;Works&lt;/b&gt;" in page
    values = [company_rows.revenue(LAST, quarter) for quarter in (1, 2, 3, 4)]
    assert f"{(sum(values) + 0.1 * values[0]) / 1e6:,.0f}" in page
    assert 'title="no price at this clock"' in page
    assert "1 companies" not in page
    narrowed = browse.text(browse.visit(settings, "companies", sector="Manufacturing"))
    assert "1 company" in narrowed


def test_revenue_by_place_adds_up_with_what_is_not_disclosed(settings: Settings) -> None:
    text = shown(settings, view="places")
    assert "United States | 600 | 60.0" in text
    assert "Germany | 300 | 30.0" in text
    assert "Not disclosed | 100 | 10.0" in text
    assert "Total | 1,000 | 100.0" in text
    assert f"(HHI) {1e4 * ((2 / 3) ** 2 + (1 / 3) ** 2):,.0f}" in text
    early = shown(settings, view="places", as_of=iso(DAYS[150] - timedelta(seconds=1)))
    assert "United States | 600" not in early


def test_new_debt_is_cash_and_interest_and_the_balance_holds(settings: Settings) -> None:
    """Forty million at five percent: interest of two, 21 % of it saved as tax, the rest in cash."""
    text = shown(settings, view="simulate", debt="40", rate="5")

    def row(label: str) -> list[float]:
        found = re.search(rf"{label} \| ([\d.,]+) \| ([\d.,]+) ", text)
        assert found
        return [float(number.replace(",", "")) for number in found.groups()]

    assets, debts, equity = (
        row("Total assets"),
        row("Total liabilities"),
        row("Shareholders' equity"),
    )
    assert debts[1] - debts[0] == pytest.approx(40.0)
    assert equity[1] - equity[0] == pytest.approx(-2.0 * (1 - 0.21), abs=0.011)
    assert assets[1] == pytest.approx(debts[1] + equity[1], abs=0.011)
    assert "is no number from" in shown(settings, view="simulate", debt="-4")


def test_the_head_says_what_the_company_is(settings: Settings) -> None:
    page = browse.text(browse.visit(settings, "company"))
    text = shown(settings)
    for word in (
        "Manufacturing",
        "United States",
        "Accounts in USD",
        "31 Dec",
        "Accelerated filer",
    ):
        assert word in text
    assert "Makes &lt;b&gt;things&lt;/b&gt;." in page
    assert 'href="https://works.invalid/" target="_blank" rel="noopener noreferrer"' in page


def test_a_filing_is_in_the_list_from_its_acceptance_on(settings: Settings) -> None:
    moment, accession = AGAIN["known_at"], AGAIN["accession"]
    early = shown(settings, view="filings", as_of=iso(moment - timedelta(seconds=1)))
    late = shown(settings, view="filings", as_of=iso(moment))
    assert accession not in early
    assert re.search(rf"10-Q/A \| Quarterly report, amended \|.*Amendment \| {accession}", late)
    assert "was public at this clock" in shown(
        settings, view="filings", filing=accession, as_of=iso(moment - timedelta(seconds=1))
    )


def test_an_evening_filing_is_public_the_next_morning_only(settings: Settings) -> None:
    morning = DAYS[200]
    early = shown(settings, view="filings", as_of=iso(morning - timedelta(seconds=1)))
    late = shown(settings, view="filings", as_of=iso(morning))
    words = "Directors or officers (5.02) | Accepted the evening before"
    assert words not in early
    assert words in late
    assert "Item not in the list (9.99)" in late
    assert "Hour not known: end of the filing day; an item is not in the list" in late


def test_filings_are_narrowed_by_form_and_item(settings: Settings) -> None:
    results = shown(settings, view="filings", item="2.02")
    assert "Results of operations (2.02); statements and exhibits (9.01)" in results
    assert "Quarterly report" not in results
    annual = shown(settings, view="filings", form="10-K")
    assert "Annual report" in annual
    assert "Current report" not in annual
    assert "There is no form named" in shown(settings, view="filings", form="?")


def test_links_lead_to_the_filing_and_to_edgar_alone(settings: Settings) -> None:
    page = browse.text(browse.visit(settings, "company", view="filings"))
    assert f'href="{company_rows.document(AGAIN["accession"])}"' in page
    assert "javascript" not in page
    figure = {"by": "quarter", "line": "Revenues", "end": str(AGAIN["period_end"])}
    page = browse.text(browse.visit(settings, "company", **figure))
    to = re.search(rf'href="(company\?[^"]*filing={AGAIN["accession"]}[^"]*)"', unescape(page))
    assert to and "view=filings" in to[1] and "line=" not in to[1]
    text = shown(settings, view="filings", filing=AGAIN["accession"])
    assert f"Accession {AGAIN['accession']}. Amendment. All filings · Statements · Document" in text


def test_the_calendar_marks_estimates(settings: Settings) -> None:
    """Two first quarters are known, each report some 70 days after its end: a third is expected."""
    text = shown(settings, view="calendar")
    assert re.search(r"Results \(8-K\) \| estimate(, overdue)? \| 31 Dec \d{4}", text)
    assert re.search(r"median \d\d days after period end, \d years?", text)
    assert "nobody announced these dates" in text
    moment = AGAIN["known_at"] - timedelta(days=90)  # the first filing of that quarter
    quarter = rf"Quarterly report \| {AGAIN['period_end']:%d %b %Y} \|"
    early = shown(settings, view="calendar", as_of=iso(moment - timedelta(seconds=1)))
    assert not re.search(quarter, early)
    assert re.search(quarter, shown(settings, view="calendar", as_of=iso(moment)))


def test_the_calendar_of_a_watchlist(settings: Settings) -> None:
    text = shown(settings, view="calendar", list=world.LIST)
    assert f"companies of {world.LIST}, by day" in text
    assert "There is no list named" in shown(settings, view="calendar", list="Made later")
