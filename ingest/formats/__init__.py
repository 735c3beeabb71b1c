"""Forms that replies come in: JSON, XML, SDMX, CSV, written periods. None knows a source."""
