"""What counts as the same text in a search."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.common.text.matching import fold, places, spellings
from desktop.history.store import History


@given(st.text())
def test_every_character_stays_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Cat", "cAT"), ("ＧＰＴ－４", "gpt-4"), ("É", "é"), ("two words", "two\nwords"), ("猫　狗", "猫 狗"), ("İ", "İ")],
)
def test_case_and_width_do_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_places_are_those_of_the_longest_word() -> None:
    assert places(fold("A cat, a CATalogue"), ["cat", "catalogue"]) == [(2, 5), (9, 18)]
    assert places("a.b axb", ["a.b"]) == [(0, 3)]
    assert places("text", []) == places("text", [""]) == []


def test_spellings_are_few() -> None:
    assert spellings("猫咪") == ("猫咪",)
    assert set(spellings("Gp")) == {"Gp", "gp", "GP", "ｇｐ", "ＧＰ"}


@pytest.mark.parametrize("word", ["GPT", "gpt", "ｇｐｔ", "ＧＰＴ", "gp", "ＧＰ"])
def test_the_search_finds_all_spellings_and_says_where(tmp_path: Path, word: str) -> None:
    history = History(tmp_path / "history.sqlite3")
    conversation = history.create("x").id
    texts = ["About GPT.", "About gpt.", "关于ＧＰＴ的事", "ｇｐｔ", "nothing"]
    for text in texts:
        history.add_user_message(conversation, text)
    hits = history.search(word)
    assert {hit.excerpt for hit in hits} == set(texts[:-1])
    for hit in hits:
        assert [fold(hit.excerpt[begin:end]) for begin, end in hit.marks] == [fold(word)]
    history.close()


def test_the_excerpt_is_around_the_words(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite3")
    history.add_user_message(history.create("x").id, "word " * 500 + "needle and Thread " + "word " * 500)
    (hit,) = history.search("thread needle")
    assert [hit.excerpt[begin:end] for begin, end in hit.marks] == ["needle", "Thread"]
    assert len(hit.excerpt) <= 122
    history.close()
