"""Hosts of statistics offices: Eurostat, the OECD, and the calendars of the BEA and the BLS."""

from __future__ import annotations

import csv

from tests.recorded_world.currencies import said
from tests.recorded_world.hosts import Answer, Ask
from tests.recorded_world.material import MOVES, document, raw

PRICES = "recorded/eurostat/documented_statistics_1.0_prc_hicp_minr_IT_provisional.json"
RATES = "recorded/oecd/sdmx_v1_csv_DF_KEI_GBR_IRLT.csv"
CALENDARS = "recorded/release_calendars/documented_"
NOTHING = {"error": [{"status": 400, "id": 100, "label": "ERR_NO_RESULTS"}]}


def eurostat(ask: Ask) -> Answer:
    """Prices of Italy from the day on which they were published, and the calendar."""
    if ask.last == "eventsJson":
        return Answer(raw(f"{CALENDARS}eurostat_eventsJson.json"))
    answer, move = document(PRICES), MOVES[PRICES]
    answer["updated"] = move.period(answer["updated"])
    is_asked = ask.last == "prc_hicp_minr" and ask.query["unit"] == "I15"
    if not is_asked or str(ask.today) < answer["updated"][:10]:
        return Answer(said(NOTHING).body, 400)
    index = answer["dimension"]["time"]["category"]["index"]
    answer["dimension"]["time"]["category"] = {
        "index": {move.period(month): at for month, at in index.items()}
    }
    return said(answer)


def oecd(ask: Ask) -> Answer:
    """The long-term rates of the United Kingdom."""
    if ".IRLT." not in ask.last:
        return Answer(b"NoRecordsFound", 404)
    head, *rows = csv.reader(raw(RATES).decode().splitlines())
    at = head.index("TIME_PERIOD")
    for row in rows:
        row[at] = MOVES[RATES].period(row[at])
    since = ask.query.get("startPeriod", "")
    kept = [",".join(row) for row in rows if row[at] >= since]
    return Answer("\r\n".join([",".join(head), *kept, ""]).encode())


def bls(ask: Ask) -> Answer:
    """The calendar; of the feed there is no recording."""
    return Answer(raw(f"{CALENDARS}bls.ics")) if ask.path.endswith(".ics") else Answer(b"", 404)


def bea(ask: Ask) -> Answer:
    """The calendar; of the feed there is no recording."""
    if ask.path.endswith(".ics"):
        return Answer(raw(f"{CALENDARS}bea_online-calendar-subscription.ics"))
    return Answer(b"", 404)
