"""Hosts of figures: FRED with its vintages, the Treasury, the BIS, the World Bank and Comtrade."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from typing import Any

from ingest.lists import listed
from tests.ingest import pink_sheets
from tests.recorded_world.currencies import said
from tests.recorded_world.hosts import Answer, Ask
from tests.recorded_world.material import MOVES, beside, document, raw, table

VINTAGES = "real/us_vintages_2016.csv"
MONTHLY = "real/fred_md_a.csv"
GDP = "recorded/fred/series_observations_GDP.json"
ABOUT_GDP = "recorded/fred/series_GDP.json"
DAILY = {
    "VIXCLS": ("real/vix_daily_1990_2012.csv", "DATE", "CLOSE"),
    "DCOILWTICO": ("real/wti_daily_1986_2012.csv", "Date", "Price"),
}
SPOT = {
    "DEXUSEU": "recorded/fred/series_observations_DEXUSEU_2026-03.json",
    "DEXJPUS": "recorded/fred/series_observations_DEXJPUS_2026-03.json",
}
RELEASE_OF = {
    "GDPC1": "53",
    "CPIAUCSL": "10",
    "INDPRO": "13",
    "RSAFS": "9",
    "HOUST": "27",
    "PAYEMS": "50",
    "UNRATE": "50",
}
CURVES = {
    "daily_treasury_yield_curve": "recorded/us_treasury/DailyTreasuryYieldCurveRateData_2020.xml",
    "daily_treasury_real_yield_curve": (
        "recorded/us_treasury/daily_treasury_real_yield_curve_2026-01.xml"
    ),
}
POLICY = "recorded/bis/documented_csv_WS_CBPOL_M.csv"
EFFECTIVE = "recorded/bis/extract_csv_WS_EER_M_N_B_CN.csv"
RESERVES = "recorded/worldbank/v2_FI.RES.TOTL.MO_multi_country.json"
ECONOMIES = "recorded/worldbank/decoded_v2_country_data_array.json"
ANNUAL = {
    "NY.GDP.MKTP.CD": ("real/wb_gdp_g20.csv", "Country Name", "Value", "GDP (current US$)"),
    "FP.CPI.TOTL.ZG": (
        "real/wb_cpi_inflation_g20.csv",
        "Country",
        "Inflation",
        "Inflation, consumer prices (annual %)",
    ),
}
FLOWS = {
    "156": "real/comtrade_chn_exports_2012_2022.csv",
    "842": "real/comtrade_usa_imports_2018_2022.csv",
}
PINK_SHEET = "recorded/pink_sheet/derived_Monthly_Prices_vintage_2026-03-03.csv"
ALL, FOREVER = "1776-07-04", "9999-12-31"


def fred(ask: Ask) -> Answer:
    """Observations with the vintages there are, descriptions, and the days of releases."""
    query = dict(ask.query)
    if ask.path == "/fred/release/dates":
        return release_dates(query, ask)
    if ask.path == "/fred/series":
        return described(query["series_id"], ask)
    if ask.path != "/fred/series/observations":
        return Answer(beside("fred/quoted_error_400_series_does_not_exist.json"), 400)
    rows = observations(query["series_id"], ask)
    if rows is None:
        return Answer(beside("fred/quoted_error_400_series_does_not_exist.json"), 400)
    first, last = query.get("realtime_start", ""), query.get("realtime_end", FOREVER)
    since = query.get("observation_start", "")
    kept = [
        row
        for row in rows
        if row["date"] >= since and row["realtime_start"] <= last and row["realtime_end"] >= first
    ]
    return said(
        document(GDP)
        | {
            "realtime_start": first or str(ask.today),
            "realtime_end": last if first else str(ask.today),
            "count": len(kept),
            "limit": 100000,
            "observations": kept,
        }
    )


def observations(name: str, ask: Ask) -> list[dict[str, str]] | None:
    """Rows as FRED gives them, none of a day that is still to come."""
    today = ask.today.isoformat()
    if name in SPOT:
        return [row for row in document(SPOT[name])["observations"] if row["date"] < today]
    if name in DAILY:
        file, day, value = DAILY[name]
        found = [(MOVES[file].iso(row[day]), row[value]) for row in table(file)]
        return [plain(when, number, today) for when, number in found if when < today]
    if name == "GDP":
        given = document(GDP)["observations"]
        return [row | {"date": MOVES[GDP].period(row["date"])} | now(today) for row in given]
    if name in RELEASE_OF:
        return vintages(name, today)
    if name in table(MONTHLY)[0] and name in listed("fred", "id"):
        return [
            plain(MOVES[MONTHLY].period(row["date"]), row[name] or ".", today)
            for row in table(MONTHLY)
        ]
    return None


def plain(day: str, value: str, today: str) -> dict[str, str]:
    """A row of which only today's value is known."""
    return {"date": day, "value": value} | now(today)


def now(today: str) -> dict[str, str]:
    """The vintage that a plain answer echoes."""
    return {"realtime_start": today, "realtime_end": today}


