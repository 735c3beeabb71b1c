"""Panel: the frame around every chart and table, with its state, its receipt and its downloads.

Whatever goes wrong inside stays inside: one sentence, the next step, and the page goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Literal

import streamlit as st

from analytics.core.coverage import grades
from data.proof.receipts import kind_of, make_receipt
from data.query import Answer, At
from data.query.guard import dataset_of
from data.query.standing_in import described_today, restated
from pages.frame import charts, exports
from pages.frame.cached import Analytic, KeptAnswer, ask, cached
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.freshness import Coverage, dataset_word, known
from pages.frame.links import plain
from pages.frame.picture import column_list, picture_button, slug
from pages.frame.run import PageRun, current
from pages.frame.theme import palette
from pages.frame.view import age

State = Literal["ok", "stale", "partial", "empty", "error"]
Notice = Literal["quiet", "empty", "partial", "error"]
Drawn = str | charts.Figure | None
Draw = Callable[[Answer], Drawn]
TODAY = "names as of today"
RESTATED = "Includes restated figures: their source keeps no history of what was known when"
NO_MATCH = "Nothing matches. Widen the filter, or move the clock."


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart or table. `needs` names the datasets that must have rows; the first of them
    gives the age that the panel shows. `nothing` is said when they have rows and none matches.
    `keeps` allows the drawing to be kept with its answer: it must then follow from the answer,
    the view and the theme alone. `at` is another clock than the page's. `key` names its elements
    where the title changes with what is chosen: under another name they would be made anew.
    `assumed` says what a scenario takes as given; it goes into the files."""

    title: str
    unit: str
    needs: tuple[str, ...]
    nothing: str = NO_MATCH
    draws_empty: bool = False
    keeps: bool = False
    at: At | None = None
    key: str = ""
    assumed: str = ""

    def show(self, fn: Analytic, draw: Draw, **params: Any) -> Answer | None:
        """Ask, judge, draw: a string is HTML already escaped, a figure is a chart; a draw that
        places its own elements gives none. Gives the answer, or none when there is nothing."""
        run = current()
        with st.container(border=True, key=f"panel-{self.slug}"):
            if isinstance(run.lake, Exception):
                self._head("error", None, None)
                st.html('<div class="b-note">The lake cannot be opened; the reason is above.</div>')
                return None
            try:
                kept_answer = ask(fn, self.at or run.at, **params)
                coverage = known(run)
            except Exception as error:  # noqa: BLE001 - the wall between a panel and its page; explain() logs it
                self._head("error", None, None)
                closed = [name for name, why in run.at.closed.items() if why == str(error)]
                if closed:
                    st.html(
                        f'<div class="b-note">{closed[0]} cannot be opened; the reason is '
                        "above.</div>"
                    )
                else:
                    say(explain(error, self.title), "error")
                return None
            return self._body(run, kept_answer, coverage, draw)

    @property
    def slug(self) -> str:
        """A name for keys and files."""
        return self.key or slug(self.title)

    def _body(
        self, run: PageRun, kept_answer: KeptAnswer, coverage: Coverage, draw: Draw
    ) -> Answer | None:
        answer = kept_answer.copy()
        newest = coverage.newest(self.needs[:1])
        state = judge(answer, coverage, self.needs, run.view.as_of)
        self._head(state, newest, answer)
        if answer.damaged:
            say(damage(answer.damaged), "partial")
        if answer.frame.is_empty() and not self.draws_empty:
            say(self._empty(run, coverage), "empty")
            return None
        try:
            drawn = self._drawing(run, kept_answer, draw)
            if isinstance(drawn, str):
                st.html(drawn)
            elif drawn is not None:
                self._chart(run, drawn)
        except Exception as error:  # noqa: BLE001 - as above
            say(explain(error, self.title), "error")
            return None
        return answer

    def _head(self, state: State, newest: datetime | None, answer: Answer | None) -> None:
        run = current()
        named = dataset_word(self.needs[0]) if self.needs else ""
        old = f"newest {named} {age(newest, run.view.as_of)} old" if newest else ""
        names = "" if run.view.is_now or not (answer and described_today(answer)) else TODAY
        unit = " · ".join(part for part in (self.unit, old, names) if part)
        badge = "" if state == "ok" else f'<span class="b-chip b-{state}">{state.upper()}</span>'
        if answer and restated(answer):
            badge += f'<span class="b-chip b-partial" title="{RESTATED}">RESTATED</span>'
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            st.html(
                f'<div class="b-head"><h3>{escape(self.title)}</h3>{badge}'
                f'<span class="b-unit">{escape(unit)}</span></div>',
                width="stretch",
            )
            if answer is not None:
                self._menu(run, answer)

    def _menu(self, run: PageRun, answer: Answer) -> None:
        clock = self.at.as_of if self.at else run.view.as_of
        about = run.about(self.title) | {"as_of": clock.isoformat()}
        about |= {"assumptions": self.assumed} if self.assumed else {}
        name = f"{run.settings.workspace} {self.title}"
        files: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
            ("CSV", "csv", lambda: exports.to_csv(answer.frame, about)),
            ("Parquet", "parquet", lambda: exports.to_parquet(answer.frame, about)),
            ("Receipt", "receipt.json", lambda: exports.to_json(about | make_receipt(answer))),
        )
        menu = st.popover(
            "",
            icon=":material/more_horiz:",
            type="tertiary",
            on_change="rerun",
            key=f"menu-{self.slug}",
            help="Downloads, columns, SQL, receipt",
        )
        if not menu.open:
            return
        with menu:
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                for label, suffix, make in files:
                    st.download_button(
                        label,
                        make,
                        exports.file_name(name, clock.strftime("%Y%m%dT%H%MZ"), suffix),
                        "application/octet-stream",
                        key=f"get-{suffix}-{self.slug}",
                        on_click="ignore",
                    )
                sources = _sources(run.at, answer)
                st.html(picture_button(run, self.title, clock, sources, self.slug), width="content")
            st.html(column_list(self.slug))
            for query_run in answer.asked:
                st.code(query_run.sql.strip(), language="sql", height=260)
                if query_run.params:
                    st.caption(
                        ", ".join(
                            f"`${key}` = {plain(str(value))}"
                            for key, value in query_run.params.items()
                        )
                    )
            st.caption(_kind(answer))

    def _drawing(self, run: PageRun, kept_answer: KeptAnswer, draw: Draw) -> Drawn:
        look = (draw.__module__, draw.__qualname__, run.theme, *run.view.params().items())
        if self.keeps and look in kept_answer.drawings:
            drawn: Drawn = kept_answer.drawings[look]
            return drawn
        drawn = draw(kept_answer.copy())
        if run.demo and isinstance(drawn, charts.Figure):
            charts.watermark(drawn, palette(run.theme))
        if self.keeps:
            kept_answer.drawings[look] = drawn
        return drawn

    def _chart(self, run: PageRun, figure: charts.Figure) -> None:
        name = exports.file_name(
            f"{run.settings.workspace} {self.title}", run.view.as_of.strftime("%Y%m%dT%H%MZ"), "png"
        )
        st.plotly_chart(
            figure,
            key=f"chart-{self.slug}",
            theme=None,
            config=charts.config(name.removesuffix(".png")),
            alt=f"{self.title}: {self.unit}",
        )

    def _empty(self, run: PageRun, coverage: Coverage) -> Trouble:
        missing = coverage.missing(self.needs)
        if not missing:
            return Trouble(self.nothing, "")
        return nothing_known(run, missing)


