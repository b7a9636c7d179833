"""Encodings: those that people's files are in are told apart, also in short texts."""

from __future__ import annotations

import pytest

from desktop.documents.assembly import guess_language
from desktop.documents.formats.encodings import encoding_of
from desktop.documents.types import Part, PartKind

ENCODED = [
    (
        "您好，这是一个文件。\n天气很好，我们去公园走走。\n",
        ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"),
        "zh",
    ),
    ("您好，這是一個檔案。\n天氣很好，我們去公園走走。\n", ("big5", "utf-16-le", "utf-32"), "zh"),
    ("こんにちは、これは日本語のファイルです。\n今日は天気がいいです。\n", ("shift_jis", "euc_jp", "utf-16-be"), "ja"),
    ("안녕하세요, 이것은 한국어 파일입니다.\n오늘은 날씨가 좋네요.\n", ("euc_kr", "utf-16-le"), "ko"),
    ("Café crème à la mode, déjà vu. L'été dernier, nous étions à la plage.\n", ("cp1252", "utf-16-le", "utf-8"), ""),
    ("Привет, это файл на русском языке. Сегодня хорошая погода.\n", ("cp1251", "koi8_r"), ""),
    ("Name;City\nLi;北京\nWang;上海\nJane;London\n", ("gb18030", "utf-16-le"), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [(text, each, language) for text, encodings, language in ENCODED for each in encodings],
)
def test_encodings_are_told_apart(text: str, encoding: str, language: str) -> None:
    content = text.encode(encoding)
    found = encoding_of(content, is_whole=True)

    assert found is not None
    assert content.decode(found.name).lstrip("\ufeff") == text
    assert guess_language((Part(PartKind.WHOLE, 1, "", text),)) == language


def test_what_says_its_encoding_is_no_guess() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        found = encoding_of("猫".encode(encoding), is_whole=True)
        assert found is not None
        assert not found.is_guess


def test_a_character_may_be_cut_at_the_end() -> None:
    found = encoding_of("猫猫猫".encode()[:-1], is_whole=False)
    assert found is not None
    assert found.name == "utf-8"


@pytest.mark.parametrize("content", [bytes(range(256)) * 8, bytes(4096), b"\x01\x02\x03\x04" * 100])
def test_what_is_no_text_has_none(content: bytes) -> None:
    assert encoding_of(content, is_whole=True) is None
