"""The part of a panel's menu that the browser does by itself: a PNG of the panel, and its columns.

The scripts beside it find both by their attributes; here is only what they cannot know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from html import escape

from pages.frame import exports
from pages.frame.run import PageRun


def picture_button(
    run: PageRun, title: str, clock: datetime, sources: Iterable[str] = (), key: str = ""
) -> str:
    """A button that saves the panel of this title, or of this key, as PNG with notes below it."""
    name = f"{run.settings.workspace} {title}"
    file = exports.file_name(name, clock.strftime("%Y%m%dT%H%MZ"), "png")
    notes = json.dumps(_notes(run, clock, sources), ensure_ascii=False)
    return (
        f'<button type="button" class="b-button" data-picture data-panel="{key or slug(title)}" '
        f'data-file="{escape(file)}" data-notes="{escape(notes)}">PNG</button>'
    )


def column_list(title: str) -> str:
    """An empty list, filled with the columns of the panel's tables."""
    return f'<fieldset class="b-columns" data-panel="{slug(title)}"></fieldset>'


def browser_menu(run: PageRun, title: str) -> str:
    """Both in a menu of their own, for panels that have no receipt."""
    return (
        '<details class="b-menu"><summary aria-label="Columns, PNG" title="Columns, PNG">⋯'
        f"</summary><div>{picture_button(run, title, run.view.as_of)}{column_list(title)}</div>"
        "</details>"
    )


def slug(title: str) -> str:
    """A panel's name in keys, class names and files."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _notes(run: PageRun, clock: datetime, sources: Iterable[str]) -> list[str]:
    named = ", ".join(sources)
    lines = [
        exports.DEMO_NOTICE if run.demo else "",
        f"As known at {run.view.local(clock)} · {run.settings.workspace}",
        f"Sources of the data read: {named}" if named else "",
    ]
    return [line for line in lines if line]