def vintages(name: str, today: str) -> list[dict[str, str]]:
    """Each value from the day it was printed to the day before the next."""
    by_period: dict[str, list[tuple[str, str]]] = {}
    for row in table(VINTAGES):
        printed = MOVES[VINTAGES].iso(row["vintage_date"])
        if row["series_id"] == name and printed <= today:
            period = quarter_of(name, MOVES[VINTAGES].period(row["ref_date"]))
            by_period.setdefault(period, []).append((printed, row["value"]))
    found = []
    for period, prints in sorted(by_period.items()):
        ends = [day_before(start) for start, _ in prints[1:]] + [FOREVER]
        found += [
            {"realtime_start": start, "realtime_end": end, "date": period, "value": value}
            for (start, value), end in zip(prints, ends, strict=True)
        ]
    return found


def quarter_of(name: str, period: str) -> str:
    """The file dates a quarter by its last month, FRED by its first."""
    if name != "GDPC1":
        return period
    month = int(period[5:7])
    return f"{period[:5]}{month - (month - 1) % 3:02}-01"


def day_before(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() - 1).isoformat()


def release_dates(query: dict[str, str], ask: Ask) -> Answer:
    """The days on which a series of the release was printed; ahead of today they are announced."""
    names = [name for name, release in RELEASE_OF.items() if release == query["release_id"]]
    first, whole = query.get("realtime_start", ALL), "true"
    is_ahead = query["include_release_dates_with_no_data"] == whole
    days = {
        MOVES[VINTAGES].iso(row["vintage_date"])
        for row in table(VINTAGES)
        if row["series_id"] in names and row["vintage_date"] > "2016-06-29"
    }
    kept = sorted(d for d in days if d >= first and (is_ahead or d <= ask.today.isoformat()))
    return said(
        {
            "realtime_start": first,
            "realtime_end": FOREVER,
            "order_by": "release_date",
            "sort_order": "asc",
            "count": len(kept),
            "offset": 0,
            "limit": 10000,
            "release_dates": [{"release_id": int(query["release_id"]), "date": d} for d in kept],
        }
    )


def described(name: str, ask: Ask) -> Answer:
    """GDP as recorded; a series of the files in the same form, in the words of our own list."""
    answer = document(ABOUT_GDP)
    (about,) = answer["seriess"]
    if name != "GDP":
        ours = listed("fred", "id")[name]
        if observations(name, ask) is None:
            return Answer(beside("fred/quoted_error_400_series_does_not_exist.json"), 400)
        about |= {
            "id": name,
            "title": ours["title"],
            "units": ours["unit"],
            "frequency_short": ours["frequency"][0].upper(),
            "seasonal_adjustment_short": ours["adjustment"].upper(),
        }
    return said(answer | {"seriess": [about | now(ask.today.isoformat())]})


def treasury(ask: Ask) -> Answer:
    """The curve of a year, an entry per day."""
    name = CURVES[ask.query["data"]]
    text = raw(name).decode("utf-8-sig")
    year, today = ask.query["field_tdr_date_value"], ask.today.isoformat()

    def kept(found: re.Match[str]) -> str:
        day = re.search(r"(?<=>)\d{4}-\d\d-\d\d(?=T00:00:00)", found.group(0))
        moved = MOVES[name].iso(day.group(0)) if day else ""
        if not day or not moved.startswith(year) or moved > today:
            return ""
        return found.group(0).replace(f"{day.group(0)}T", f"{moved}T", 1)

    return Answer(re.sub(r"<entry\b.*?</entry>", kept, text, flags=re.DOTALL).encode())


def bis(ask: Ask) -> Answer:
    """The documented rows of the places asked for, one effective exchange rate, the calendar."""
    if "BIS_REL_CAL" in ask.path:
        return Answer(raw("recorded/bis/quoted_csv_BIS_REL_CAL_labels_both.csv"))
    if "WS_CBPOL" not in ask.path:
        head, *lines = raw(EFFECTIVE).decode().splitlines()
        is_asked = ask.last.startswith("M.N.B.") and "CN" in ask.last.split("+")
        moved = [re.sub(r"\d{4}-\d\d", lambda f: MOVES[EFFECTIVE].period(f[0]), x) for x in lines]
        return Answer("\r\n".join([head, *(moved if is_asked else []), ""]).encode())
    places = ask.last.removeprefix("M.").split("+")
    head, *lines = raw(POLICY).decode().splitlines()
    month = re.compile(r"(?<=,)\d{4}-\d\d(?=,)")
    moved = [month.sub(lambda f: MOVES[POLICY].period(f.group(0)), line) for line in lines]
    since = ask.query.get("startPeriod", "")
    kept = [
        line
        for line in moved
        if line.split(",")[1] in places and (month.findall(line) or [""])[0] >= since
    ]
    return Answer("\n".join([head, *kept, ""]).encode()) if kept else Answer(b"", 404)


def commodity_markets(ask: Ask) -> Answer:
    """The page that leads to the workbook."""
    return Answer(pink_sheets.page(2025, 2026))


