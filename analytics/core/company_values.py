"""What is shown of a company: the team's value where it gives one, else what was filed.

One rule for every query: in its text `{companies}` or `{companies where ...}` stands for each
company once, with what was filed beside. `edited` names the attributes that are the team's; a
company that nobody filed for has no `filed_name`. The filing is that of the source that is shown.
`withdrawn` ones are the caller's to leave out: their own page still has them.
`{is_of_team}` is whether a row is the team's own.
"""

from __future__ import annotations

import re

from data.fields import TEAM_SOURCES

EDITABLE = ("name", "sector", "industry", "country")
TEAM = f"source IN ({', '.join(map(repr, TEAM_SOURCES))})"
COMPANIES = re.compile(r"\{companies(?:\s+where\s+([^{}]+))?\}")
_SHOWN = ", ".join(
    f"coalesce(team.{name}, filed.{name}) AS {name}, filed.{name} AS filed_{name}"
    for name in EDITABLE
)
_EDITED = ", ".join(f"CASE WHEN team.{name} IS NOT NULL THEN '{name}' END" for name in EDITABLE)
_TEXT = (
    f"(SELECT company, {_SHOWN}, filed.currency, filed.cik, filed.lei, filed.fiscal_year_end, "  # noqa: S608 - text of the house alone
    "filed.category, filed.website, filed.description, "
    f"concat_ws(',', {_EDITED}) AS edited, team.note, team.author, team.known_at AS edited_at, "
    "coalesce(team.withdrawn, false) AS withdrawn, "
    "coalesce(filed.source, team.source) AS source, "
    "coalesce(filed.vintage_grade, team.vintage_grade) AS vintage_grade, "
    "greatest(filed.known_at, team.known_at) AS known_at FROM ("
    "SELECT companies.* FROM companies JOIN {standing of companies_known per company of source "
    f"where NOT ({TEAM}) AND (WANTED)}} AS stands USING (company, source) WHERE standing = 1"
    f") AS filed FULL JOIN (SELECT * FROM companies WHERE {TEAM} AND (WANTED)"
    ") AS team USING (company) WHERE coalesce(team.name, filed.name) IS NOT NULL)"
)


def with_companies(text: str) -> str:
    """The text of a query with the rule in place of its names."""
    found = COMPANIES.sub(lambda match: _TEXT.replace("WANTED", match.group(1) or "true"), text)
    return found.replace("{is_of_team}", TEAM)
