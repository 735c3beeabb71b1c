"""The files that the recorded world is made of, and the one rule by which each moves its days.

A rule of no weeks and no months leaves a file as it is. Whole weeks keep the day of the week;
months are for periods, which begin with a month, a quarter or a year.
"""

from __future__ import annotations

import csv
import functools
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests import machine


@dataclass(frozen=True, slots=True)
class Move:
    """How far the days and the periods of a file are moved towards the present."""

    weeks: int = 0
    months: int = 0

    def day(self, day: date) -> date:
        return day + timedelta(weeks=self.weeks)

    def iso(self, word: str) -> str:
        """A written day."""
        return self.day(date.fromisoformat(word)).isoformat()

    def stamp(self, seconds: int, zone: str = "UTC") -> int:
        """An instant, at the same hour of its zone."""
        there = datetime.fromtimestamp(seconds, ZoneInfo(zone))
        moved = datetime.combine(self.day(there.date()), there.time(), there.tzinfo)
        return int(moved.timestamp())

    def period(self, word: str) -> str:
        """`2016-11` or the first day of a period."""
        at = int(word[:4]) * 12 + int(word[5:7]) - 1 + self.months
        return f"{at // 12:04}-{at % 12 + 1:02}{word[7:]}"


# File -> its rule; where its days are moved, where the last of them comes to lie.
MOVES: dict[str, Move] = {
    "recorded/ecb/csvdata_EXR_D..EUR.SP00.A_2026-02.csv": Move(),
    "recorded/ecb/extract_csvdata_YC_SR_10Y.csv": Move(weeks=-9),  # 20 May 2026 -> 18 Mar
    "recorded/ecb/sdmx_FM_key_rates.xml": Move(weeks=98),  # 30 Apr 2024 -> 17 Mar 2026
    "recorded/boe/iadb_csv_XUDL_2026-03.csv": Move(),
    "recorded/boj/api_v1_FM08_FXERD01_2025-01.json": Move(weeks=59),  # 31 Jan 2025 -> 20 Mar
    "recorded/imf/rms_mth_representative_rates_2026-03.tsv": Move(),
    "recorded/imf/sdmx_WEO_data.structure_specific.xml": Move(),
    "recorded/openexchangerates/latest_USD.json": Move(weeks=618),  # 10 May 2014 -> 14 Mar 2026
    "recorded/exchangerate_host/currencylayer_live_USD.json": Move(weeks=618),
    "recorded/fred/series_observations_DEXUSEU_2026-03.json": Move(),
    "recorded/fred/series_observations_DEXJPUS_2026-03.json": Move(),
    "recorded/fred/series_observations_GDP.json": Move(months=15),  # 2024Q3 -> 2025Q4
    "recorded/fred/series_GDP.json": Move(months=15),
    "recorded/eia/documented_v2_petroleum_pri_spt_RWTC.json": Move(weeks=-5),  # 20 Apr -> 16 Mar
    "recorded/bls/extract_CPI_October_2025_gap.json": Move(),
    "recorded/bls/v2_timeseries_APU0000701111_2022_calculations.json": Move(months=36),  # -> 2025
    "recorded/bea/documented_NIPA_T10101.json": Move(months=-6),  # 2026Q2 -> 2025Q4
    "recorded/us_treasury/DailyTreasuryYieldCurveRateData_2020.xml": Move(weeks=299),
    "recorded/us_treasury/daily_treasury_real_yield_curve_2026-01.xml": Move(weeks=10),
    "recorded/bis/documented_csv_WS_CBPOL_M.csv": Move(months=-6),  # Aug -> Feb 2026
    "recorded/bis/extract_csv_WS_EER_M_N_B_CN.csv": Move(months=-3),  # May -> Feb 2026
    "recorded/bis/quoted_csv_BIS_REL_CAL_labels_both.csv": Move(),
    # Aug -> Feb 2026, published on 17 Mar
    "recorded/eurostat/documented_statistics_1.0_prc_hicp_minr_IT_provisional.json": Move(
        months=-6
    ),
    "recorded/oecd/sdmx_v1_csv_DF_KEI_GBR_IRLT.csv": Move(months=25),  # Jan 2024 -> Feb 2026
    # Plans for the coming autumn stay where they are.
    "recorded/release_calendars/documented_bls.ics": Move(),
    "recorded/release_calendars/documented_bea_online-calendar-subscription.ics": Move(),
    "recorded/release_calendars/documented_eurostat_eventsJson.json": Move(),
    "recorded/release_calendars/documented_fed_calendar.json": Move(),
    "recorded/worldbank/v2_FI.RES.TOTL.MO_multi_country.json": Move(),
    "recorded/worldbank/decoded_v2_country_data_array.json": Move(),
    "recorded/pink_sheet/derived_Monthly_Prices_vintage_2026-03-03.csv": Move(),
    "recorded/binance/rest_klines_BTCUSDT_1m.json": Move(weeks=230),  # 22 Oct 2021 -> 20 Mar
    "recorded/binance/rest_exchangeInfo.json": Move(),
    "recorded/coingecko/example_coins_markets.json": Move(),
    "recorded/yahoo_chart/v8_chart_AAPL_2020-08_to_11.json": Move(weeks=280),  # 6 Nov -> 20 Mar
    "recorded/yahoo_chart/v8_chart_NVDA_split_2021.json": Move(weeks=216),  # 28 Jan -> 20 Mar
    "recorded/yahoo_chart/v8_chart_BZ=F.json": Move(weeks=-20),  # 5 Aug -> 18 Mar 2026
    "recorded/yahoo_chart/v8_chart_EURUSD=X.json": Move(weeks=324),  # 3 Jan 2020 -> 20 Mar 2026
    "recorded/yahoo_chart/v8_chart_GC=F.json": Move(weeks=324),
    "recorded/yahoo_chart/v8_chart_BTC-USD.json": Move(weeks=324),
    "recorded/yahoo_chart/v8_chart_OCDO.L_GBp.json": Move(weeks=324),
    "recorded/yahoo_chart/v8_chart_WSU.DE.json": Move(weeks=136),  # 8 Aug 2023 -> 17 Mar 2026
    "recorded/yahoo_chart/v8_chart_INRX_with_null.json": Move(weeks=453),
    "recorded/alpha_vantage/TIME_SERIES_DAILY_IBM.json": Move(weeks=270),  # 11 Jan -> 16 Mar
    "recorded/alpha_vantage/FX_DAILY_EUR_AUD.json": Move(weeks=270),
    "recorded/alpha_vantage/OVERVIEW_IBM.json": Move(),
    "recorded/marketstack/documented_v2_eod.json": Move(weeks=76),  # 27 Sep 2024 -> 13 Mar 2026
    "recorded/central_bank_rss/fed_feed.xml": Move(weeks=-21),
    "recorded/central_bank_rss/ecb_feed.xml": Move(weeks=-21),  # 13 Aug -> 19 Mar 2026
    "recorded/central_bank_rss/boe_feed.xml": Move(weeks=-21),
    "recorded/central_bank_rss/boj_feed.xml": Move(weeks=-21),
    "real/btc_daily_2017_2019H1.csv": Move(weeks=351),  # 30 Jun 2019 -> 22 Mar 2026
    "real/sp500_daily_1999_2009.csv": Move(weeks=846),  # 31 Dec 2009 -> 19 Mar 2026
    "real/vix_daily_1990_2012.csv": Move(weeks=689),  # 31 Dec 2012 -> 16 Mar 2026
    "real/wti_daily_1986_2012.csv": Move(weeks=689),
    "real/fang_daily_fb_amzn_2013_2016.csv": Move(weeks=481),  # 30 Dec 2016 -> 20 Mar 2026
    "real/us_vintages_2016.csv": Move(weeks=483, months=111),  # 16 Dec 2016 -> 20 Mar 2026
    "real/fred_md_a.csv": Move(months=29),  # Sep 2023 -> Feb 2026
    "real/wb_gdp_g20.csv": Move(months=12),  # 2023 -> 2024
    "real/wb_cpi_inflation_g20.csv": Move(),
    "real/comtrade_chn_exports_2012_2022.csv": Move(months=24),  # 2022 -> 2024
    "real/comtrade_usa_imports_2018_2022.csv": Move(months=24),
}


@functools.cache
def raw(name: str) -> bytes:
    """A file of the reference material that has a rule."""
    assert name in MOVES, f"{name} has no rule in MOVES"
    return (machine.require("shared") / name).read_bytes()


@functools.cache
def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(raw(name).decode("utf-8-sig").splitlines()))


def document(name: str) -> Any:
    """A JSON document, read anew so that an answer may change it."""
    return json.loads(raw(name))


@functools.cache
def beside(name: str) -> bytes:
    """A refusal as it was recorded; it has no days to move."""
    return (machine.require("shared") / "recorded" / name).read_bytes()
