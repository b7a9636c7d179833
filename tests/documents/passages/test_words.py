"""Which words of a text are looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.passages.words import content_words_of, stem, words_of


@pytest.mark.parametrize(
    "forms",
    [
        "install installs installed installing installation installer installers",
        "partition partitions partitioned partitioning",
        "configure configures configured configuring configuration",
        "require required requirement requirements",
        "copy copies copied copying",
        "use uses used using",
        "run runs running",
        "box boxes",
        "automatic automatically",
        "add added adding adds",
        "manage manages managed managing manager management",
        "employee employees",
        "vacation vacations",
    ],
)
def test_forms_of_an_english_word_are_one(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "words", ["universe adverse", "class clause", "need nation", "boss bus", "policy police price"]
)
def test_different_words_stay_different(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == len(words.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＵＳＢ３．０", "USB3.0"),
        ("e-mail", "email"),
        ("wi-fi", "WiFi"),
        ("2,340 EUR", "2340 EUR"),
        ("café", "cafe"),
        ("the boss’s car", "the boss car"),
        ("fooBar", "foo_bar"),
        ("安装\n程序", "安装程序"),
        ("config-\nuration", "config-uration"),
        ("Straße", "straße"),
    ],
)
def test_ways_to_write_the_same_have_a_word_in_common(one: str, other: str) -> None:
    assert set(words_of(one)) & set(words_of(other)) - {"eur", "the", "car"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++ and C#", ["c++", "and", "c#"]),
        ("192.168.0.1", ["192.168.0.1", "192", "168"]),
        ("512MB", ["512mb", "512", "mb"]),
        ("我用Python写程序", ["我", "用", "我用", "python", "写", "程", "序", "写程", "程序"]),
        ("記憶體", ["記", "憶", "體", "記憶", "憶體"]),
        ("猫", ["猫"]),
        ("メモリ", ["メ", "モ", "リ", "メモ", "モリ"]),
        ("", []),
        ("…!?", []),
        ("x" * 100, []),
    ],
)
def test_words_of(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How much memory does it need?", ("memori",)),
        ("安装程序需要多少内存？", ("安装", "装程", "程序", "内存")),
        ("What is it?", ("what", "is", "it")),
        ("茶多少钱？", ("茶", "钱")),
        ("是什么？", ("是", "什", "么", "是什", "什么")),
        ("", ()),
        ("???", ()),
    ],
)
def test_a_question_is_about_its_content_words(question: str, words: tuple[str, ...]) -> None:
    assert content_words_of(question) == words


@given(st.text(max_size=300))
def test_no_text_is_too_strange_and_no_word_would_be_parted_by_the_index(text: str) -> None:
    for word in (*words_of(text), *content_words_of(text)):
        assert word
        assert all(not char.isascii() or char.isalnum() or char in ".+#" for char in word)
