"""Makes the prompt of a quick action: its instruction with the selected text in it, fenced."""

from __future__ import annotations

import re
from typing import Final

from desktop.chat.quick_actions.actions import PLACE, QUESTION_PLACE, QuickAction

_TAG: Final = re.compile(r"</?\s*text(\d*)\s*>", re.IGNORECASE)
_LEFT_OVER: Final = re.compile(r"\A\s*<text\d*>[ \t]*\n?|\n?[ \t]*</text\d*>\s*\Z")
_DIGITS: Final = 6
OWN_TEMPERATURE: Final = 0.3  # of an action that says nothing about it: what is done with a text stays close to it


def fenced(text: str) -> str:
    """Returns a text between marks that do not come in it, so that its words are no instructions.

    Of tags, quotes, backticks and dashes SmolLM2 135M repeated all but the tags at the end of its answers.
    """
    taken = {int(number or 1) for number in _TAG.findall(text) if len(number) < _DIGITS}
    number = next(each for each in range(1, len(taken) + 2) if each not in taken)
    tag = "text" if number == 1 else f"text{number}"
    return f"<{tag}>\n{text}\n</{tag}>"


def without_fence(answer: str) -> str:
    """Returns an answer without the marks around it that a model may have repeated."""
    return _LEFT_OVER.sub("", answer)


def prompt_of(action: QuickAction, text: str, question: str = "") -> str:
    """Returns what the model is asked.

    Of an action that came with Catnap the instruction is in the language of the text: small models answer in the
    language they are spoken to, and a question is put as those about documents are. One that a person wrote is taken
    as it is.

    Args:
        action: What to do.
        text: With what; cleaned.
        question: About the text, for one that asks.
    """
    prompt = action.prompt or _as_it_came(action, text)
    for place in (PLACE, QUESTION_PLACE) if action.asks else (PLACE,):
        if place not in prompt:
            prompt = f"{prompt}\n\n{place}"
    asked = question if action.asks else QUESTION_PLACE
    if action.asks and not action.prompt and question.strip():
        from desktop.documents.question import task_for  # nobody needs what it imports before there is a question

        asked = task_for(question, text)
    # In one go: what stands in the text is no place any more.
    parts = {PLACE: fenced(text), QUESTION_PLACE: asked}
    return re.sub(r"\{text\}|\{question\}", lambda match: parts[match[0]], prompt)


def temperature_of(action: QuickAction) -> float:
    """Returns how freely an action is done; see :class:`desktop.settings.options.Settings`."""
    came = action.built_in
    return came.temperature if came is not None and not action.prompt else OWN_TEMPERATURE


def _as_it_came(action: QuickAction, text: str) -> str:
    came = action.built_in
    if came is None:
        return PLACE
    from desktop.common.text.language import is_chinese  # some milliseconds, which no start needs

    return came.chinese if is_chinese(text) else came.english
