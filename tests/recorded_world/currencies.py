"""Hosts of exchange rates and of central banks: ECB, Frankfurter, BoE, BoJ, IMF and two more."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time
from typing import Any

from tests.recorded_world.headlines import boe_feed, boj_feed
from tests.recorded_world.hosts import Answer, Ask
from tests.recorded_world.material import MOVES, beside, document, raw, table

EXR = "recorded/ecb/csvdata_EXR_D..EUR.SP00.A_2026-02.csv"
CURVE = "recorded/ecb/extract_csvdata_YC_SR_10Y.csv"
KEY_RATES = "recorded/ecb/sdmx_FM_key_rates.xml"
BOE = "recorded/boe/iadb_csv_XUDL_2026-03.csv"
BOJ = "recorded/boj/api_v1_FM08_FXERD01_2025-01.json"
IMF_RATES = "recorded/imf/rms_mth_representative_rates_2026-03.tsv"
OUTLOOK = "recorded/imf/sdmx_WEO_data.structure_specific.xml"
COMMODITIES = "imf/sdmx30_codelist_CL_PCPS_INDICATOR.json"
OXR = "recorded/openexchangerates/latest_USD.json"
LAYER = "recorded/exchangerate_host/currencylayer_live_USD.json"


def said(value: Any, status: int = 200) -> Answer:
    """A JSON document."""
    return Answer(json.dumps(value).encode(), status)


def lines(name: str, ask: Ask, since: str = "") -> Answer:
    """A CSV file, its days moved, without those before `since` and those still to come."""
    rows = [row | {"TIME_PERIOD": MOVES[name].iso(row["TIME_PERIOD"])} for row in table(name)]
    kept = [row for row in rows if since <= row["TIME_PERIOD"] <= ask.today.isoformat()]
    if not kept:
        return Answer(b"", 404)
    text = [",".join(kept[0]), *(",".join(row.values()) for row in kept)]
    return Answer("\n".join([*text, ""]).encode())


def ecb(ask: Ask) -> Answer:
    """`/service/data/FLOW/KEY`: CSV where it was recorded as CSV, SDMX-ML for the key rates."""
    key = ask.path.removeprefix("/service/data/")
    since = ask.query.get("startPeriod", "")
    if key == "EXR/D..EUR.SP00.A":
        return lines(EXR, ask, since)
    curve, _, tenors = key.rpartition(".")
    if curve == "YC/B.U2.EUR.4F.G_N_A.SV_C_YM" and "SR_10Y" in tenors.split("+"):
        return lines(CURVE, ask, since)
    found = re.fullmatch(r"FM/B\.U2\.EUR\.4F\.KR\.(DFR|MLFR)\.LEV", key)
    return key_rate(found.group(1), ask, since) if found else Answer(b"", 404)


def key_rate(provider: str, ask: Ask, since: str) -> Answer:
    """The one series of the recorded message, by day as it has them, with its head."""
    text = raw(KEY_RATES).decode()
    head, *series = re.split(r"(?=<generic:Series>)", text)
    wanted = (f'id="PROVIDER_FM_ID" value="{provider}"', 'id="DATA_TYPE_FM" value="LEV"')
    chosen = next((item for item in series if all(mark in item[:1500] for mark in wanted)), "")
    chosen = chosen[: chosen.find("</generic:Series>")]
    top, *seen = re.split(r"(?=<generic:Obs>)", chosen)
    kept = []
    for item in seen:
        day = re.search(r'ObsDimension value="([^"]+)"', item)
        moved = MOVES[KEY_RATES].iso(day.group(1)) if day else ""
        if moved and since <= moved <= ask.today.isoformat():
            kept.append(item.replace(day.group(1), moved, 1) if day else item)
    if not kept:
        return Answer(b"", 404)
    end = "</generic:Series></message:DataSet></message:GenericData>"
    return Answer("".join([head, top, *kept, end]).encode())


def frankfurter(ask: Ask) -> Answer:
    """The ECB's own rates as JSON, which is what it passes on."""
    since, _, until = ask.last.partition("..")
    names = ask.query["symbols"].split(",")
    days: dict[str, dict[str, float]] = {}
    for row in table(EXR):
        day, last = row["TIME_PERIOD"], min(until or "9", ask.today.isoformat())
        if row["CURRENCY"] in names and since <= day <= last:
            days.setdefault(day, {})[row["CURRENCY"]] = float(row["OBS_VALUE"])
    if not days:
        return said({"message": "not found"}, 404)
    ends = {"start_date": min(days), "end_date": max(days)}
    return said({"amount": 1.0, "base": "EUR", **ends, "rates": dict(sorted(days.items()))})


