"""Tells a model's thoughts from its answer while both stream in, by the tags that models put around their thoughts.

What counts as a tag: at the beginning of an answer every one that is known. Further on one that the model's vocabulary
has as a control token; and at the start of a line or a sentence one that the model's template uses, or that a word
or a line break follows at once. In code, and in the middle of a sentence, a tag that is only spelled out is what the
answer is about. Tags that look like XML are known in capitals, too.

Models also open a thought within a thought, and close more or less often than they have opened. A thought that was
opened twice ends with the second closing tag, if that comes soon; with the first, if it does not. A closing tag that
nothing is open for is dropped, unless it is spelled out as a word among others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby
from types import MappingProxyType
from typing import Final

OPEN_TAG = "<think>"
CLOSE_TAG = "</think>"

# Stands before a tag that came as a control token: a code point that no text has (noncharacters, Unicode 23.7).
TOKEN_MARK = "\ufdd0"
_SENTENCE_ENDS = ".!?\u2026\u3002\uff01\uff1f"


@dataclass(frozen=True)
class ThoughtTags:
    """What opens and closes the thoughts of a family of models.

    Attributes:
        opening: Before a thought.
        closings: Each of them ends it.
        headers: What may stand between the tags and what they are about; dropped.
    """

    opening: str
    closings: tuple[str, ...]
    headers: tuple[str, ...] = ()


_EMPTY = ("<think/>", "<think />")
_HARMONY = ("<|message|>", "<|end|>", "<|start|>assistant", "<|channel|>final", "<|start|>")

KNOWN: Final = (
    # Qwen, DeepSeek, SmolLM3 and most others. What has no content closes what is open, and is nothing elsewhere.
    ThoughtTags(OPEN_TAG, (CLOSE_TAG, *_EMPTY), _EMPTY),
    ThoughtTags("<thinking>", ("</thinking>",)),
    ThoughtTags("<thought>", ("</thought>",)),  # EXAONE, and with a capital Marco-o1
    ThoughtTags("<thoughts>", ("</thoughts>",)),
    ThoughtTags("<reasoning>", ("</reasoning>",)),
    ThoughtTags("<reflection>", ("</reflection>",)),
    ThoughtTags("<scratchpad>", ("</scratchpad>",)),
    ThoughtTags("<antthinking>", ("</antthinking>",)),
    ThoughtTags("<longcat_think>", ("</longcat_think>",)),
    ThoughtTags("<\u601d\u8003>", ("</\u601d\u8003>",)),
    ThoughtTags("<|think|>", ("<|/think|>",)),
    ThoughtTags("<|thinking|>", ("<|/thinking|>",)),
    ThoughtTags("<unused94>thought", ("<unused95>",)),  # MedGemma
    ThoughtTags("<seed:think>", ("</seed:think>",)),  # Seed-OSS
    ThoughtTags("[THINK]", ("[/THINK]",)),  # Magistral
    ThoughtTags("<|START_THINKING|>", ("<|END_THINKING|>",)),  # Command
    ThoughtTags("<|begin_of_thought|>", ("<|end_of_thought|>",)),
    ThoughtTags("<|inner_prefix|>", ("<|inner_suffix|>",)),  # Apertus
    ThoughtTags("\u25c1think\u25b7", ("\u25c1/think\u25b7",)),  # Kimi
    ThoughtTags("<|channel>thought", ("<channel|>",)),  # Gemma
    ThoughtTags("<|channel|>analysis", ("<|end|>", "<|start|>assistant", "<|channel|>final"), _HARMONY),  # gpt-oss
    ThoughtTags("<|channel|>commentary", ("<|end|>", "<|start|>assistant", "<|channel|>final"), _HARMONY),
)
_OPENINGS: Final = {tags.opening: tags for tags in KNOWN}
# What some put around the answer that follows their thoughts.
_AROUND: Final[Mapping[str, str]] = MappingProxyType(
    {
        "<answer>": "</answer>",  # Hunyuan
        "<response>": "</response>",  # ERNIE, Granite
        "<output>": "</output>",  # Marco-o1
        "<|begin_of_solution|>": "<|end_of_solution|>",
        "<|START_RESPONSE|>": "<|END_RESPONSE|>",
    }
)
# What a thought may hold as well: another one of the same kind. Not the channels, which take turns.
_NESTING: Final = frozenset(tags.opening for tags in KNOWN if tags.headers is not _HARMONY)
# What nobody needs in an answer, where nothing is open.
_CLOSINGS: Final = {tags.closings[0] for tags in KNOWN if tags.headers is not _HARMONY}
_HEADERS = tuple(sorted({header for tags in KNOWN for header in tags.headers}, key=len, reverse=True))
_PART = re.compile(r"<\|?[^<>]*>|\[/?THINK\]|\u25c1/?think\u25b7")
_ALL: Final = frozenset(
    tag for tags in KNOWN for tag in (tags.opening, *tags.closings, *tags.headers, *_AROUND, *_AROUND.values())
)
_IN_ANY_CASE: Final = frozenset(tag for tag in _ALL if re.match(r"</?[a-z]", tag))
# Every tag begins with one of these signs or the mark of a token: what has none of them, as most has, holds no tag.
_BEGINNING: Final = re.compile("[" + re.escape("".join(sorted({TOKEN_MARK, *(tag[0] for tag in _ALL)}))) + "]")
# Characters that are looked through at once: a stored answer may be megabytes long.
_FED = 1_000
# Characters behind the end of an inner thought in which the end of the outer one is looked for: until then nothing is
# shown, and a slow model says them in half a minute.
_UNSURE = 400
# What stands before and behind a tag that a sentence is about.
_BEFORE_A_WORD = " \t([{`'\"\u201c\u2018\u300c\uff08"
_BEHIND_A_WORD = " \t)]}`'\",.;:!?\u201d\u2019\u300d\uff09\u3001\u3002\uff0c"


def tag_tokens() -> frozenset[str]:
    """Returns what a vocabulary may have as control tokens: the tags, or parts of them."""
    texts = (text for tags in KNOWN for text in (tags.opening, *tags.closings, *tags.headers))
    return frozenset(part for text in texts for part in _PART.findall(text))


def tags_in(template: str) -> tuple[ThoughtTags, ...]:
    """Returns the tags that a chat template uses."""
    return tuple(tags for tags in KNOWN if _first(template, (tags.opening, tags.closings[0])) is not None)


def opened_by(prompt: str) -> ThoughtTags | None:
    """Returns the tags of the thought that a prompt ends in the beginning of; None: it does not."""
    ending = prompt.rstrip()
    return next((tags for tags in KNOWN if _begins(ending[-len(tags.opening) :], tags.opening)), None)


class _State(Enum):
    START = auto()  # nothing seen yet but white space or part of an opening tag
    THOUGHT_START = auto()  # behind an opening tag, white space is dropped
    THOUGHT = auto()
    UNSURE = auto()  # behind the end of a thought within a thought: still in the outer one, or in the answer
    ANSWER_START = auto()  # behind a closing tag, blank lines are dropped
    ANSWER = auto()


class ThoughtSplitter:
    """Splits one streamed text into pieces of thought and answer. Used by one thread at a time.

    The tags and the blank lines around them are dropped; what may turn out to be part of either is held back until it
    is certain.
    """

    def __init__(self, opened: bool, tags: ThoughtTags = KNOWN[0], own: Iterable[ThoughtTags] = ()) -> None:
        """
        Args:
            opened: The prompt ends with an opening tag, so the text begins as a thought.
            tags: Those of that thought.
            own: The tags that the model's template uses.
        """
        self._state = _State.THOUGHT_START if opened else _State.START
        self._tags = tags
        self._own = frozenset(each.opening for each in own)
        self._held = ""
        self._line = ""  # the answer's last line so far
        self._in_code = False
        self._has_thought = self._has_header = False
        self._around = ""  # what will close the answer, which is dropped as well
        self._depth = 0  # thoughts that the present one lies in
        self._repeats = opened  # the tag that the prompt has ended with may come once more
        self._thought_line = ""
        self._was_closed = False  # a closing tag stood here, so that an opening one may
        self._is_over = False

    @property
    def is_in_thought(self) -> bool:
        """Whether what comes next belongs to a thought that was opened and not closed."""
        return self._state in (_State.THOUGHT_START, _State.THOUGHT)

    @property
    def is_clear(self) -> bool:
        """Whether nothing is held back."""
        return not self._held

    def feed(self, text: str) -> list[tuple[str, bool]]:
        """Returns what is now certain, in order, as (text, is a thought).

        Args:
            text: A piece; ``TOKEN_MARK`` stands before what is a control token.
        """
        self._held += text
        pieces: list[tuple[str, bool]] = []
        while self._step(pieces):
            pass
        grouped = groupby((piece for piece in pieces if piece[0]), lambda piece: piece[1])
        return [("".join(part for part, _ in group), is_thought) for is_thought, group in grouped]

    def flush(self) -> list[tuple[str, bool]]:
        """Returns what was held back when no more text comes."""
        self._is_over = True
        pieces = self.feed("")
        rest, self._held = _without_marks(self._held), ""
        if self._state in (_State.THOUGHT_START, _State.THOUGHT):
            return [*pieces, (rest.rstrip(), True)] if rest.strip() else pieces
        is_blank = self._state is _State.ANSWER_START and not rest.strip()
        return pieces if is_blank or not rest else [*pieces, (rest, False)]

    def _step(self, pieces: list[tuple[str, bool]]) -> bool:
        """Takes one step through ``_held``; returns whether another may follow."""
        match self._state:
            case _State.START:
                return self._start()
            case _State.THOUGHT_START:
                return self._thought_start(pieces)
            case _State.THOUGHT:
                return self._thought(pieces)
            case _State.UNSURE:
                return self._unsure()
            case _State.ANSWER_START:
                return self._answer_start()
            case _State.ANSWER:
                return self._answer(pieces)

    def _start(self) -> bool:
        text = self._held.lstrip()
        if self._open(text):
            return True
        if self._drop_header(text):
            self._has_header = True
            return True
        if (closing := _longest(text, _CLOSINGS)) is not None:
            behind = _behind(text, closing)
            if self._must_follow(behind):
                return False
            if text.startswith(TOKEN_MARK) or not _is_word("", behind):
                self._held = behind
                return self._enter(_State.ANSWER_START)
        elif _may_become(text, (*_OPENINGS, *_HEADERS, *_CLOSINGS)):
            return False
        return self._enter(_State.ANSWER_START if self._has_header else _State.ANSWER)

    def _thought_start(self, pieces: list[tuple[str, bool]]) -> bool:
        self._held = text = self._held.lstrip()
        # Some write the tag once more that the prompt has ended with.
        dropped = (self._tags.opening, *self._tags.headers)
        header = next((each for each in dropped if _begins(text, each)), None)
        if header is not None and header not in self._tags.closings:
            self._held = _behind(text, header)
            if header == self._tags.opening and header in _NESTING:
                self._depth += not self._repeats
                self._repeats = False
            return True
        if not text or _may_become(text, dropped):
            return False
        self._repeats = False
        if self._has_thought and not any(_begins(text, closing) for closing in self._tags.closings):
            pieces.append(("\n\n", True))
        self._has_thought = True
        return self._enter(_State.THOUGHT)

    def _thought(self, pieces: list[tuple[str, bool]]) -> bool:
        nested = (self._tags.opening,) if self._tags.opening in _NESTING else ()
        tags = (*self._tags.closings, *nested)
        found = _first(self._held, tags)
        if found is None:
            sure = self._held[: len(self._held) - _partial(self._held, tags)].rstrip()
            self._think(sure, pieces)
            self._held = self._held[len(sure) :]
            return False
        start, tag = found
        behind = _behind(self._held[start:], tag)
        if tag not in nested:
            self._think(self._held[:start].rstrip(), pieces)
            self._held, self._thought_line = behind, ""
            self._depth -= 1
            return self._enter(_State.ANSWER_START if self._depth < 0 else _State.UNSURE)
        if self._must_follow(behind):
            return False
        if self._held[start] != TOKEN_MARK and _is_word(self._thought_line + self._held[:start], behind):
            self._think(self._held[: len(self._held) - len(behind)], pieces)
            self._held = behind
            return True
        self._think(self._held[:start].rstrip(), pieces)
        self._held, self._thought_line = behind, ""
        self._depth += 1
        return self._enter(_State.THOUGHT_START)

    def _unsure(self) -> bool:
        """Looks whether the outer thought ends soon, and so goes on; otherwise the answer has begun."""
        tags = (self._tags.opening, *self._tags.closings)
        ahead, passed, depth = self._held, "", 0
        while depth >= 0 and (found := _first(ahead, tags)) is not None and len(passed) + found[0] <= _UNSURE:
            start, tag = found
            passed += ahead[:start]
            behind = _behind(ahead[start:], tag)
            if self._must_follow(behind):
                return False
            if ahead[start] == TOKEN_MARK or not _is_word(passed, behind):
                depth += 1 if tag == self._tags.opening else -1
            passed += ahead[start : len(ahead) - len(behind)]
            ahead = behind
        if depth >= 0 and not self._is_over and len(self._held) <= _UNSURE + 2 * max(map(len, tags)):
            return False
        return self._enter(_State.THOUGHT_START if depth < 0 else _State.ANSWER_START)

    def _answer_start(self) -> bool:
        text = self._held.lstrip()
        blank = self._held[: len(self._held) - len(text)]
        # Blank lines go, the indentation of the first line stays: the answer may begin with code.
        self._held = text if self._line[-1:].isspace() else blank[blank.rfind("\n") + 1 :] + text
        if self._tags.headers:
            if self._drop_header(text):
                return True
            if _may_become(text, (self._tags.opening, *_HEADERS)):
                return False
        if (closing := _longest(text, self._tags.closings)) is not None:
            self._held = _behind(text, closing)  # the thought was closed already
            return True
        around = next((each for each in _AROUND if _begins(text, each)), None)
        if around is not None and not self._around:
            self._held, self._around = _behind(text, around), _AROUND[around]
            return True
        if not text or _may_become(text, self._tags.closings) or (not self._around and _may_become(text, _AROUND)):
            return False
        return self._enter(_State.ANSWER)

    def _answer(self, pieces: list[tuple[str, bool]]) -> bool:
        around = (self._around,) if self._around else ()
        tags = (*_OPENINGS, *_HEADERS, *_CLOSINGS, *around)
        found = _first(self._held, tags)
        start = found[0] if found is not None else len(self._held) - _partial(self._held, tags)
        self._say(self._held[:start], pieces)
        self._held = self._held[start:]
        if not self._held:
            return False
        is_token = self._held.startswith(TOKEN_MARK)
        if found is None:
            opening = (*_OPENINGS, *_HEADERS) if self._may_open() else ()
            closing = _CLOSINGS if self._may_close() else ()
            if is_token or _may_become(self._held, (*opening, *closing, *around)):
                return False
            self._say(self._held, pieces)
            self._held = ""
            return False
        tag = found[1]
        behind = _behind(self._held, tag)
        if tag == self._around:
            self._held, self._around = behind, ""
            return True
        if not is_token and self._must_follow(behind) and self._depends(tag):
            return False
        if not is_token and not self._is_meant(tag, behind):
            self._say(self._held[: len(self._held) - len(behind)], pieces)
            self._held = behind
            return bool(behind)
        if tag in _OPENINGS:
            return self._open(self._held)
        self._held = behind
        self._was_closed = tag in _CLOSINGS
        return True

    def _must_follow(self, behind: str) -> bool:
        """Tells whether something may still follow that says what a tag means."""
        return not self._is_over and not _without_marks(behind)

    def _depends(self, tag: str) -> bool:
        """Tells whether what a tag means depends on what follows it."""
        if tag in _CLOSINGS:
            return self._may_close()
        return tag in _OPENINGS and tag not in self._own and self._may_open()

    def _may_close(self) -> bool:
        """Tells whether a closing tag may be one where the answer stands, though nothing is open."""
        line = self._line
        return not self._in_code and line.count("`") % 2 == 0 and (self._has_thought or not line.strip())

    def _may_open(self) -> bool:
        """Tells whether a thought may begin where the answer stands."""
        line = self._line.rstrip()
        begins = self._was_closed or not line or line[-1] in _SENTENCE_ENDS
        return not self._in_code and line.count("`") % 2 == 0 and begins

    def _is_meant(self, tag: str, behind: str) -> bool:
        """Tells whether a tag that is spelled out is one, and no word of the answer."""
        if tag in _CLOSINGS:
            alone = not self._line.strip() and (not behind or behind[0] == "\n")
            return self._may_close() and (alone or (self._has_thought and not _is_word(self._line, behind)))
        if tag not in _OPENINGS or not self._may_open():
            return False
        return tag in self._own or tag.startswith("<|") or behind.startswith("\n") or behind[:1].isalnum()

    def _open(self, text: str) -> bool:
        """Begins a thought if a text begins with the tag of one."""
        opening = _longest(text, _OPENINGS)
        if opening is None:
            return False
        self._tags = _OPENINGS[opening]
        self._held = _behind(text, opening)
        self._depth = 0
        return self._enter(_State.THOUGHT_START)

    def _drop_header(self, text: str) -> bool:
        header = next((each for each in _HEADERS if _begins(text, each)), None)
        if header is None or (header == "<|start|>" and _may_become(text, ("<|start|>assistant",))):
            return False
        self._held = _behind(text, header)
        return True

    def _say(self, text: str, pieces: list[tuple[str, bool]]) -> None:
        """Makes a text a part of the answer."""
        text = _without_marks(text)
        pieces.append((text, False))
        self._was_closed = self._was_closed and not text.strip()
        *lines, last = (self._line + text).split("\n")
        for line in lines:
            if line.lstrip().startswith(("```", "~~~")):
                self._in_code = not self._in_code
        self._line = last

    def _think(self, text: str, pieces: list[tuple[str, bool]]) -> None:
        """Makes a text a part of the thought."""
        text = _without_marks(text)
        pieces.append((text, True))
        self._thought_line = (self._thought_line + text).rpartition("\n")[2]

    def _enter(self, state: _State) -> bool:
        self._state = state
        return True


def _without_marks(text: str) -> str:
    """Returns a text without what came as a token and means nothing here."""
    return text.replace(TOKEN_MARK, "")


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Returns a text without marks, and where each of its characters stands in the text with them."""
    if TOKEN_MARK not in text:
        return text, range(len(text))
    places = [place for place, character in enumerate(text) if character != TOKEN_MARK]
    return _without_marks(text), places