def nothing_known(run: PageRun, missing: list[str]) -> Trouble:
    """Why datasets are empty at this clock, and what fills them."""
    names = ", ".join(map(dataset_word, missing))
    if not run.view.is_now:
        what = f"Nothing of {names}" if names else "Nothing in this lake"
        return Trouble(f"{what} was known at {run.view.local()}.", way_out(run))
    return Trouble(f"{names}: no rows yet." if names else "This lake is empty.", way_out(run))


def way_out(run: PageRun) -> str:
    """What brings rows to an empty page: a later clock, else the command that fetches them."""
    if not run.view.is_now:
        return "Step forward, or press Now."
    here = f"--workspace {run.settings.workspace}"
    if run.demo:
        return f"`python -m scripts.seed_demo {here}` fills it."
    return (
        f"`python -m scripts.scheduler {here}` fetches what needs no key; Jobs says which keys "
        "would bring more."
    )


def judge(answer: Answer, coverage: Coverage, needs: tuple[str, ...], at: datetime) -> State:
    """The state of a panel: the gravest that holds."""
    if answer.damaged:
        return "partial"
    if coverage.missing(needs):
        return "empty" if answer.frame.is_empty() else "ok"
    return "stale" if set(coverage.late(at)) & set(needs) else "ok"


def say(trouble: Trouble, kind: Notice) -> None:
    """One sentence and the next step, in words that nobody's data can turn into markup."""
    step = _code(escape(trouble.step))
    st.html(
        f'<div class="b-say {kind}" role="status"><b>{_code(escape(trouble.text))}</b> '
        f'<span class="b-step">{step}</span></div>'
    )


def _kind(answer: Answer) -> str:
    """By what the figure is had again, and how it follows."""
    kind = kind_of(answer)
    if answer.called is None or answer.derived is None:
        return f"Receipt: {kind}"
    return f"Receipt: {kind} `{answer.called.function}`. {sentence(answer.derived)}"


def _sources(at: At, answer: Answer) -> list[str]:
    """Who published the rows of the datasets that were read."""
    tables = {table for query_run in answer.asked for table in query_run.tables}
    names = sorted({dataset_of(table) for table in tables})
    found = (cached(grades, at, dataset=name).frame["source"] for name in names)
    return sorted({source for sources in found for source in sources if source})


def damage(files: Sequence[str]) -> Trouble:
    """Which files of the lake are left out, and what brings them back."""
    shown = ", ".join(files[:3])
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return Trouble(
        f"Left out, because they are damaged on the disk: {shown}{more}.",
        "Restore them from a backup or run their job again; the other rows are right.",
    )


def _code(text: str) -> str:
    parts = text.split("`")
    return "".join(
        f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)
    )
