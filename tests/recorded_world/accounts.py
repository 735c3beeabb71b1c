"""Hosts of the US energy, labour and accounts offices, each with the series that were recorded."""

from __future__ import annotations

import json

from tests.recorded_world.currencies import said
from tests.recorded_world.hosts import Answer, Ask
from tests.recorded_world.material import MOVES, document

SPOT = "recorded/eia/documented_v2_petroleum_pri_spt_RWTC.json"
PRICES = "recorded/bls/extract_CPI_October_2025_gap.json"
FLOUR = "recorded/bls/v2_timeseries_APU0000701111_2022_calculations.json"
GROWTH = "recorded/bea/documented_NIPA_T10101.json"


def eia(ask: Ask) -> Answer:
    """The spot price of WTI; of every other id there is nothing."""
    answer = document(SPOT)
    since, until = ask.query.get("start", ""), ask.today.isoformat()
    rows = [row | {"period": MOVES[SPOT].iso(row["period"])} for row in answer["response"]["data"]]
    kept = [
        row
        for row in rows
        if row["series"] == ask.query["facets[series][]"] and since <= row["period"] < until
    ]
    page = kept[int(ask.query["offset"]) :]
    answer["response"] |= {"total": str(len(kept)), "data": page}
    answer["request"]["params"]["api_key"] = ask.query["api_key"]
    return said(answer)


def bls(ask: Ask) -> Answer:
    """Consumer prices with their gap and the price of flour, which is moved by whole years."""
    asked, found, lacking = json.loads(ask.posted), [], []
    recorded = {}
    for file in (PRICES, FLOUR):
        (series,) = document(file)["Results"]["series"]
        rows = [
            row | {"year": str(int(row["year"]) + MOVES[file].months // 12)}
            for row in series["data"]
        ]
        recorded[series["seriesID"]] = rows
    for name in asked["seriesid"]:
        rows = [
            row
            for row in recorded.get(name, [])
            if asked["startyear"] <= row["year"] <= asked["endyear"]
            and f"{row['year']}-{row['period'][1:]}" < ask.today.isoformat()[:7]
        ]
        found.append({"seriesID": name, "data": rows})
        lacking += [] if name in recorded else [f"Series does not exist for Series {name}"]
    return said(document(PRICES) | {"message": lacking, "Results": {"series": found}})


def bea(ask: Ask) -> Answer:
    """One line of one table; what it repeats of the request has the id in capitals."""
    answer = document(GROWTH)
    top = answer["BEAAPI"]
    for parameter in top["Request"]["RequestParam"]:
        if parameter["ParameterName"] == "USERID":
            parameter["ParameterValue"] = ask.query["UserID"].upper()
    rows = top["Results"]["Data"]
    for row in rows:
        year, quarter = row["TimePeriod"].split("Q")
        moved = MOVES[GROWTH].period(f"{year}-{int(quarter) * 3 - 2:02}")
        row["TimePeriod"] = f"{moved[:4]}Q{int(moved[5:7]) // 3 + 1}"
    if ask.query["TableName"] != "T10101":
        error = {"APIErrorCode": "101", "APIErrorDescription": "No data exists for this table."}
        top["Results"] = {"Error": error}
    return said(answer)