def boe(ask: Ask) -> Answer:
    """The codes asked for as columns; the recording has spot rates, so the others are empty."""
    if ask.path.startswith("/rss"):
        return boe_feed(ask)
    if ask.path.endswith(".zip"):
        return Answer(b"", 404)  # no archive of yield curves was recorded
    codes = ask.query["SeriesCodes"].split(",")
    first, last = (
        datetime.strptime(f"{ask.query[name]} +0000", "%d/%b/%Y %z").date()
        for name in ("Datefrom", "Dateto")
    )
    text = [",".join(["DATE", *codes])]
    for row in table(BOE):
        day = datetime.strptime(f"{row['DATE']} +0000", "%d %b %Y %z").date()
        if first <= day <= min(last, ask.today):
            text.append(",".join([row["DATE"], *(row.get(code, "") for code in codes)]))
    return Answer("\n".join([*text, ""]).encode())


def boj(ask: Ask) -> Answer:
    """The yen of 9:00 in Tokyo; a code that is not recorded is an empty result."""
    if ask.path.startswith("/en/rss"):
        return boj_feed(ask)
    answer = document(BOJ)
    (series,) = answer["RESULTSET"]
    if ask.query["code"] != series["SERIES_CODE"]:
        return said(answer | {"RESULTSET": []})
    given = series["VALUES"]
    pairs = []
    for word, value in zip(given["SURVEY_DATES"], given["VALUES"], strict=True):
        day = MOVES[BOJ].day(date.fromisoformat(str(word)))
        if ask.query.get("startDate", "") <= f"{day:%Y%m}" and day <= ask.today:
            pairs.append((int(f"{day:%Y%m%d}"), value))
    series["VALUES"] = {
        "SURVEY_DATES": [day for day, _ in pairs],
        "VALUES": [value for _, value in pairs],
    }
    return said(answer)


def imf(ask: Ask) -> Answer:
    """Representative rates of the month, up to today."""
    kept = []
    width = 0
    for line in raw(IMF_RATES).decode().splitlines():
        cells = line.split("\t")
        if cells[0] == "Currency":
            days = [datetime.strptime(f"{c} +0000", "%B %d, %Y %z").date() for c in cells[1:]]
            width = sum(day <= ask.today for day in days)
        is_row = len(cells) > 2
        kept.append("\t".join(cells[: width + 1]) if is_row else line)
    return Answer("\n".join(kept).encode())


def imf_data(ask: Ask) -> Answer:
    """The one indicator of the outlook that is recorded, and the names of commodities."""
    if ask.last == "+" and "codelist" in ask.path:
        return Answer(beside(COMMODITIES))
    return Answer(raw(OUTLOOK)) if ask.last == "*.NGDP_R.A" else Answer(b"", 204)


def openexchangerates(ask: Ask) -> Answer:
    """The one recorded day; any other day is refused in its own words."""
    answer = document(OXR)
    there = datetime.fromtimestamp(answer["timestamp"], UTC).date()
    day = MOVES[OXR].day(there)
    if ask.last != f"{day}.json" or day > ask.today:
        return Answer(beside("openexchangerates/error_400_not_available.json"), 400)
    names = ask.query["symbols"].split(",")
    last = datetime.combine(day, time(23, 59, 59), UTC)
    rates = {name: answer["rates"][name] for name in names if name in answer["rates"]}
    return said(answer | {"timestamp": int(last.timestamp()), "rates": rates})


def exchangerate_host(ask: Ask) -> Answer:
    """The same for the one quote that was recorded."""
    answer = document(LAYER)
    day = MOVES[LAYER].day(datetime.fromtimestamp(answer["timestamp"], UTC).date())
    if ask.query.get("date") != day.isoformat() or day > ask.today:
        info = {"code": 106, "type": "no_rates_available", "info": "No results found."}
        return said({"success": False, "error": info})
    last = datetime.combine(day, time(23, 59, 59), UTC)
    return said(answer | {"historical": True, "date": str(day), "timestamp": int(last.timestamp())})
