"""The list of lines of accounts: right by itself, and refused by number where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.concepts import COLUMNS, STATEMENTS, concepts, concepts_by_tag
from data.errors import ConfigError
from ingest.sources.demo_world.statements import FLOWS, STOCKS

LINE = "Revenues,Revenue,income,duration,money,Revenues,Revenue,-"


def test_the_four_words_for_revenue_mean_one_line_in_order() -> None:
    tags = concepts_by_tag("us-gaap")
    contract = "RevenueFromContractWithCustomer"
    revenue = ("Revenues", *(f"{contract}{how}AssessedTax" for how in ("Excluding", "Including")))
    words = (*revenue, "SalesRevenueNet")
    assert [tags[word] for word in words] == [(("Revenues", place),) for place in range(4)]
    assert concepts_by_tag("ifrs-full")["Revenue"] == (("Revenues", 0),)
    assert "EntityCommonStockSharesOutstanding" in concepts_by_tag("dei")


def test_the_demo_world_states_lines_of_the_list() -> None:
    found = concepts()
    assert all(not found[name].is_instant for name in FLOWS)
    assert all(found[name].is_instant for name in STOCKS)
    assert {line.statement for line in found.values()} == set(STATEMENTS)


def test_an_instant_is_never_a_line_of_income_or_of_cash() -> None:
    for line in concepts().values():
        if line.statement != "shares":
            assert line.is_instant == (line.statement == "balance"), line.concept
        assert line.us_gaap or line.ifrs_full or line.dei


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["concept,label"], "expected the columns"),
        ([",".join(COLUMNS), LINE, LINE], r"list.csv:3: 'Revenues' stands there twice"),
        ([",".join(COLUMNS), LINE.replace("income", "profit")], "list.csv:2: statement 'profit'"),
        ([",".join(COLUMNS), LINE.rsplit(",", 1)[0]], "expected 8 filled columns"),
    ],
)
def test_a_wrong_line_is_refused(tmp_path: Path, lines: list[str], reason: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        concepts(path)
    with pytest.raises(ConfigError, match="cannot read"):
        concepts(tmp_path / "absent.csv")
