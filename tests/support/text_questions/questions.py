"""Questions about texts with what a clean answer must and must not say, judged by code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_MOST_SENTENCES = 2
# How models say that a text does not tell. What follows must not give an answer all the same: `wrong` looks for that.
_UNTOLD = re.compile(
    r"(do(es)?|did|is|are|was|were|can|has|have)(n['’]t| not) [^.]{0,40}?"
    r"(say|mention|specif|state|provide|contain|include|give|given|tell|told|said|answer|know|determin|indicat|information)"
    r"|\bno (mention|information|indication|details?)\b|not (in|from) the text|unknown"
    r"|没有(提到|说明|提及|提供|给出|说)|未提(到|及)|不知道|无法(得知|确定|回答)"
)
_DENIED = re.compile(r"\bnot\b|n['’]t\b|不是|没有")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_DECIMALS = re.compile(r"(?<=\d)[.,](\d{1,2})$")
_STOP = re.compile(r"(?<=[.!?])[\"'”’)]*\s+|[。！？]|\n+")
# A full stop that ends no sentence.
_SHORT_FORMS = re.compile(r"\b([ap])\.m\.|\b(Mrs?|Ms|Dr|St|No|approx)\.", re.IGNORECASE)


@dataclass(frozen=True)
class TextQuestion:
    """One question.

    Attributes:
        text: What it is about.
        ask: The question.
        right: A clean answer matches it; "none": the text does not say it.
        wrong: A clean answer does not.
        is_held: Looked at only when the way to ask had been chosen.
    """

    text: str
    ask: str
    right: str
    wrong: str
    is_held: bool

    @property
    def is_told(self) -> bool:
        """Whether the text says it."""
        return self.right != "none" and not self.right.startswith("(none|")

    def is_clean(self, answer: str) -> bool:
        """Tells whether an answer has the right fact and no wrong one, in two sentences at the most.

        A number that stands neither in the text nor in the question is a wrong fact, and so is the right one denied.
        """
        if re.search(self.wrong, answer) or not 0 < sentences(answer) <= _MOST_SENTENCES:
            return False
        if not _numbers(answer) <= _numbers(f"{self.text} {self.ask}"):
            return False
        says_nothing = _UNTOLD.search(answer) is not None
        is_right = self.right != "none" and re.search(self.right, answer) is not None
        if not self.is_told:
            return says_nothing or is_right
        is_denied = _DENIED.search(answer) is not None and not _DENIED.search(self.ask) and "not" not in self.right
        return is_right and not says_nothing and not is_denied


def text_questions(name: str) -> tuple[TextQuestion, ...]:
    """Returns the questions of a file: "en" or "zh", or "en_more" and "zh_more", which were written later."""
    texts = tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))["text"]
    return tuple(
        TextQuestion(text["text"].strip(), one["ask"], one["right"], one["wrong"], text.get("held", False))
        for text in texts
        for one in text["question"]
    )


def _numbers(text: str) -> set[str]:
    return {_plain(number) for number in _NUMBER.findall(text)}


def _plain(number: str) -> str:
    """Returns the same for 2,350 and 2350, and for 189.00 and 189; another one for 1.5 and 15."""
    whole, decimals = number, ""
    if found := _DECIMALS.search(number):
        whole, decimals = number[: found.start()], found[1].rstrip("0")
    whole = re.sub(r"\D", "", whole).lstrip("0") or "0"
    return f"{whole}.{decimals}" if decimals else whole


def sentences(answer: str) -> int:
    """Returns how many sentences an answer has; a line is one at least."""
    plain = _SHORT_FORMS.sub(lambda found: found[0].replace(".", ""), answer)
    return sum(1 for sentence in _STOP.split(plain) if sentence and any(map(str.isalnum, sentence)))
