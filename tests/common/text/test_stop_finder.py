"""The first of some texts is found in a stream, however that is cut, and nothing of it comes through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.common.text.stop_finder import StopFinder
from tests.support.properties import PROPERTY


@PROPERTY
@given(
    pieces=st.lists(st.text(alphabet="ab\n", max_size=4), max_size=12),
    stops=st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=3),
)
def test_what_stands_before_the_first_stop_comes_through(pieces: list[str], stops: list[str]) -> None:
    finder = StopFinder(stops)
    said = [finder.feed(piece) for piece in pieces]
    # Looked for piece by piece: what ends first counts, and of those that end in one piece the first.
    whole, expected, found = "", None, False
    for piece in pieces:
        whole += piece
        places = [at for stop in stops if (at := whole.find(stop)) >= 0]
        if places:
            expected, found = whole[: min(places)], True
            break
    assert finder.is_found is found
    assert "".join(said) + ("" if found else finder.flush()) == (expected if found else "".join(pieces))


def test_what_may_be_the_beginning_of_a_stop_is_held_back() -> None:
    finder = StopFinder(["END"])
    assert [finder.feed(piece) for piece in ("the E", "N", "x", "E", "ND", "more")] == ["the ", "", "ENx", "", "", ""]
    assert finder.is_found and finder.flush() == ""
