"""Saved views as they were, and targets that would lead out of the house."""

from __future__ import annotations

import pytest

from data.errors import ConfigError
from data.state import views
from data.state.views import Target

MAP = Target("heatmap", "as_of=2020-03-16&days=21")


def test_a_view_is_shown_as_it_was(state, edit, at) -> None:
    first = views.create(state, "March 2020", MAP, edit=edit(0))
    second = views.save(state, first.id, "Crash", Target("overview", ""), edit=edit(1, "", "bob"))
    views.delete(state, first.id, edit=edit(2))
    seen = [views.read(state, first.id, as_of=at(hour)) for hour in (-1, 0.5, 1, 2)]
    assert seen == [None, first, second, None]
    assert views.listed(state, as_of=at(1)) == (second,)
    assert views.listed(state, as_of=at(3)) == ()
    assert (second.owner, second.author, second.version) == ("ann", "bob", 2)
    with pytest.raises(ConfigError, match="no saved view"):
        views.save(state, first.id, "Crash", MAP, edit=edit(3))


def test_views_of_one_owner_by_name(state, edit, at) -> None:
    for title, author in (("b", "ann"), ("A", "ann"), ("c", "bob"), ("A", "bob")):
        views.create(state, title, MAP, edit=edit(0, "", author))
    found = views.listed(state, as_of=at(1), owner="ann")
    assert [view.name for view in found] == ["A", "b"]
    assert len(views.listed(state, as_of=at(1))) == 4


@pytest.mark.parametrize(
    ("title", "target", "said"),
    [
        ("x", Target("../etc", ""), "not the name of a page"),
        ("x", Target("https://elsewhere", ""), "not the name of a page"),
        ("x", Target("", ""), "not the name of a page"),
        ("x", Target("heatmap", "a=1\r\nSet-Cookie: x"), "not that of a URL"),
        ("x", Target("heatmap", "?a=1"), "not that of a URL"),
        ("x", Target("heatmap", "a=" + "1" * 5000), "shorten"),
        ("../x", MAP, "step of a path"),
        ("x" * 81, MAP, "81 characters"),
    ],
)
def test_views_that_are_refused(state, edit, title, target, said) -> None:
    with pytest.raises(ConfigError, match=said):
        views.create(state, title, target, edit=edit(0))
    assert state.rows("SELECT * FROM saved_view") == []
