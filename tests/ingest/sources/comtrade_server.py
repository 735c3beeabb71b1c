"""A server that publishes data as UN Comtrade does: lists, previews of 500 rows, keyed data."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from tests.ingest.desk import KEY
from tests.ingest.server import Handler, document

CAP = 500
USA, GERMANY = 842, 276
# The clock of the desk stands at 2024-03-11; data are of 2022 unless a test says more.
RELEASED = "2024-02-01T10:00:00.1234567"
Flow = tuple[int, int, int, str, str]


@dataclass
class Comtrade:
    """Values by reporter, period, partner, flow and product; a preview shows 500 rows at most.

    A data set is listed with its release; its checksum is that of its values.
    """

    values: dict[Flow, float]
    released: dict[tuple[int, int], str] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)  # reporters of whom the data routes show nothing

    def __call__(self, to: Handler) -> None:
        is_keyed = not to.path.startswith("/public/")
        if is_keyed and to.headers["Ocp-Apim-Subscription-Key"] != KEY:
            words = "Access denied due to invalid subscription key."
            return document({"statusCode": 401, "message": words})(to)
        rows = self.listed(to) if "/getDA/" in to.path or "/getDa/" in to.path else self.flows(to)
        envelope = {"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""}
        return document(envelope)(to)

    def flows(self, to: Handler) -> list[dict[str, object]]:
        rows = [
            self.row(key, value)
            for key, value in self.values.items()
            if wants(to, key) and key[0] not in self.silent
        ]
        return rows[:CAP] if to.path.startswith("/public/v1/preview/") else rows

    def listed(self, to: Handler) -> list[dict[str, object]]:
        asked = {name: (to.query.get(name) or "").split(",") for name in ("reporterCode", "period")}
        sets = {(key[0], key[1]) for key in self.values}
        return [
            self.publication(reporter, period)
            for reporter, period in sorted(sets)
            if str(reporter) in asked["reporterCode"] and str(period) in asked["period"]
        ]

    def publication(self, reporter: int, period: int) -> dict[str, object]:
        content = [item for item in self.values.items() if item[0][:2] == (reporter, period)]
        return {
            "typeCode": "C",
            "freqCode": "M" if period > 9999 else "A",
            "period": period,
            "reporterCode": reporter,
            "classificationCode": "H6",
            "isOriginalClassification": True,
            "totalRecords": len(content),
            "datasetChecksum": zlib.crc32(repr(content).encode()),
            "firstReleased": "2023-06-12T01:47:07.73",
            "lastReleased": self.released.get((reporter, period), RELEASED),
        }

    def row(self, key: Flow, value: float) -> dict[str, object]:
        reporter, period, partner, flow, product = key
        is_month = period > 9999
        return {
            "typeCode": "C",
            "freqCode": "M" if is_month else "A",
            "refYear": period // 100 if is_month else period,
            "period": str(period),
            "reporterCode": reporter,
            "reporterISO": None,
            "flowCode": flow,
            "partnerCode": partner,
            "partnerISO": None,
            "partner2Code": 0,
            "classificationCode": "H6",
            "isOriginalClassification": True,
            "cmdCode": product,
            "customsCode": "C00",
            "motCode": 0,
            "netWgt": 0.0,
            "cifvalue": None,
            "fobvalue": value,
            "primaryValue": value,
        }


def wants(to: Handler, key: Flow) -> bool:
    """Whether a flow is among those that a request asks for."""
    names = ("reporterCode", "period", "partnerCode", "flowCode", "cmdCode")
    for name, found in zip(names, key, strict=True):
        asked = to.query.get(name)
        is_chapter = asked == "AG2" and len(str(found)) == 2
        if asked is not None and not is_chapter and str(found) not in asked.split(","):
            return False
    return True


def small() -> Comtrade:
    """Two reporters, three partners, both directions, one year."""
    values = {
        (reporter, 2022, partner, flow, "TOTAL"): 100.0 + partner
        for reporter in (USA, GERMANY)
        for partner in (0, 156, 250)
        for flow in "MX"
    }
    return Comtrade(values)
