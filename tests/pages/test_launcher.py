"""The launcher: what must hold however the web process is started."""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Iterator

import pytest
from streamlit.web.server.starlette import starlette_server

import app
from data.chart_theme import DARK, LIGHT, Palette
from data.web_access import WebAccess
from pages.frame import nav
from tests.machine import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


@pytest.fixture
def untouched() -> Iterator[None]:
    """Streamlit's own way of binding, put back afterwards."""
    kept = starlette_server._bind_socket
    yield
    starlette_server._bind_socket = kept


@pytest.mark.usefixtures("untouched")
def test_accepted_connections_do_not_wait_for_acknowledgements() -> None:
    app.send_small_packets_at_once()
    listening = starlette_server._bind_socket("127.0.0.1", 0, 8)
    client = socket.create_connection(listening.getsockname())
    listening.setblocking(True)
    accepted, _ = listening.accept()
    try:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        for line in (accepted, client, listening):
            line.close()


def test_server_keeps_to_itself() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["runner"]["postScriptGC"] is False


def test_the_server_looks_for_no_address_of_its_own() -> None:
    here = app.manners(8501, WebAccess())
    assert (here["server.address"], here["browser.serverAddress"]) == ("127.0.0.1", "127.0.0.1")
    beyond = WebAccess.of("0.0.0.0", ["desk.example"], without_login=True)
    assert app.manners(8501, beyond)["browser.serverAddress"] == "127.0.0.1"
    assert here["server.enableXsrfProtection"] is True
    assert here["runner.postScriptGC"] is False


def test_fonts_are_our_own_files() -> None:
    for face in CONFIG["theme"]["fontFaces"]:
        file = ROOT / "pages" / "frame" / "static" / face["url"].removeprefix("app/static/")
        assert file.read_bytes()[:4] == b"wOF2"
    licences = ROOT / "pages" / "frame" / "static" / "fonts"
    for name in ("OFL-Inter.txt", "OFL-JetBrainsMono.txt"):
        assert "SIL Open Font License" in (licences / name).read_text()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_themes_have_whole_scales(theme: str) -> None:
    for name in ("chartSequentialColors", "chartDivergingColors"):
        assert len(set(CONFIG["theme"][theme][name])) == 10


@pytest.mark.parametrize(("theme", "paint"), [("dark", DARK), ("light", LIGHT)])
def test_streamlit_paints_with_the_palettes_of_our_charts(theme: str, paint: Palette) -> None:
    said = CONFIG["theme"][theme]
    assert said["backgroundColor"] == paint.ground
    assert said["textColor"] == paint.ink
    assert tuple(said["chartCategoricalColors"]) == paint.categorical
    assert tuple(said["chartSequentialColors"]) == paint.sequential
    assert tuple(said["chartDivergingColors"]) == paint.diverging


def test_no_folder_of_pages_lies_beside_the_script() -> None:
    """Streamlit would then open a deep link without the frame."""
    assert not (nav.FOLDER / "frame" / "pages").exists()
