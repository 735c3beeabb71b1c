"""Which part of an HTML page an element is: its text, or what stands around it on every page."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from data.drafts.draft import Part

BY_TAG: Mapping[str, Part] = {
    "nav": "navigation",
    "menu": "navigation",
    "aside": "aside",
    "header": "header",
    "footer": "footer",
}
BY_ROLE: Mapping[str, Part] = {
    "navigation": "navigation",
    "search": "navigation",
    "menubar": "navigation",
    "complementary": "aside",
    "banner": "header",
    "contentinfo": "footer",
}
# Words in the class or the id of an element, of the four languages.
BY_NAME: Mapping[str, Part] = {
    **dict.fromkeys(("nav", "navbar", "menu", "breadcrumb", "breadcrumbs"), "navigation"),
    **dict.fromkeys(("pagination", "related", "share", "sharing", "toc"), "navigation"),
    **dict.fromkeys(
        ("sidebar", "cookie", "cookies", "consent", "newsletter", "subscribe"), "aside"
    ),
    **dict.fromkeys(("ad", "ads", "advert", "adverts", "advertisement", "sponsored"), "advert"),
    **dict.fromkeys(("sponsor", "promo", "promotion", "anzeige", "werbung"), "advert"),
    **dict.fromkeys(("publicite", "publicidad", "anuncio", "annonce"), "advert"),
}
# A text may have a head and a foot of its own, with its title and its notes.
OWN = ("header", "footer")
HOLDERS = frozenset(("article", "main", "section", "figure", "blockquote"))
NAME = re.compile(r"[^\W_]+")


def part_of(tag: str, values: Mapping[str, str], around: Collection[str]) -> Part:
    """The part that an element begins, by role, tag or name; none where it begins none."""
    if role := BY_ROLE.get(values.get("role", "").strip().casefold()):
        return role
    if found := BY_TAG.get(tag):
        return "" if found in OWN and HOLDERS.intersection(around) else found
    if tag in ("html", "body", "main", "article"):
        return ""
    named = NAME.findall(f"{values.get('class', '')} {values.get('id', '')}".casefold()[:500])
    return next((BY_NAME[word] for word in named if word in BY_NAME), "")
