"""Which language a text is in, by its script and its common words."""

from __future__ import annotations

import pytest

from desktop.common.text.language import is_chinese, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好", "zh"),
        ("用 Python 写一个函数", "zh"),
        ("The sign 猫 means cat, as you know", "en"),
        ("これは猫です", "ja"),
        ("고양이", "ko"),
        ("Кошка спит", "ru"),
        ("Die Katze schläft und das ist gut", "de"),
        ("Le chat est dans la maison avec nous", "fr"),
        ("Giraffes", "en"),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language


def test_what_tells_nothing_is_in_the_language_before_it() -> None:
    assert language_of("42", "zh") == "zh"
    assert language_of("OK", "de") == "de"
    assert language_of("OK", "zh") == "en"


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("明天下午三点的会议改到后天上午十点，地点不变。", True),
        ("我用 Python 3.11 写了一个小程序，放在 GitHub 上。", True),
        ("The word 猫 means cat.", False),
        ("Das ist ein Satz.", False),
        ("これは日本語の文章です。漢字もあります。", False),
        ("회의는 내일입니다 會議", False),
        ("12 + 34 = 46", False),
        ("", False),
    ],
)
def test_a_text_is_chinese_that_is_mostly_so(text: str, chinese: bool) -> None:
    assert is_chinese(text) is chinese