class _Spelling:
    """A text in which tags are looked for: those that look like XML in small letters and capitals."""

    def __init__(self, plain: str) -> None:
        small = plain.lower()
        self._small = small if len(small) == len(plain) else "".join(c.lower() if c.isascii() else c for c in plain)
        self._plain = plain

    def for_tag(self, tag: str) -> str:
        return self._small if tag in _IN_ANY_CASE else self._plain


def _is_word(before: str, behind: str) -> bool:
    """Tells whether a tag between two texts is a word of a sentence, and opens or closes nothing.

    Args:
        before: What stands before it, with the beginning of its line.
        behind: What follows; empty at the end of all.
    """
    line = _without_marks(before).rpartition("\n")[2]
    if line.count("`") % 2:
        return True
    behind = _without_marks(behind)[:1]
    return bool(behind) and behind in _BEHIND_A_WORD and (not line or line[-1] in _BEFORE_A_WORD)


def _longest(text: str, tags: Iterable[str]) -> str | None:
    """Returns the longest of some tags that a text begins with."""
    return max((each for each in tags if _begins(text, each)), key=len, default=None)


def _begins(text: str, tag: str) -> bool:
    return _Spelling(_without_marks(text[: 2 * len(tag)])).for_tag(tag).startswith(tag)


def _behind(text: str, tag: str) -> str:
    """Returns what follows a tag that a text begins with."""
    _, places = _plain(text)
    return text[places[len(tag) - 1] + 1 :]


