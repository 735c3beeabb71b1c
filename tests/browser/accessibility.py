"""What axe-core finds wrong on a page, ours and the toolkit's apart, each by rule and place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.machine import ROOT

AXE = Path(__file__).with_name("axe") / "axe.min.js"
LISTED = ROOT / "docs" / "testing.md"
# Serious and critical ones. What stands in our own HTML or component is ours; the place of any
# other is the part of the toolkit, as it calls it itself, and the element in it.
FAULTS = """async () => {
  const up = (e) => e.parentElement ?? e.getRootNode().host ?? null;
  const ours = '[data-testid="stHtml"], [data-testid^="stBidiComponent"]';
  const isOurs = (e) => e !== null && (e.matches(ours) || isOurs(up(e)));
  const part = (e) => e === null ? 'body' : e.dataset?.testid || part(up(e));
  const { violations } = await axe.run(document, { resultTypes: ['violations'], elementRef: true });
  return violations.filter((rule) => ['serious', 'critical'].includes(rule.impact))
    .flatMap((rule) => rule.nodes.map(({ element, html, any }) => ({
      rule: rule.id, ours: isOurs(element), html: html.slice(0, 200),
      place: `${part(element)} ${element.tagName.toLowerCase()}`,
      why: any.map((check) => check.message).join(' ').slice(0, 200),
    })));
}"""
ROW = re.compile(r"^\| `([a-z-]+)` \| `([^`]+)` \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One element that breaks one rule."""

    rule: str
    place: str
    is_ours: bool
    html: str
    why: str


def faults(page: Page) -> list[Fault]:
    """The serious and critical ones of what the page shows now."""
    page.evaluate(AXE.read_text("utf-8"))
    return [
        Fault(one["rule"], one["place"], one["ours"], one["html"], one["why"])
        for one in page.evaluate(FAULTS)
    ]


def listed() -> set[tuple[str, str]]:
    """The toolkit's faults that the documentation lists, by rule and place."""
    _, _, section = LISTED.read_text("utf-8").partition("## Accessibility")
    return set(ROW.findall(section.partition("\n## ")[0]))


def new_ones(found: list[Fault]) -> list[Fault]:
    """Ours, and those of the toolkit that are not listed."""
    known = listed()
    return [fault for fault in found if fault.is_ours or (fault.rule, fault.place) not in known]
