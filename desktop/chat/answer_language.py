"""Tells whether an answer came in another language than its question, and how the right one is asked for.

Only Chinese and English questions are judged, and only where nothing speaks for the other language: no language is
named, no translation wished for, no text in it was handed over. Code, formulas, addresses, quotations and names are no
language. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from desktop.common.text.language import CHINESE, ENGLISH, LATIN_WORD, SCRIPTS, common_words

# Characters of a text that are looked at: its language shows in its beginning.
_LOOKED_AT: Final = 6_000
_MARKED_CODE: Final = re.compile(
    r"(?:^|\n)[ \t]*(?:```|~~~).*?(?:\n[ \t]*(?:```|~~~)[ \t]*(?=\n|$)|$)|`[^`\n]{1,300}`", re.DOTALL
)
_NO_PROSE: Final = re.compile(
    r"\$\$.{1,2000}?\$\$|\\\[.{1,2000}?\\\]|\\\(.{1,500}?\\\)|\$[^$\n]{1,200}\$"  # formulas
    r"|(?:https?://|www\.)[^\s<>\u3000-\u9fff\uff00-\uffef]+"
    r"|(?<![a-zA-Z0-9_.+-])[a-zA-Z0-9_.+-]+@[\w-]+\.[\w.]+"
    r"|<[a-zA-Z/!][^<>\n]{0,200}>"
    r"|(?:^|\n)[ \t]*>[^\n]*"  # what is quoted
    r"|“[^“”]{1,600}”|‘[^‘’\n]{1,300}’(?!\w)|「[^」]{1,600}」|『[^』]{1,600}』|《[^》]{1,200}》|〈[^〉]{1,200}〉"
    r"|\"[^\"\n]{1,600}\"|(?<!\w)'[^'\n]{1,300}'(?!\w)",
    re.DOTALL,
)
# A line of code that nothing marks as such.
_CODE_LINE: Final = re.compile(
    r"^(?:[ \t]*(?:def|class|import|from|return|print|for|while|if|elif|else|try|except|with|let|const|var|function"
    r"|public|private|static|int|void|SELECT|INSERT|UPDATE|CREATE)\b[^\n]*[(){};:=*][^\n]*|[ \t]*#(?:include|!)[^\n]*"
    r"|[ \t]+#[^\n]*|[ \t]*//[^\n]*|[^\n]*(?:[;{}]|\):)[ \t]*|[ \t]*[\w.]+\([^\n]*\)[ \t]*"
    r"|[ \t]*[\w.\[\]]+[ \t]*[+*/-]?=[ \t]*\S[^\n]*|[ \t]*(?:[$]|>>>|pip|npm|sudo|git|cd|apt)[ \t][^\n]*)$",
    re.MULTILINE,
)
# Whoever names a language may want an answer in it, or about it.
_NAMES_LANGUAGE: Final = re.compile(
    r"\b(?:translat\w*|interpreter|english|chinese|mandarin|cantonese|pinyin|hanzi|french|german|spanish|italian"
    r"|portuguese|russian|japanese|korean|arabic|latin|bilingual\w*|multilingual\w*|languages?)\b"
    r"|翻译|翻譯|译成|譯成|译为|譯為|译文|譯文|互译|[英中法德日韩韓俄西葡意拉汉漢粤粵外双雙母][语語文](?!化|章|件|明|艺|藝|学|學|字|档)"
    r"|普通话|普通話|国语|國語|白话|广东话|汉字|漢字|拼音|单词|單詞|词汇|语言|語言|口语|语法",
    re.IGNORECASE,
)
_LANGUAGES_OF_COMPUTERS: Final = re.compile(
    r"(?:programming|markup|query|machine|natural|large|small|assembly|scripting|body|sign)[ -]languages?(?: models?)?"
    r"|(?:[编編]程|程序[设設][计計]|程式|[标標][记記]|查[询詢]|[机機]器|自然|[汇匯][编編]|[脚腳]本|肢[体體]|大|小)[语語]言"
    r"(?:模型)?|[CcRr][语語]言",
    re.IGNORECASE,
)
# What questions begin with that have no common word: "Name three fruits".
_ENGLISH_OPENING: Final = re.compile(
    r"\s*(?:please\s+)?(?:write|name|list|explain|tell|give|describe|hello|hi|hey|thanks?|good (?:morning|evening|day)"
    r"|summari[sz]e|make|suggest|recommend|compare|define|i'm|i am|let's|help)\b",
    re.IGNORECASE,
)
_FEWEST_IDEOGRAPHS: Final = 2  # of a question
# Words of another language that may stand in a Chinese question: more are a text that it is about.
_MOST_WORDS_WITHIN: Final = 2
_SHARE_OF_KANA: Final = 0.125  # of all East Asian signs in a text that is Japanese
# Of an answer: what it has to hold to be in a language, and what share of it.
_FEWEST_SIGNS, _FEWEST_WORDS, _FEWEST_COMMON = 5, 4, 2
_LEAST_SHARE, _LEAST_SHARE_COMMON, _MOST_CAPITALS = 0.65, 0.1, 0.6
# A word of Latin letters says as much as so many ideographs.
_IDEOGRAPHS_PER_WORD: Final = 1.5
_WISHES: Final = {CHINESE: "请用中文回答。", ENGLISH: "Answer in English."}


@dataclass(frozen=True)
class OtherLanguage:
    """An answer in another language than its question.

    Attributes:
        asked: The language of the question, a code of two letters.
        answered: That of the answer; empty: neither Chinese nor English.
    """

    asked: str
    answered: str


def other_language(question: str, answer: str, before: Iterable[str] = (), persona: str = "") -> OtherLanguage | None:
    """Returns in which language an answer came that should have come in another; None: it is no fault.

    Args:
        question: As the person has put it.
        answer: What was answered, without thoughts.
        before: Earlier questions. A language named there counts as wished.
        persona: What the model is told to be. A language named there counts as wished, and so does its own.
    """
    asked = language_asked(question)
    if not asked or any(map(names_language, (persona, *before))):
        return None
    answered = _language_answered(answer)
    if answered is None or answered == asked or (answered and answered == language_asked(persona)):
        return None
    return OtherLanguage(asked, answered)


def language_asked(question: str) -> str:
    """Returns the language that a question is to be answered in; empty: it is another one, or nobody can tell."""
    spoken = _without_code(question[:_LOOKED_AT])
    if names_language(spoken) or _count(spoken, *(set(SCRIPTS) - {CHINESE})):
        return ""
    words = LATIN_WORD.findall(spoken)
    if _count(spoken, CHINESE):
        within = [word for word in words if word.islower() and len(word) > 1]
        is_said = _count(_NO_PROSE.sub("\n", spoken), CHINESE) >= _FEWEST_IDEOGRAPHS
        return CHINESE if is_said and len(within) <= _MOST_WORDS_WITHIN else ""
    counts = common_words(word.lower() for word in words)
    best = max(counts.values())
    is_english = counts[ENGLISH] == best if best else _ENGLISH_OPENING.match(spoken) is not None
    return ENGLISH if is_english else ""


def names_language(text: str) -> bool:
    """Tells whether a text names a language that people speak, or a translation; what is wished is uncertain then."""
    return _NAMES_LANGUAGE.search(_LANGUAGES_OF_COMPUTERS.sub("", text[:_LOOKED_AT])) is not None


def said_in(language: str, question: str) -> str:
    """Returns a question as it is put to a model that answered it in another language; any other as it is.

    Args:
        language: The one that the person prefers.
        question: As the person has put it.
    """
    if language not in _WISHES or language_asked(question) != language:
        return question
    return f"{question}\n\n{_WISHES[language]}"


def _language_answered(answer: str) -> str | None:
    """Returns the language that an answer is in nearly wholly, empty for another; None: there is too little of it."""
    text = _NO_PROSE.sub("\n", _without_code(answer[:_LOOKED_AT]))
    ideographs, kana, others = (
        _count(text, CHINESE),
        _count(text, "ja"),
        _count(text, "ru", "el", "he", "ar", "hi", "th"),
    )
    hangul = _count(text, "ko")
    words = LATIN_WORD.findall(text)
    signs = ideographs + kana + hangul + others / 3
    whole = signs + _IDEOGRAPHS_PER_WORD * len(words)
    if not whole:
        return None
    if signs >= _LEAST_SHARE * whole:
        if signs < _FEWEST_SIGNS:
            return None
        is_chinese = kana < _SHARE_OF_KANA * (ideographs + kana) and ideographs > hangul + others / 3
        return CHINESE if is_chinese else ""
    if _IDEOGRAPHS_PER_WORD * len(words) < _LEAST_SHARE * whole or len(words) < _FEWEST_WORDS:
        return None
    if sum(word[0].isupper() for word in words) >= _MOST_CAPITALS * len(words):  # names, titles
        return None
    counts = common_words(word for word in words if word.islower())
    best = max(counts.values())
    if best < max(_FEWEST_COMMON, _LEAST_SHARE_COMMON * len(words)):
        return None
    return ENGLISH if counts[ENGLISH] == best else ""


def _without_code(text: str) -> str:
    return _CODE_LINE.sub("", _MARKED_CODE.sub("\n", text))


def _count(text: str, *scripts: str) -> int:
    return sum(len(SCRIPTS[script].findall(text)) for script in scripts)
