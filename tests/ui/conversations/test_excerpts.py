from __future__ import annotations

import pytest

from desktop.ui.conversations.excerpts import read_excerpt


@pytest.mark.parametrize(
    ("excerpt", "read"),
    [
        ("About **cats and dogs**: `nap` now", "About cats and dogs: nap now"),
        ("关于 **猫**：很好", "关于 猫：很好"),
        # What may mean something else stays.
        ("x**2 + y**2", "x**2 + y**2"),
        ("…cats** sleep", "…cats** sleep"),
        ("*args, **kwargs", "*args, **kwargs"),
        ("```python", "```python"),
    ],
)
def test_signs_around_words_are_not_read(excerpt: str, read: str) -> None:
    assert read_excerpt(excerpt, ())[0] == read


def test_the_words_that_were_found_stay_marked() -> None:
    excerpt = "About **cats** and `cats`, cats"
    marks = tuple((at, at + 4) for at in range(len(excerpt)) if excerpt.startswith("cats", at))
    read, moved = read_excerpt(excerpt, marks)
    assert [read[begin:end] for begin, end in moved] == ["cats"] * 3
    # AND what is found together with its signs is marked without them
    read, moved = read_excerpt("a **b c** d", ((2, 9),))
    assert [read[begin:end] for begin, end in moved] == ["b c"]
