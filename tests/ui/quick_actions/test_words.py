from __future__ import annotations

from desktop.ui.quick_actions.words import length_words


def test_one_character_is_one() -> None:
    assert [length_words(count) for count in (1, 2, 1234)] == ["one character", "2 characters", "1,234 characters"]
