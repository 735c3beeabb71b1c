"""What the plans of the sources that run cost in a month, against what may be spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data.profiles import Profile
from data.quotas import Quota
from ingest.jobs import Source


def paid_plans(sources: Iterable[Source], quotas: Mapping[str, Quota]) -> list[Quota]:
    """The plans that cost something; two sources of one provider share one."""
    names = dict.fromkeys(source.limited_as for source in sources)
    return [quotas[name] for name in names if name in quotas and quotas[name].price_usd]


def is_within(profile: Profile, plans: Iterable[Quota]) -> bool:
    """Whether the budget of the profile bears them."""
    return sum(plan.price_usd for plan in plans) <= profile.budget_usd


def sentence(profile: Profile, plans: Iterable[Quota]) -> str:
    """Their sum against the budget, and what is left or too much."""
    total = sum(plan.price_usd for plan in plans)
    left = profile.budget_usd - total
    verdict = f"{left:,.0f} left" if left >= 0 else f"{-left:,.0f} too much"
    return (
        f"Money ({profile.name}: {profile.about}): plans cost {total:,.0f} USD a month of "
        f"{profile.budget_usd:,.0f}, {verdict}."
    )


def lines(plans: Iterable[Quota]) -> list[str]:
    """Each plan with its price, and what is to be said about it."""
    return [
        f"- {plan.source}, {plan.plan}: {plan.price_usd:,.0f} USD"
        + (f", {plan.note}" if plan.note else "")
        for plan in plans
    ]
