"""Which codes of reporters and partners are countries, and which stand for something else.

The World is no partner; areas that are not specified are kept as lines of their own; a group of
countries that reports beside its members is never added to them. `S19`, Other Asia, is a partner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.errors import ConfigError
from data.query import Answer, At

WORLD = ("WLD", "W00", "0")
# Areas, bunkers, free zones and special categories, as Comtrade's letters and our own have them.
UNSPECIFIED = (
    *("_X", "XX", "X1", "X2", "E19", "F19", "A19", "A49", "A59", "A79", "F49", "F97", "O19"),
    *("R20", "R91", "XBU", "XFZ", "XSP", "XNS", "XEU", "XAF", "XAM", "XNC", "XOC", "XNA"),
    *("XEE", "XCB", "XCM", "XCA", "XLA", "XEC", "XEF", "NTZ"),
)
GROUPS = ("EUR", "EU", "EU2", "EUU", "EU27", "EU28", "EUN", "ASE", "EMU", "97", "975", "R4 ", "R4")
# First and last year of membership of the European Union, from the treaties of accession; trade of
# the year of accession counts as that of a member, and the United Kingdom left with January 2020.
_JOINED = {
    1958: "BEL DEU FRA ITA LUX NLD",
    1973: "DNK GBR IRL",
    1981: "GRC",
    1986: "ESP PRT",
    1995: "AUT FIN SWE",
    2004: "CYP CZE EST HUN LTU LVA MLT POL SVK SVN",
    2007: "BGR ROU",
    2013: "HRV",
}
_LEFT = {"GBR": 2019}
EURO_UNION = "EU"


@dataclass(frozen=True, slots=True)
class Side:
    """A country, or several that are shown as one; `inside` trade of theirs is a line of its own.
    A region of the lake keeps its members as they are known, a written list those that it names."""

    name: str
    members: tuple[str, ...]

    @property
    def is_group(self) -> bool:
        """Whether it has several members."""
        return len(self.members) > 1


def bloc_members(year: int) -> tuple[str, ...]:
    """The members of the European Union in a year."""
    return tuple(
        sorted(
            code
            for joined, codes in _JOINED.items()
            for code in codes.split()
            if joined <= year <= _LEFT.get(code, year)
        )
    )


def side(at: At, text: str, year: int) -> tuple[Side, Answer | None]:
    """What `DEU`, `EU`, `DEU,FRA` or `region:South Asia` stands for, and what the lake said."""
    word = text.strip()
    if word.upper() == EURO_UNION:
        return Side(EURO_UNION, bloc_members(year)), None
    if word.startswith("region:"):
        region = word.removeprefix("region:").strip()
        told = at.sql(
            "SELECT DISTINCT country FROM countries WHERE region = $region ORDER BY country",
            region=region,
        )
        members = tuple(told.frame["country"].to_list())
        if not members:
            raise ConfigError(f"no country of the region {region[:60]!r} at this clock")
        return Side(word, members), told
    codes = tuple(sorted({part.strip().upper() for part in word.split(",") if part.strip()}))
    if not codes:
        raise ConfigError("country is empty: expected a code such as DEU, EU, or DEU,FRA")
    return Side(",".join(codes), codes), None


def members_of(at: At, text: str, years: Sequence[int]) -> tuple[pl.DataFrame, Answer | None]:
    """The members of a country or group in each of some years, and what the lake said."""
    told = None
    rows: list[tuple[int, str]] = []
    found = None
    for year in years:
        if found is None or text.strip().upper() == EURO_UNION:
            found, told = side(at, text, year)
        rows += [(year, member) for member in found.members]
    return pl.DataFrame(rows, {"year": pl.Int32, "reporter": pl.String}, orient="row"), told


def areas() -> dict[str, list[str]]:
    """The lists of codes that the queries of trade take."""
    return {"world": list(WORLD), "unspecified": list(UNSPECIFIED), "groups": list(GROUPS)}


def asked(  # noqa: PLR0913 - what restricts rows of trade
    first: int,
    last: int,
    *,
    reporters: Sequence[str] | None = None,
    partners: Sequence[str] | None = None,
    products: Sequence[str] | None = None,
    flow: str | None = None,
    level: int | None = None,
) -> dict[str, object]:
    """The parameters of `parts/trade_rows`; what is not given restricts nothing."""
    return {
        "first": first,
        "last": last,
        "reporters": None if reporters is None else list(reporters),
        "partners": None if partners is None else list(partners),
        "products": None if products is None else list(products),
        "flow": flow,
        "level": level,
        **areas(),
    }


def is_country(column: str) -> pl.Expr:
    """That a code is of a country, and not of a group."""
    return ~pl.col(column).is_in([*GROUPS, *WORLD, *UNSPECIFIED])
