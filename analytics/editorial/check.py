"""All editorial checks of a draft."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analytics.claims.check import CheckedStatement
from analytics.editorial.draft_reading import DraftReading
from analytics.editorial.finding import EditorialFinding
from analytics.editorial.forecasts import forecasts_as_fact
from analytics.editorial.grounds import undated_numbers, unsourced_numbers
from analytics.editorial.headlines import headline_against_text
from analytics.editorial.links import dead_links
from analytics.editorial.measures import percent_for_points, real_not_said, season_not_said
from analytics.editorial.sentences import long_sentences
from analytics.editorial.table_titles import titles_against_data


def editorial_findings(
    reading: DraftReading,
    *,
    checked: Sequence[CheckedStatement] = (),
    url: str | None = None,
    pages: Collection[str] | None = None,
) -> list[EditorialFinding]:
    """What an editor would remark on a draft, in the order of its text.

    `checked` is what `check_draft` found in it, `url` its address and `pages` the addresses that
    its site has, where they are known. No model is asked and nothing is fetched.
    """
    found = [
        *headline_against_text(reading),
        *undated_numbers(reading),
        *unsourced_numbers(reading),
        *forecasts_as_fact(reading),
        *season_not_said(reading),
        *real_not_said(reading),
        *percent_for_points(reading, checked),
        *titles_against_data(reading),
        *dead_links(reading, url=url, pages=pages),
        *long_sentences(reading),
    ]
    return sorted(found, key=lambda one: (one.start, one.end, one.check))