def _may_become(text: str, tags: Iterable[str]) -> bool:
    """Tells whether a text is the beginning of a tag, or nothing yet."""
    spelling = _Spelling(_without_marks(text))
    return any(tag.startswith(part := spelling.for_tag(tag)) and tag != part for tag in tags)


def _first(text: str, tags: Iterable[str]) -> tuple[int, str] | None:
    """Returns where the first of some tags begins, with its mark, and which it is: the longest there."""
    if not _BEGINNING.search(text):
        return None
    plain, places = _plain(text)
    spelling = _Spelling(plain)
    found = [(start, -len(tag), tag) for tag in tags if (start := spelling.for_tag(tag).find(tag)) >= 0]
    if not found:
        return None
    start, _, tag = min(found)
    place = places[start]
    return place - (place > 0 and text[place - 1] == TOKEN_MARK), tag


def _partial(text: str, tags: Iterable[str]) -> int:
    """Returns how many characters at the end of a text may be the beginning of a tag."""
    if not _BEGINNING.search(text):
        return 0
    plain, places = _plain(text)
    tags = tuple(tags)
    first = max(0, len(plain) - max(map(len, tags), default=0))
    spelling = _Spelling(plain[first:])
    for start in range(first, len(plain)):
        if any(tag.startswith(spelling.for_tag(tag)[start - first :]) for tag in tags):
            place = places[start]
            return len(text) - place + (place > 0 and text[place - 1] == TOKEN_MARK)
    return 1 if text.endswith(TOKEN_MARK) else 0


def split_thoughts(text: str) -> tuple[str, str]:
    """Returns a whole answer and the thoughts in it; one that only mentions the tags is returned as it is."""
    begin = text.lstrip()
    if not any(_begins(begin, tags.opening) for tags in KNOWN):
        return text, ""
    splitter = ThoughtSplitter(opened=False)
    parts = (text[start : start + _FED] for start in range(0, len(text), _FED))
    pieces = [piece for part in parts for piece in splitter.feed(part)]
    pieces += splitter.flush()
    return "".join(piece for piece, is_thought in pieces if not is_thought), "".join(
        piece for piece, is_thought in pieces if is_thought
    )


def without_thoughts(text: str) -> str:
    """Returns an answer without the thoughts before it."""
    return split_thoughts(text)[0]