def pink_sheet(ask: Ask) -> Answer:
    """The recorded cells of the vintage of March, in a workbook of the same make."""
    lines = list(csv.reader(raw(PINK_SHEET).decode().splitlines()))
    stamp, names, units, *months = lines[3:]
    cells = [[_cell(word) for word in line] for line in months if line[0]]
    updated = stamp[0].removeprefix("Updated on ")
    return Answer(
        pink_sheets.workbook(names, units, *cells, updated=updated, indices=(("1960M01",),))
    )


def _cell(word: str) -> str | float:
    try:
        return float(word)
    except ValueError:
        return word


def worldbank(ask: Ask) -> Answer:
    """An indicator of all economies, the economies, or the words for one that it does not know."""
    if ask.path == "/v2/country":
        rows = document(ECONOMIES)
        return said([{"page": 1, "pages": 1, "per_page": "500", "total": len(rows)}, rows])
    if ask.last == "FI.RES.TOTL.MO":
        return Answer(raw(RESERVES))
    if ask.last not in ANNUAL:
        return Answer(beside("worldbank/quoted_v2_error_invalid_value_200.json"))
    file, place, value, title = ANNUAL[ask.last]
    two = {row["id"]: row["iso2Code"] for row in document(ECONOMIES)}
    template = {"unit": "", "obs_status": "", "decimal": 0}
    rows = [
        {
            "indicator": {"id": ask.last, "value": title},
            "country": {"id": two.get(code := row[codes(row)], code[:2]), "value": row[place]},
            "countryiso3code": code,
            "date": MOVES[file].period(f"{int(float(row['Year']))}-01")[:4],
            "value": float(row[value]),
            **template,
        }
        for row in table(file)
        if row[value]
    ]
    head = {
        "page": 1,
        "pages": 1,
        "per_page": 20000,
        "total": len(rows),
        "sourceid": "2",
        "lastupdated": "2026-03-02",
    }
    return Answer(json.dumps([head, rows], separators=(",", ":")).encode())


def codes(row: dict[str, str]) -> str:
    """How a file calls the code of a country."""
    return next(name for name in row if name.endswith("Code"))


def comtrade(ask: Ask) -> Answer:
    """What the two reporters published, and their totals in the columns of a recorded answer; the
    files are of years and of the Harmonised System, and say nothing of their release."""
    query = ask.query
    reporters = query["reporterCode"].split(",")
    periods = query["period"].split(",")
    found = [
        (flow(row, code), row)
        for code in reporters
        if code in FLOWS and ask.path.endswith("/C/A/HS")
        for row in table(FLOWS[code])
        if MOVES[FLOWS[code]].period(f"{row['ref_year']}-01")[:4] in periods
    ]
    if "/getda/" in ask.path.lower():
        return enveloped(publications([row for row, _ in found]))
    flows = query["flowCode"].split(",")
    return enveloped(
        [
            row
            for row, stated in found
            if stated["flow_code"] in flows and stated["cmd_code"] == query["cmdCode"]
        ]
    )


def enveloped(rows: list[dict[str, Any]]) -> Answer:
    """Rows as every route of the API gives them."""
    return said({"elapsedTime": "0.09 secs", "count": len(rows), "data": rows, "error": ""})


def publications(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line per reporter and year, with how many rows there are."""
    count: dict[tuple[int, str], int] = {}
    for row in rows:
        key = row["reporterCode"], row["period"]
        count[key] = count.get(key, 0) + 1
    return [
        {
            "typeCode": "C",
            "freqCode": "A",
            "period": int(period),
            "reporterCode": code,
            "classificationCode": "H6",
            "isOriginalClassification": True,
            "totalRecords": number,
            "datasetChecksum": number,
            "firstReleased": None,
            "lastReleased": None,
        }
        for (code, period), number in sorted(count.items())
    ]


def flow(row: dict[str, str], reporter: str) -> dict[str, Any]:
    """One row as the route gives it, what is not asked for at its total."""
    file = FLOWS[reporter]
    year = MOVES[file].period(f"{row['ref_year']}-01")[:4]
    numeric = listed("countries", "iso3").get(row["partner_iso"], {}).get("numeric") or "0"
    own = {
        row["iso3"]: code
        for code, row in listed("comtrade_areas", "code").items()
        if row["iso3"] and "until" not in row["name"]
    }
    number = {name: float(row[name]) if row[name] else None for name in ("cifvalue", "fobvalue")}
    return {
        "typeCode": "C",
        "freqCode": "A",
        "refYear": int(year),
        "period": year,
        "reporterCode": int(reporter),
        "reporterISO": row["reporter_iso"],
        "flowCode": row["flow_code"],
        "partnerISO": row["partner_iso"],
        "partnerCode": int(own.get(row["partner_iso"], numeric)),
        "partner2Code": 0,
        "classificationCode": "H6",
        "cmdCode": row["cmd_code"],
        "customsCode": "C00",
        "motCode": 0,
        "netWgt": None,
        **number,
        "primaryValue": float(row["primary_value"]),
    }
