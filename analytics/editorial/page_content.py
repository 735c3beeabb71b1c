"""Search checks of what a page holds: headings, links, pictures, words, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analytics.editorial.key_terms import main_topic
from analytics.editorial.page_part import CheckedPart, remark
from analytics.editorial.page_view import PageView
from analytics.editorial.reading_ease import ease
from analytics.editorial.word_lists import table

FILE_NAME = re.compile(r"[\w\-. %]+\.(?:png|jpe?g|gif|svg|webp|avif|bmp)", re.IGNORECASE)


def one_h1(view: PageView) -> CheckedPart:
    """Whether exactly one heading is of the first level."""
    if not view.has_structure:
        return CheckedPart()
    first = [block for block in view.headings if block.level == 1]
    if len(first) == 1:
        return CheckedPart(1.0, "one")
    if not first:
        note = "no heading is of the first level: give the page one h1"
        return CheckedPart(0.0, "none", [remark("one_h1", view, note)])
    note = f"{len(first)} headings are of the first level: keep one h1"
    second = first[1]
    return CheckedPart(
        0.5, str(len(first)), [remark("one_h1", view, note, second.start, second.end)]
    )


def heading_order(view: PageView) -> CheckedPart:
    """Whether no level is left out on the way down."""
    headings = view.headings
    if not view.has_structure or not headings:
        return CheckedPart()
    found = []
    for one, two in zip(headings, headings[1:], strict=False):
        if two.level > one.level + 1:
            note = (
                f"a heading of level {two.level} follows one of level {one.level}: "
                f"make it level {one.level + 1}"
            )
            found.append(remark("heading_order", view, note, two.start, two.end))
    return CheckedPart(
        1 - len(found) / max(len(headings) - 1, 1), f"{len(headings)} headings", found
    )


def internal_links(view: PageView) -> CheckedPart:
    """Whether the text itself leads to other pages of its site."""
    least, fewest = (table("search")["bounds"][name] for name in ("internal_links", "fewest_words"))
    words = ease((_sentences(view)), view.reading.language)
    if not view.page or words is None or words[1] < fewest:
        return CheckedPart()
    count = len(view.internal_links())
    seen = f"{count} link{'s' * (count != 1)}"
    if count >= least:
        return CheckedPart(1.0, seen)
    note = f"the text has {seen} to pages of its site: link to {least} or more"
    return CheckedPart(count / least, seen, [remark("internal_links", view, note)])


def image_alt(view: PageView) -> CheckedPart:
    """Whether each picture has words for those who do not see it, or is said to be decoration."""
    if not view.page or not view.page.images:
        return CheckedPart()
    found = []
    for image in view.page.images:
        name = image.src.rpartition("/")[2] or "a picture"
        if image.alt is None:
            found.append(
                remark(
                    "image_alt",
                    view,
                    f"{name} has no alternative text: describe it, or set it empty",
                )
            )
        elif FILE_NAME.fullmatch(image.alt):
            found.append(
                remark(
                    "image_alt",
                    view,
                    f"the alternative text of {name} is a file name: say what it shows",
                )
            )
    count = len(view.page.images)
    return CheckedPart(1 - len(found) / count, f"{count} picture{'s' * (count != 1)}", found)


def reading_level(view: PageView) -> CheckedPart:
    """How easily the text is read, by the formula of its language."""
    bounds = table("search")["bounds"]
    found = ease(_sentences(view), view.reading.language)
    if found is None or found[1] < bounds["fewest_words"]:
        return CheckedPart()
    value = found[0]
    part = (value - bounds["hard"] + 20) / (bounds["easy"] - bounds["hard"] + 20)
    seen = f"ease {value:.0f} of 100"
    if value >= bounds["hard"]:
        return CheckedPart(min(part, 1.0), seen)
    note = (
        f"the text is very hard to read (ease {value:.0f} of 100): use shorter sentences and words"
    )
    return CheckedPart(max(part, 0.0), seen, [remark("reading_level", view, note)])


def _sentences(view: PageView) -> Iterator[str]:
    return (view.reading.text[one.start : one.end] for one in view.reading.sentences)


def freshness(view: PageView) -> CheckedPart:
    """How long ago the page was changed, and how old the newest period is that it names."""
    bounds = table("search")["bounds"]
    clock, modified, periods = view.reading.clock, view.modified(), view.dated_periods()
    found = []
    if periods and (clock - periods[-1][0]).days > bounds["stale_period_days"]:
        note = f"the newest period that the page names is {periods[-1][1]}: bring it up to date"
        found.append(remark("freshness", view, note))
    if modified is None:
        return CheckedPart(None, "no date of change", found)
    days = (clock - modified).days
    if days < 0:
        found.append(
            remark(
                "freshness",
                view,
                f"the date of change, {modified}, is to come: correct it",
            )
        )
    elif days > bounds["stale_days"]:
        found.append(
            remark(
                "freshness",
                view,
                f"the page was last changed {days} days ago: check that it still holds",
            )
        )
    part = 0.0 if days < 0 else max(0.0, 1 - days / bounds["stale_part_days"])
    is_old_news = bool(found) and periods and days >= 0 and days <= bounds["stale_days"]
    return CheckedPart(part / 2 if is_old_news else part, f"changed {modified}", found)


def key_terms(view: PageView) -> CheckedPart:
    """Whether what the text speaks of most stands in its title, heading and first paragraph."""
    reading = view.reading
    topic = main_topic(reading)
    if topic is None:
        return CheckedPart()
    first = next(reading.prose(), None)
    places = [
        topic.is_in(reading.text[block.start : block.end])
        for block in view.headings
        if block.level == 1
    ]
    if view.page:
        places.append(topic.is_in(view.page.title))
    opening = topic.is_in(reading.text[first.start : first.end]) if first else False
    value = sum((*places, opening)) / (len(places) + 1)
    if any(places) or (not places and opening):
        return CheckedPart(value, topic.label)
    where = "title and heading" if places else "the first paragraph"
    note = f"the text speaks of {topic.label} most: name it in {where}"
    return CheckedPart(value, topic.label, [remark("key_terms", view, note)])
