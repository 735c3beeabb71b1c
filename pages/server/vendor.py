"""Scripts of others that pages load from this server; THIRD_PARTY.md has their licences."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

CHARTS = Path(__file__).with_name("static") / "lightweight-charts.js"
CHARTS_ADDRESS = "/vendor/lightweight-charts-5.2.1.js"
YEAR = 365 * 86_400


async def _charts(request: Request) -> FileResponse:
    """The address has the version in it, so a browser may keep what it has."""
    kept = {"cache-control": f"public, max-age={YEAR}, immutable"}
    return FileResponse(CHARTS, media_type="text/javascript", headers=kept)


VENDOR_ROUTES = [Route(CHARTS_ADDRESS, _charts)]
