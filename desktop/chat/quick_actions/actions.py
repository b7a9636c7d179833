"""Quick actions: what can be done with a selected text by one click, those that come with Catnap and a person's own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from desktop.chat.quick_actions.selected_text import first_words
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.printable import one_line

PLACE: Final = "{text}"  # where the selected text goes in a prompt
QUESTION_PLACE: Final = "{question}"  # where the question goes, in the one that asks for one
MOST_NAME: Final = 60  # characters
MOST_PROMPT: Final = 4000  # characters: a quarter of a context of 4,096 tokens
MOST_ACTIONS: Final = 50


@dataclass(frozen=True)
class QuickAction:
    """Something to do with a text.

    Attributes:
        id: Never changes; of those that come with Catnap their English name, see ``BUILT_IN``.
        name: What a person calls it; empty: as it came, in the language of the interface.
        prompt: What the model is asked, with ``PLACE`` in it; empty: as it came, in the language of the text.
        others: What another version of Catnap has written about it.
    """

    id: str
    name: str = ""
    prompt: str = ""
    others: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def built_in(self) -> BuiltIn | None:
        """What it was when it came with Catnap; None: a person's own."""
        return BUILT_IN.get(self.id)

    @property
    def asks(self) -> bool:
        """Whether a question about the text belongs to it, which is typed each time."""
        return self.id == "ask" and (not self.prompt or QUESTION_PLACE in self.prompt)


@dataclass(frozen=True)
class BuiltIn:
    """An action that comes with Catnap.

    Attributes:
        title: Its name in the interface, to be translated.
        others: Further names that the command line takes.
        english: Its prompt for English text, and for any other that is not Chinese.
        chinese: Its prompt for Chinese text.
        temperature: How freely it is done.
    """

    title: str
    others: tuple[str, ...]
    english: str
    chinese: str
    temperature: float


# Short, concrete, one instruction, and the text behind it: see docs/adr/016-quick-actions.md for what was tried.
BUILT_IN: Final[Mapping[str, BuiltIn]] = MappingProxyType(
    {
        "explain": BuiltIn(
            QT_TRANSLATE_NOOP("QuickActions", "Explain"), ("解释",),
            "Explain the text below in simple words.\n\n{text}",
            "用简单的话解释下面的文字。\n\n{text}",
            0.4,
        ),
        "summarise": BuiltIn(
            QT_TRANSLATE_NOOP("QuickActions", "Summarise"), ("summarize", "摘要", "总结", "概括"),
            "Summarise the text below in one to three short sentences.\n\n{text}",
            "用一到三句话概括下面的文字。\n\n{text}",
            0.2,
        ),
        "translate": BuiltIn(
            QT_TRANSLATE_NOOP("QuickActions", "Translate"), ("翻译",),
            "Translate the text below into Chinese. Give only the translation.\n\n{text}",
            "把下面的文字翻译成英语，只写译文。\n\n{text}",
            0.1,
        ),
        "correct": BuiltIn(
            QT_TRANSLATE_NOOP("QuickActions", "Correct"), ("纠正", "改错", "校对"),
            "Correct the spelling and grammar of the text below. Give only the corrected text.\n\n{text}",
            "改正下面文字中的错别字和语病，只写改正后的文字。\n\n{text}",
            0.1,
        ),
        "rewrite": BuiltIn(
            QT_TRANSLATE_NOOP("QuickActions", "Rewrite"), ("改写", "重写"),
            "Rewrite the text below so that it is clear and polite. Give only the new text.\n\n{text}",
            "把下面的文字改写得更清楚、更礼貌，只写改写后的文字。\n\n{text}",
            0.5,
        ),
        "ask": BuiltIn(
            QT_TRANSLATE_NOOP("QuickActions", "Ask about it"), ("提问",),
            "Answer the question from the text below.\n\n{text}\n\n{question}",
            "根据下面的文字回答问题。\n\n{text}\n\n{question}",
            0.0,
        ),
    }
)  # fmt: skip


def folded(name: str) -> str:
    """Returns a name as it is compared: ``Kürzen`` is ``kürzen`` however its letters are put together."""
    return one_line(unicodedata.normalize("NFKC", name)).casefold()


def names_of(action: QuickAction) -> tuple[str, ...]:
    """Returns every name under which an action is found, its own first; those in the interface's words not included."""
    came = action.built_in
    own = (action.name,) if action.name else ()
    return (*own, action.id, came.title, *came.others) if came is not None else own


def find_action(actions: Iterable[QuickAction], name: str) -> QuickAction | None:
    """Returns the action that a name means; what a person has called something goes before what it came as."""
    wanted = folded(name)
    kept = tuple(actions)
    for those in ((action for action in kept if action.name), kept):
        for action in those:
            names = (action.name,) if action.name and those is not kept else names_of(action)
            if any(folded(each) == wanted for each in names):
                return action
    return None


def unknown_action(name: str, actions: Iterable[QuickAction]) -> UserFacingError:
    """Returns what to say where no action has that name."""
    names = ", ".join(action.name or (came.title if (came := action.built_in) else "") for action in actions)
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is no action of this name."),
        QT_TRANSLATE_NOOP("Errors", "{0}; there are: {1}."),
        values=(first_words(name, MOST_NAME), names),
    )


def check_name(name: str, others: Iterable[str]) -> str:
    """Returns a name as it is stored.

    Args:
        name: As it was typed.
        others: Names that are taken.

    Raises:
        UserFacingError: It is empty, too long, or taken.
    """
    tidy = one_line(unicodedata.normalize("NFC", name))
    if not tidy:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "An action needs a name."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Write what it does, such as: Make it shorter."),
        )
    if len(tidy) > MOST_NAME:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This name is too long."),
            QT_TRANSLATE_NOOP("Errors", "{0} characters; {1} at the most."),
            values=(f"{len(tidy):,}", str(MOST_NAME)),
        )
    if folded(tidy) in map(folded, others):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is an action of this name already."),
            f"{tidy}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another name."),
        )
    return tidy


def check_prompt(prompt: str) -> str:
    """Returns a prompt as it is stored.

    Raises:
        UserFacingError: It is empty or too long.
    """
    tidy = prompt.replace("\0", "").strip()
    if not tidy.replace(PLACE, "").strip():
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The instruction is empty."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Write what shall be done with the text, and {text} where the text goes."),
        )
    if len(tidy) > MOST_PROMPT:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This instruction is too long."),
            QT_TRANSLATE_NOOP("Errors", "{0} characters; {1} at the most."),
            values=(f"{len(tidy):,}", f"{MOST_PROMPT:,}"),
        )
    return tidy
