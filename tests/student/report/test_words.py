"""The report's words: all in both languages, with the same places to be filled in."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path
from xml.etree import ElementTree

from desktop.check.types import KIND_NAMES, LANGUAGE_NAMES, Kind, Language
from desktop.student.report.words import FILE, LANGUAGES, Wording

ROOT = Path(__file__).parents[3]
WORDS = json.loads((ROOT / FILE).read_text(encoding="utf-8"))


def test_all_words_are_there_in_both_languages_with_the_same_places() -> None:
    assert LANGUAGES == ("en", "zh")
    for key, found in WORDS.items():
        assert set(found) == set(LANGUAGES), key
        places = [sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in found.values()]
        assert places[0] == places[1], key


def test_no_word_is_left_over_and_none_is_missing() -> None:
    source = "".join(path.read_text() for path in (ROOT / "desktop" / "student" / "report").glob("*.py"))
    for key in WORDS:
        assert f'"{key}"' in source or f"'{key}'" in source, f"nobody says {key!r}"
    for key in re.findall(r"""\bsay\(["']([^"']+)["']""", source):
        assert key in WORDS


def test_abilities_are_called_as_in_the_window() -> None:
    tree = ElementTree.parse(ROOT / "resources" / "translations" / "catnap_zh_CN.ts")
    known = {
        message.findtext("source"): message.findtext("translation")
        for context in tree.iter("context")
        if context.findtext("name") == "Check"
        for message in context.iter("message")
    }
    english, chinese = Wording("en"), Wording("zh")
    for kind in Kind:
        assert english.kind(kind) == KIND_NAMES[kind] and chinese.kind(kind) == known[KIND_NAMES[kind]]
    for language in Language:
        assert english.spoken(language) == LANGUAGE_NAMES[language]
        assert chinese.spoken(language) == known[LANGUAGE_NAMES[language]]
