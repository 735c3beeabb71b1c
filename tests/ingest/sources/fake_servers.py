"""The far sides of sources: the same few facts, each said as one protocol says them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.ingest.pink_sheets import page, workbook
from tests.ingest.server import Handler, document, status

Value = float | str
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Far:
    """Figures by name and day. What `is_gone` is asked for is unknown; `title` is its word."""

    figures: dict[tuple[str, str], Value]
    title: str = "A first title"
    is_gone: set[str] = field(default_factory=set)
    edition: str = "2024-03-01T13:00:00Z"

    def held(
        self, *names: str, since: str = "", until: str = "9"
    ) -> Iterator[tuple[str, str, Any]]:
        """Day, name and value of what is known of these names in these days, in order."""
        for (name, day), value in sorted(self.figures.items(), key=lambda item: item[0][::-1]):
            if name in names and name not in self.is_gone and since <= day <= until:
                yield day, name, value

    def by_day(self, *names: str, prefix: str = "", **span: str) -> dict[str, dict[str, Value]]:
        """The same as a table of days."""
        table: dict[str, dict[str, Value]] = {}
        for day, name, value in self.held(*names, **span):
            table.setdefault(day, {})[prefix + name] = value
        return table

    def __call__(self, to: Handler) -> None:
        raise NotImplementedError


class Frankfurter(Far):
    """`/v1/FIRST..LAST`, or `latest`; 404 with a message where there is nothing."""

    def __call__(self, to: Handler) -> None:
        since, _, until = to.path.split("?")[0].rpartition("/")[2].partition("..")
        names = to.query["symbols"].split(",")
        table = self.by_day(*names, since=since, until=until or "9")
        if not table:
            return status(404, b'{"message":"not found"}', Content_Type="application/json")(to)
        document({"amount": 1.0, "base": "EUR", "start_date": min(table), "rates": table})(to)


class ExchangerateHost(Far):
    """A day under `historical`, days under `timeframe`; refusals are HTTP 200 with a code."""

    def __call__(self, to: Handler) -> None:
        asked = to.query
        since = asked.get("start_date") or asked["date"]
        until = asked.get("end_date") or since
        names = asked["currencies"].split(",")
        table = self.by_day(*names, prefix="USD", since=since, until=until)
        if not table:
            error = {"code": 106, "type": "no_rates_available", "info": "No results found."}
            return document({"success": False, "error": error})(to)
        head = {"success": True, "source": "USD"}
        if "date" in asked:
            document(head | {"historical": True, "date": since, "quotes": table[since]})(to)
        else:
            document(head | {"timeframe": True, "start_date": since, "quotes": table})(to)


class OpenExchangeRates(Far):
    """One file a day, stamped with its last second."""

    def __call__(self, to: Handler) -> None:
        day = to.path.split("?")[0].rpartition("/")[2].removesuffix(".json")
        rates = self.by_day(*to.query["symbols"].split(","), since=day, until=day).get(day, {})
        last = datetime.combine(date.fromisoformat(day), time(23, 59, 59), UTC)
        document({"timestamp": int(last.timestamp()), "base": "USD", "rates": rates})(to)


class YahooChart(Far):
    """One chart per symbol, stamped at the opening of each session; 404 for one it dropped."""

    def __call__(self, to: Handler) -> None:
        symbol = to.path.split("?")[0].rpartition("/")[2]
        first = datetime.fromtimestamp(int(to.query["period1"]), UTC).date().isoformat()
        rows = list(self.held(symbol, since=first))
        if not rows:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            body = json.dumps({"chart": {"result": None, "error": error}}).encode()
            return status(404, body, Content_Type="application/json")(to)
        opens = [
            datetime.combine(date.fromisoformat(day), time(9, 30), NEW_YORK) for day, *_ in rows
        ]
        quote = {name: [value for *_, value in rows] for name in ("open", "high", "low", "close")}
        meta = {
            "symbol": symbol,
            "currency": "USD",
            "exchangeName": "NMS",
            "instrumentType": "EQUITY",
            "exchangeTimezoneName": "America/New_York",
            "dataGranularity": "1d",
            "regularMarketTime": int((opens[-1] + timedelta(hours=6, minutes=31)).timestamp()),
        }
        result = {
            "meta": meta,
            "timestamp": [int(at.timestamp()) for at in opens],
            "indicators": {"quote": [quote | {"volume": [100] * len(rows)}]},
        }
        document({"chart": {"result": [result], "error": None}})(to)


class AlphaVantage(Far):
    """Everything at one address, newest first; an empty object for a symbol it does not know."""

    def __call__(self, to: Handler) -> None:
        symbol = to.query["symbol"]
        rows = list(self.held(symbol))[::-1]
        if not rows:
            return document({})(to)
        if to.query["function"] == "OVERVIEW":
            about = {"AssetType": "Common Stock", "Name": self.title, "Exchange": "NYSE"}
            return document({"Symbol": symbol, **about, "Currency": "USD", "Country": "USA"})(to)
        labels = ("1. open", "2. high", "3. low", "4. close")
        series = {
            day: dict.fromkeys(labels, str(value)) | {"5. volume": "100"} for day, _, value in rows
        }
        meta = {"1. Information": "Daily Prices", "2. Symbol": symbol, "5. Time Zone": "US/Eastern"}
        document({"Meta Data": meta, "Time Series (Daily)": series})(to)


class UsTreasury(Far):
    """Atom by year, a cell per maturity; a maturity that did not exist has no cell."""

    def __call__(self, to: Handler) -> None:
        year = to.query["field_tdr_date_value"]
        table = self.by_day("1_5MONTH", "10YEAR", since=year, until=f"{year}-12-31")
        entries = "".join(
            f"<entry><content><m:properties><d:NEW_DATE>{day}T00:00:00</d:NEW_DATE>"
            + "".join(f"<d:BC_{name}>{value}</d:BC_{name}>" for name, value in cells.items())
            + "</m:properties></content></entry>"
            for day, cells in table.items()
        )
        spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:m="urn:m" xmlns:d="urn:d"'
        body = f"<feed {spaces}><title>{self.title}</title>{entries}</feed>"
        status(200, body.encode(), Content_Type="application/xml")(to)


class CentralBank(Far):
    """A feed of its latest items; an item keeps its guid when its headline is edited."""

    def __call__(self, to: Handler) -> None:
        name = {"press_monetary": "fed_monetary", "speeches": "fed_speeches"}[
            to.path.rpartition("/")[2].removesuffix(".xml")
        ]
        items = "".join(
            f"<item><title>{words}</title><guid isPermaLink='false'>{name} {day}</guid>"
            f"<link>https://www.federalreserve.gov//news/{name}-{day}.htm</link>"
            f"<pubDate>{format_datetime(datetime.fromisoformat(day + 'T09:00:00+00:00'))}</pubDate>"
            "</item>"
            for day, _, words in list(self.held(name))[::-1]
        )
        body = f"<rss version='2.0'><channel><title>{self.title}</title>{items}</channel></rss>"
        status(200, body.encode(), Content_Type="text/xml")(to)


class Eia(Far):
    """Pages of two rows, values and total as text, and the key repeated in what was asked."""

    def __call__(self, to: Handler) -> None:
        asked = to.query
        name, offset = asked["facets[series][]"], int(asked["offset"])
        rows = [
            {
                "period": day,
                "series": name,
                "value": str(value),
                "units": "$/BBL",
                "series-description": self.title,
            }
            for day, _, value in self.held(name, since=asked.get("start", ""))
        ]
        head = {"total": str(len(rows)), "dateFormat": "YYYY-MM-DD", "frequency": "daily"}
        page = rows[offset : offset + 2]
        echo = {"command": to.path, "params": asked}
        document({"response": head | {"data": page}, "request": echo, "apiVersion": "2.1.13"})(to)


class Bls(Far):
    """A list of series by POST, the newest first, with the mean of each year, which is derived."""

    def __call__(self, to: Handler) -> None:
        asked = json.loads(to.posted)
        span = {"since": asked["startyear"], "until": f"{asked['endyear']}-12-31"}
        series, message = [], []
        for name in asked["seriesid"]:
            rows = [
                self.row(day[:4], f"M{day[5:7]}", str(value))
                for day, _, value in list(self.held(name, **span))[::-1]
            ]
            if name in self.is_gone:
                message.append(f"Series does not exist for Series {name}")
            means = [self.row(year, "M13", "77.7") for year in {row["year"] for row in rows}]
            series.append({"seriesID": name, "data": means + rows})
        head = {"status": "REQUEST_SUCCEEDED", "responseTime": 120, "message": message}
        document(head | {"Results": {"series": series}})(to)

    @staticmethod
    def row(year: str, period: str, value: str) -> dict[str, Any]:
        return {"year": year, "period": period, "value": value, "footnotes": [{}]}


class Bea(Far):
    """Lines of one table; the id of who asks comes back in capitals."""

    def __call__(self, to: Handler) -> None:
        asked = to.query
        start = f"{asked['TableName']}.{asked['Frequency']}."
        years = asked["Year"].split(",")
        names = [name for name, _ in self.figures if name.startswith(start)]
        rows = [
            {
                "TableName": asked["TableName"],
                "SeriesCode": name.removeprefix(start),
                "LineNumber": "1",
                "LineDescription": self.title,
                "TimePeriod": f"{day[:4]}Q{int(day[5:7]) // 3 + 1}",
                "METRIC_NAME": "Fisher Quantity Index",
                "CL_UNIT": "Percent change, annual rate",
                "UNIT_MULT": "0",
                "DataValue": str(value),
                "NoteRef": asked["TableName"],
            }
            for day, name, value in self.held(*names)
            if day[:4] in years or years == ["ALL"]
        ]
        echo = [{"ParameterName": "USERID", "ParameterValue": asked["UserID"].upper()}]
        notes = [{"NoteRef": asked["TableName"], "NoteText": "Seasonally adjusted"}]
        results = {"Statistic": "NIPA Table", "Data": rows, "Notes": notes}
        document({"BEAAPI": {"Request": {"RequestParam": echo}, "Results": results}})(to)


class Bis(Far):
    """CSV by month, all places in one key; 404 where nothing fits, or one place has nothing."""

    def __call__(self, to: Handler) -> None:
        places = to.path.split("?")[0].rpartition("M.")[2].split("+")
        if self.is_gone & {f"M.{place}" for place in places}:
            return status(404, b"NoRecordsFound")(to)
        since = to.query.get("startPeriod", "")
        rows = self.held(*(f"M.{place}" for place in places), since=since)
        lines = [
            f"M,{name[2:]},{day[:7]},{value},A,{self.title}: {name[2:]}"
            for day, name, value in rows
        ]
        if not lines:
            return status(404, b"NoRecordsFound")(to)
        head = "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE"
        status(200, "\n".join([head, *lines, ""]).encode(), Content_Type="text/csv")(to)


class Eurostat(Far):
    """JSON-stat of one data set by area and month; an error in words where an area is unknown."""

    def __call__(self, to: Handler) -> None:
        area = to.query["geo"]
        rows = list(self.held(area, since=to.query.get("sinceTimePeriod", "")))
        if area in self.is_gone:
            error = {"status": 400, "id": 150, "label": f"INVALID_QUERY_DIMENSION: {area}"}
            return document({"error": [error]})(to)
        dims = {name: [to.query[name]] for name in ("freq", "unit", "coicop18", "geo")}
        dims["time"] = [day[:7] for day, _, _ in rows]
        document(
            {
                "version": "2.0",
                "class": "dataset",
                "updated": self.edition.replace("Z", "+0000"),
                "id": list(dims),
                "size": [len(codes) for codes in dims.values()],
                "value": {str(at): value for at, (_, _, value) in enumerate(rows)},
                "dimension": {
                    name: {"category": {"index": {code: at for at, code in enumerate(codes)}}}
                    for name, codes in dims.items()
                },
            }
        )(to)


class Oecd(Far):
    """CSV of one key, the newest row first; 404 where nothing fits."""

    def __call__(self, to: Handler) -> None:
        key = to.path.split("?")[0].rpartition("/")[2]
        rows = list(self.held(key, since=to.query.get("startPeriod", "")))
        if not rows:
            return status(404, b"NoRecordsFound")(to)
        flow = "DATAFLOW,OECD.SDD.STES:DSD_KEI@DF_KEI(4.0),Short-term indicators,I"
        codes = ",".join(f"{code}," for code in key.split("."))
        lines = [f"{flow},{codes},{day[:7]},,{value},,A," for day, _, value in rows[::-1]]
        head = (
            "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,FREQ,Frequency,"
            "MEASURE,Measure,UNIT_MEASURE,Unit of measure,ACTIVITY,Activity,ADJUSTMENT,Adjustment,"
            "TRANSFORMATION,Transformation,TIME_PERIOD,Time period,OBS_VALUE,Observation value,"
            "OBS_STATUS,Observation status"
        )
        status(200, "\r\n".join([head, *lines, ""]).encode(), Content_Type="text/csv")(to)


def iso(word: str) -> str:
    """`06/Mar/2024` as an ISO day."""
    return datetime.strptime(word + "+0000", "%d/%b/%Y%z").date().isoformat()


class BankOfEngland(Far):
    """CSV with a column per code; a page of HTML with status 200 where a code is not known."""

    def __call__(self, to: Handler) -> None:
        codes = to.query["SeriesCodes"].split(",")
        if set(codes) & self.is_gone:
            return status(200, b"<html><body>Error: invalid code</body></html>")(to)
        span = [iso(to.query[end]) for end in ("Datefrom", "Dateto")]
        table = self.by_day(*codes, since=span[0], until=span[1])
        lines = [
            ",".join(
                [f"{date.fromisoformat(day):%d %b %Y}", *(str(cells.get(c, "")) for c in codes)]
            )
            for day, cells in table.items()
        ]
        body = "\n".join([",".join(["DATE", *codes]), *lines, ""])
        status(200, body.encode(), Content_Type="text/csv")(to)


class BankOfJapan(Far):
    """JSON with a status in its body, two days a page; a position tells where the next begins."""

    def __call__(self, to: Handler) -> None:
        code = to.query["code"]
        first = to.query.get("startDate", "")
        rows = [row for row in self.held(code) if row[0].replace("-", "")[:6] >= first]
        start = int(to.query.get("startPosition", "1"))
        page, rest = rows[start - 1 : start + 1], rows[start + 1 :]
        series = {
            "SERIES_CODE": code,
            "NAME_OF_TIME_SERIES": self.title,
            "UNIT": "percent per year",
            "FREQUENCY": "DAILY",
            "VALUES": {
                "SURVEY_DATES": [int(day.replace("-", "")) for day, *_ in page],
                "VALUES": [value for *_, value in page],
            },
        }
        told = {"STATUS": 200, "MESSAGEID": "M181000I", "NEXTPOSITION": start + 2 if rest else None}
        document(told | {"RESULTSET": [series] if page else []})(to)


class PinkSheet(Far):
    """A page that leads to a workbook, in which every month is."""

    def __call__(self, to: Handler) -> None:
        if not to.path.split("?")[0].endswith(".xlsx"):
            return status(200, page(2021, 2024), Content_Type="text/html")(to)
        names = sorted({name for name, _ in self.figures} - self.is_gone)
        table = self.by_day(*names)
        months = [
            (f"{day[:4]}M{day[5:7]}", *(row.get(name, "…") for name in names))
            for day, row in table.items()
        ]
        updated = f"{datetime.fromisoformat(self.edition):%B %d, %Y}"
        units = ("", *["($/kg)"] * len(names))
        body = workbook(("", *names), units, *months, updated=updated, indices=(("1960M01",),))
        status(200, body, Content_Type="application/octet-stream")(to)


class Imf(Far):
    """SDMX-JSON 2.0 of an edition of the outlook: structure beside data, values by position."""

    def __call__(self, to: Handler) -> None:
        name = to.path.split("?")[0].rpartition("/")[2].split(".")[1]
        rows = list(self.held(name, since=to.query.get("c[TIME_PERIOD]", "ge:")[3:]))
        years = [day[:4] for day, *_ in rows]
        dimensions = [
            {"id": key, "keyPosition": at, "values": [{"id": value}]}
            for at, (key, value) in enumerate(
                (("COUNTRY", "USA"), ("INDICATOR", name), ("FREQUENCY", "A"))
            )
        ]
        structure = {
            "links": [
                {"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IMF.RES:WEO(9.0.0)"}
            ],
            "dimensions": {
                "series": dimensions,
                "observation": [{"id": "TIME_PERIOD", "values": [{"value": y} for y in years]}],
            },
            "attributes": {
                "dataSet": [{"id": "PUBLICATION_DATE", "values": []}],
                "series": [{"id": "SERIES_NAME", "values": [{"id": self.title}]}],
                "observation": [],
            },
        }
        observations = {str(at): [str(value)] for at, (*_, value) in enumerate(rows)}
        series = {"0:0:0": {"attributes": [0], "observations": observations}} if rows else {}
        dataset = {"attributes": [self.edition], "series": series}
        document({"meta": {}, "data": {"dataSets": [dataset], "structures": [structure]}})(to)
