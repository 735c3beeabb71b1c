"""Search checks of what a page states of itself: title, description, address, data, language."""

from __future__ import annotations

import re

from analytics.claims.reading.number_format import language_of
from analytics.claims.reading.words import LANGUAGES
from analytics.editorial.finding import SearchCheck
from analytics.editorial.page_part import CheckedPart, remark
from analytics.editorial.page_view import PageView, day_of, same_page
from analytics.editorial.word_lists import table

ROBOTS = ("robots", "googlebot", "bingbot", "googlebot-news")
CLOSED = {"noindex", "none"}


def _length(check: SearchCheck, name: str, stated: str, view: PageView) -> CheckedPart:
    least, most = table("search")["bounds"][name]
    count = len(stated)
    if not count:
        return CheckedPart(
            0.0,
            "none",
            [
                remark(
                    check,
                    view,
                    f"the page has no {name}: write one of {least} to {most} characters",
                )
            ],
        )
    if least <= count <= most:
        return CheckedPart(1.0, f"{count} characters")
    off = (least - count) / least if count < least else (count - most) / most
    word = "short" if count < least else "long"
    note = f"the {name} has {count} characters, which is too {word}: {least} to {most} are shown"
    return CheckedPart(max(0.0, 0.5 - off / 2), f"{count} characters", [remark(check, view, note)])


def title_length(view: PageView) -> CheckedPart:
    """Whether the title that results show is there and fits."""
    return _length("title_length", "title", view.page.title, view) if view.page else CheckedPart()


def description_length(view: PageView) -> CheckedPart:
    """Whether the description is there and fits."""
    if not view.page:
        return CheckedPart()
    stated = view.reading.draft.meta.get("description", "")
    return _length("description_length", "description", stated, view)


def canonical(view: PageView) -> CheckedPart:
    """Whether the canonical address is there, whole, and the page's own."""
    if not view.page:
        return CheckedPart()
    stated = list(dict.fromkeys(view.page.canonicals))
    note = ""
    if not stated:
        note = "the page states no canonical address: add link rel=canonical"
    elif len({same_page(one) for one in stated}) > 1:
        note = "the page states several canonical addresses: keep one"
    elif not stated[0].casefold().startswith(("http://", "https://")):
        note = "the canonical address is not absolute: write it with https and host"
    elif view.url and same_page(stated[0]) != same_page(view.url):
        note = f"the canonical address is {stated[0]}, so that page is listed instead: correct it"
    return CheckedPart(
        0.0 if note else 1.0,
        stated[0] if stated else "none",
        [remark("canonical", view, note)] if note else [],
    )


def structured_data(view: PageView) -> CheckedPart:
    """Whether JSON-LD describes an article with headline, dates and author."""
    if not view.page:
        return CheckedPart()
    rules = table("search")["structured_data"]
    article = view.article()
    if article is None:
        if view.page.bad_data:
            note = "the structured data is no JSON: correct it"
        elif view.reading.draft.structured_data:
            note = "the structured data describes no article: add a NewsArticle or the like"
        else:
            note = "the page has no structured data: add JSON-LD of type NewsArticle or the like"
        return CheckedPart(0.0, "none", [remark("structured_data", view, note)])
    missing = [name for name in rules["fields"] if not _is_stated(name, article.get(name))]
    published, modified = (day_of(article.get(name)) for name in ("datePublished", "dateModified"))
    note = ""
    if missing:
        note = f"the structured data lacks {', '.join(missing)}: add them"
    elif published and modified and modified < published:
        note = "the structured data has a change before the publication: correct the dates"
    value = 1 - (len(missing) or bool(note)) / (len(rules["fields"]) + 1)
    return CheckedPart(value, "article", [remark("structured_data", view, note)] if note else [])


def _is_stated(name: str, value: object) -> bool:
    if name.startswith("date"):
        return day_of(value) is not None
    if name == "author":
        listed = value if isinstance(value, list) else [value]
        return any(bool(one.get("name")) if isinstance(one, dict) else bool(one) for one in listed)
    return isinstance(value, str) and bool(value.strip())


def language(view: PageView) -> CheckedPart:
    """Whether the page says in which language it is, and is."""
    if not view.page:
        return CheckedPart()
    stated = view.reading.draft.meta.get("language", "").strip()
    code = re.split(r"[-_]", stated.casefold())[0]
    spoken = language_of(view.reading.text[:20_000], view.reading.language) or view.reading.language
    note = ""
    if not code:
        note = f"the page does not say its language: write lang={spoken} at its html element"
    elif not re.fullmatch(r"[a-z]{2,3}", code):
        note = f"lang={stated} is no language: write lang={spoken}"
    elif code in LANGUAGES and code != spoken:
        note = f"the page says lang={stated}, but its text is {spoken}: correct one of them"
    return CheckedPart(
        0.0 if note else 1.0, stated or "none", [remark("language", view, note)] if note else []
    )


def noindex(view: PageView) -> CheckedPart:
    """Whether search engines may list the page."""
    if not view.page:
        return CheckedPart()
    meta = view.reading.draft.meta
    for name in ROBOTS:
        stated = {word.strip() for word in meta.get(name, "").casefold().split(",")}
        if CLOSED & stated:
            said = ", ".join(sorted(CLOSED & stated))
            note = f"the page tells {name} not to list it ({said}): take that out to be found"
            return CheckedPart(0.0, "closed", [remark("noindex", view, note)])
    return CheckedPart(1.0, "open")
