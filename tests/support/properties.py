"""How properties are tested: as many tries on a busy machine as on a quiet one, the same ones for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st

# No deadline for a single try: another program may be at work. No folder of examples that one run leaves to the next.
PROPERTY: Final = settings(database=None, deadline=None, derandomize=True)

# What a file may hold in the place of any value: other types, and numbers with which nothing can be counted.
JSON: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([10**400, -(10**400), 2**63, -1, 1e308, "\ud83d", "a\0b", "..", "{0.x}", "{9}", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def damaged(document: Any) -> st.SearchStrategy[Any]:
    """Returns copies of a JSON document, each with another value in some of its places."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> Any:
        copy = json.loads(json.dumps(document))
        for _ in range(draw(st.integers(1, 3))):
            places = list(_places(copy))
            if places:
                holder, key = draw(st.sampled_from(places))
                holder[key] = draw(JSON)
        return copy

    return draw_one()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
