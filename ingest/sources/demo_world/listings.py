"""What is quoted beside shares: invented goods and coins, and pairs of real currencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ingest.sources.demo_world.draws import uniforms
from ingest.sources.demo_world.issuers import SECTORS
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import day_number


@dataclass(frozen=True, slots=True)
class Index:
    """The world (no sector) or one sector."""

    symbol: str
    name: str
    sector: int | None


@dataclass(frozen=True, slots=True)
class Commodity:
    """A continuous future."""

    symbol: str
    name: str
    family: str
    price: float
    decimals: int
    vol: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Base and quote currency, with what one unit of each is worth in dollars in 2005."""

    base: str
    quote: str
    base_usd: float
    quote_usd: float

    @property
    def symbol(self) -> str:
        """The global id."""
        return f"demo:{self.base}{self.quote}"

    @property
    def decimals(self) -> int:
        """The usual price grid."""
        return 3 if self.base_usd / self.quote_usd > 20 else 5


@dataclass(frozen=True, slots=True)
class Coin:
    """`listed` is a day since 1970."""

    symbol: str
    name: str
    price: float
    decimals: int
    vol: float
    listed: int
    turnover: float


_FAMILIES = (
    ("Energy", ("Crude", "Naphtha", "Gas", "Coal", "Diesel", "Uranium", "Peat", "Ethanol")),
    ("Metals", ("Copper", "Zinc", "Nickel", "Tin", "Iron", "Cobalt", "Lead", "Lithium")),
    ("Precious", ("Gold", "Silver", "Platinum", "Palladium")),
    ("Grains", ("Wheat", "Maize", "Soya", "Rice", "Oats", "Barley")),
    ("Softs", ("Coffee", "Cocoa", "Sugar", "Cotton")),
)
_PLACES = ("Northmarch", "Southmere")
_USD = {
    **{"USD": 1.0, "EUR": 1.25, "GBP": 1.75, "JPY": 0.0095, "CHF": 0.82, "CAD": 0.83},
    **{"AUD": 0.77, "NZD": 0.70, "SEK": 0.135, "NOK": 0.16, "DKK": 0.168, "PLN": 0.31},
    **{"CZK": 0.042, "HUF": 0.005, "TRY": 0.70, "ZAR": 0.155, "MXN": 0.092, "BRL": 0.42},
    **{"CNY": 0.123, "KRW": 0.00098, "INR": 0.0228, "SGD": 0.60, "THB": 0.0251},
}
_PAIRS = (
    *("EURUSD", "USDJPY", "GBPUSD", "USDCNY", "USDCAD", "EURGBP"),
    *("AUDUSD", "USDCHF", "NZDUSD", "EURJPY", "GBPJPY", "EURCHF", "USDSEK", "USDNOK", "USDDKK"),
    *("USDPLN", "USDCZK", "USDHUF", "USDTRY", "USDZAR", "USDMXN", "USDBRL", "USDKRW", "USDINR"),
    *("USDSGD", "USDTHB", "AUDJPY", "EURSEK", "EURNOK", "EURPLN"),
)
_COIN_WORDS = (
    *("Bitfable", "Etherean", "Solunar", "Dogged", "Cardamom", "Polkadash", "Ripplet", "Tronic"),
    *("Litelore", "Chainlore", "Avalonch", "Stellarium", "Moneroid", "Cosmical", "Uniswoop"),
    *("Filofax", "Algorhythm", "Vechair", "Tezzle", "Eoscope"),
)


def indices_of() -> tuple[Index, ...]:
    """The world's index first, then one per sector."""
    world = Index("demo:WORLD", "Demo World Index", None)
    sectors = [
        Index(f"demo:IX-{sector.upper().replace(' ', '-')}", f"Demo {sector} Index", number)
        for number, sector in enumerate(SECTORS)
    ]
    return (world, *sectors)


def commodities_of(spec: Spec) -> tuple[Commodity, ...]:
    """Thirty goods in two grades each."""
    goods = [(family, good) for family, names in _FAMILIES for good in names]
    # One of each family in turn, so that a small world has them all.
    turns = sorted(
        range(len(goods)),
        key=lambda at: (
            [good for family, good in goods if family == goods[at][0]].index(goods[at][1]),
            at,
        ),
    )
    chosen = [(goods[at], place) for place in _PLACES for at in turns][: spec.scale.commodities]
    return tuple(_commodity(spec, family, good, place) for (family, good), place in chosen)


def _commodity(spec: Spec, family: str, good: str, place: str) -> Commodity:
    symbol = f"demo:{good.upper()}-{place[0]}"
    luck = uniforms(spec.seed, f"commodity {symbol}", 3)
    scale = (3.0, 60.0, 900.0, 4000.0)[int(luck[0] * 4)]
    return Commodity(
        symbol,
        f"{place} {good}",
        family,
        round(scale * (0.6 + luck[1]), 2),
        2 if scale > 10 else 4,
        0.007 + 0.009 * luck[2],
    )


def pairs_of(spec: Spec) -> tuple[Pair, ...]:
    """Thirty pairs."""
    names = _PAIRS[: spec.scale.pairs]
    return tuple(Pair(name[:3], name[3:], _USD[name[:3]], _USD[name[3:]]) for name in names)


def dollar_worth() -> dict[str, float]:
    """What one unit of each currency was worth in dollars in 2005."""
    return dict(_USD)


def coins_of(spec: Spec) -> tuple[Coin, ...]:
    """Coins and their forks, listed one after another from 2012 on."""
    names = [*_COIN_WORDS, *(f"{word} Classic" for word in _COIN_WORDS)]
    return tuple(_coin(spec, number, names[number]) for number in range(spec.scale.coins))


def _coin(spec: Spec, number: int, name: str) -> Coin:
    fork = "C" if name.endswith("Classic") else ""
    ticker = f"{name[:4].upper()}{fork}"
    luck = uniforms(spec.seed, f"coin {ticker}", 3)
    scale = (0.05, 1.0, 30.0, 400.0)[int(luck[0] * 4)]
    listed = date(2012, 1, 1) + timedelta(days=int(number * 75))
    return Coin(
        f"demo:{ticker}USD",
        name,
        round(scale * (0.5 + luck[1]), 4),
        2 if scale > 100 else 4 if scale > 1 else 6,
        0.018 + 0.022 * luck[2],
        day_number(listed),
        round(5e5 / scale, 0) * 10,
    )
