"""One Chinese word for each thing, as docs/GLOSSARY.md has it, and Chinese punctuation in Chinese text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import translations

GLOSSARY = Path(__file__).parents[2] / "docs" / "GLOSSARY.md"
HAN = "[\u3400-\u9fff]"
# Where the one is said in English, the other is said in Chinese.
WORDS = [
    (r"\b(re)?load(ed|ing|s)?\b(?! average)", "载入"),
    (r"\bdoz(e|es|ing)\b", "打盹"),
    (r"\b(asleep|sleeps?)\b", "睡着"),
    (r"\b[Cc]onversation memory\b", "对话记忆"),
    (r"\bnewer Catnap\b", "较新版本的 Catnap"),
    (r"\bcontext\b(?!})", "上下文"),
    (r"(?<![Aa]ccess )\btokens?\b(?!/s)", "词元"),
    (r"\b[Aa]ccess tokens?\b", "密钥"),
]
# Never said, however it is meant: what is said instead.
NEVER = {
    "加载": "载入",
    "装载": "载入",
    "对话内存": "对话记忆",
    "小睡": "打盹",
    "瞌睡": "打盹",
    "休眠": "睡着",
    "睡眠": "睡着",
    "首词": "首字等待",
    "复用": "left out",
    "令牌": "词元",
    "更新的 Catnap": "较新版本的 Catnap",
    "较新的 Catnap": "较新版本的 Catnap",
    "更新的程序": "较新的程序",
    "上方向": "the key as the menus write it",
    "Ctrl+Up": "the key as the menus write it",
    "你": "您",
}
HALF_WIDTH = re.compile(rf"{HAN}[,;:!?](?!;)|[,;:!?]{HAN}|{HAN}\.(?![\w*])|{HAN}\((?!&)|\.\.\.")
CHINESE = [(text, form) for text, forms in translations.translated("zh_CN").items() for form in forms]


@pytest.mark.parametrize(("english", "chinese"), WORDS)
def test_one_thing_has_one_word(english: str, chinese: str) -> None:
    found = [
        (text, form) for text, form in CHINESE if re.search(english, text.text) and text.context != "Errors"
    ]  # whole sentences there, freely said
    mixed = [f"{text.text} → {form}" for text, form in found if chinese not in form]
    assert mixed == []


@pytest.mark.parametrize("word", NEVER)
def test_words_that_are_never_said(word: str) -> None:
    assert [f"{text.text} → {form}" for text, form in CHINESE if word in form] == [], f"say {NEVER[word]}"


def test_chinese_text_has_chinese_punctuation() -> None:
    assert [form for _text, form in CHINESE if HALF_WIDTH.search(form) and ";;" not in form] == []


def test_the_rules_find_what_they_are_for() -> None:
    for wrong in ("打盹, 睡着", "模型:小", "好!", "完成.", "好(不)", "打开..."):
        assert HALF_WIDTH.search(wrong), wrong
    for right in ("打盹，睡着", "新对话(&N)", "模型（小）", "用 llama.cpp 完成", "发送 (Enter)", "{count}：{size}"):
        assert not HALF_WIDTH.search(right), right


def test_the_glossary_has_the_chinese_words() -> None:
    table = GLOSSARY.read_text(encoding="utf-8").partition("## In Chinese")[2]
    missing = [word for word in (*(chinese for _english, chinese in WORDS), *NEVER) if word not in table]
    assert missing == []
