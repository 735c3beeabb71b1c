"""Countries and areas, as they were known."""

from __future__ import annotations

import pyarrow as pa

from data.contracts import Dataset
from data.fields import COUNTRY, CURRENCY, field, number, text

COUNTRIES = Dataset(
    "countries",
    "One country or area; a new currency or a split is a new vintage.",
    (
        COUNTRY.with_nullable(False),
        text("iso2", "ISO 3166 alpha-2 code", null=True),
        field(
            "iso_numeric",
            pa.int32(),
            "ISO 3166 numeric code, which the maps use",
            null=True,
        ),
        text("name", "short English name"),
        text("region", "World Bank region", null=True),
        text("income_group", "World Bank income group", null=True),
        CURRENCY.with_nullable(True),
        text("capital", "capital city", null=True),
        text("timezone", "IANA zone of the capital", null=True),
        number("population", "people", unit="people", min=0),
        number("area_km2", "surface", unit="km2", min=0),
    ),
    origin="source",
    rhythm_days=None,
    key=("country", "source"),
    descriptive=True,
)
