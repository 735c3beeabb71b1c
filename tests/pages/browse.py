"""Run pages as the server does, without one: through the router, on a lake of the test's own.

The project's modules are imported inside, so that a test may start from fresh ones.
"""

from __future__ import annotations

import functools
import json
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from data.settings import Settings

# Every run of a page reads the metadata of all that is installed; that does not change meanwhile.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)
CONTROLS = {"copy_link", "frame_look", "palette_keys", "picker"}  # components that draw no numbers
FRAME = Path(__file__).resolve().parents[2] / "pages" / "frame"
ROUTER = FRAME / "router.py"


def visit(settings: Settings, page: str = "overview", **query: str) -> AppTest:
    """One page on one lake with one address, in a session of its own."""
    from pages.frame.resources import open_resources

    open_resources(settings)
    return arrive(page, **query)


def arrive(page: str = "overview", **query: str) -> AppTest:
    """The same on the lake that is open."""
    app = AppTest.from_file(str(ROUTER), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return turn(app, page)


def turn(app: AppTest, page: str) -> AppTest:
    """The same session on another page, its address kept."""
    from pages.frame.nav import NO_SUCH_PAGE, PAGES

    kept = dict(app.query_params)
    file = next(line.file for line in (*PAGES, NO_SUCH_PAGE) if line.name == page)
    app.switch_page(os.path.relpath(file, FRAME))
    for name, value in kept.items():
        app.query_params[name] = value
    return app.run()


def unfold(app: AppTest, *popovers: str) -> AppTest:
    """Open popovers by their keys; what is inside exists only then."""
    for key in popovers:
        app.session_state[key] = True
    return app.run()


def bodies(app: AppTest) -> list[str]:
    """The HTML that the page placed, its style sheet left out."""
    placed = (str(element.proto.body) for element in app.get("html"))
    return [body for body in placed if "<style>" not in body]


def text(app: AppTest) -> str:
    """Everything that a reader of the page could see as text."""
    parts = [*bodies(app), *(element.value for element in app.markdown)]
    parts += [element.value for element in app.caption]
    return "\n".join(parts)


def charts(app: AppTest) -> list[str]:
    """Each chart of the page, as the text of the part in which a mark would stand."""
    specs = {
        kind: [json.loads(chart.proto.spec) for chart in app.get(kind)]
        for kind in ("plotly_chart", "echarts_chart", "arrow_vega_lite_chart")
    }
    parts = [spec["layout"].get("annotations") for spec in specs["plotly_chart"]]
    parts += [spec.get("title") for spec in specs["echarts_chart"]]
    parts += specs["arrow_vega_lite_chart"]
    for drawn in app.get("bidi_component"):
        if drawn.proto.component_name not in CONTROLS:
            parts.append(data_of(drawn).get("mark"))
    return [json.dumps(part, ensure_ascii=False) for part in parts]


def component(app: AppTest, name: str) -> dict[str, Any]:
    """What the one component of that name was given."""
    (found,) = (part for part in app.get("bidi_component") if part.proto.component_name == name)
    return data_of(found)


def data_of(part: Any) -> dict[str, Any]:
    """What a component was given; nothing where it has no data."""
    given = part.proto.bytes or part.proto.json or part.proto.mixed.json or "{}"
    data: dict[str, Any] = json.loads(given)
    return data


def sentences(app: AppTest) -> list[str]:
    """What the page says about its state: one entry per notice."""
    return [body for body in bodies(app) if 'class="b-say' in body]


def asked(app: AppTest, name: str = "as_of") -> str | None:
    """What the address of the session says."""
    value = app.query_params.get(name)
    return value[-1] if isinstance(value, list) else value


def words(app: AppTest) -> str:
    """All that is shown, without markup; a mark between the cells of tables."""
    assert not app.exception, app.exception
    cells = re.sub(r"</t[dh]>", " | ", text(app))
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cells)))


def said(app: AppTest) -> str:
    """Every sentence of the page, as it is read."""
    return unescape(" ".join(sentences(app)))
