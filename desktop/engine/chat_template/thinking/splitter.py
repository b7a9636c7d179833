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

from collections.abc import Iterable
from enum import Enum, auto
from itertools import groupby

from desktop.engine.chat_template.thinking.matching import (
    begins_with,
    find_first,
    is_word,
    longest_tag,
    may_become,
    partial_length,
    rest_behind,
    without_marks,
)
from desktop.engine.chat_template.thinking.tags import (
    AROUND,
    CLOSINGS,
    HEADERS,
    KNOWN,
    NESTING,
    OPENINGS,
    TOKEN_MARK,
    ThoughtTags,
)

_SENTENCE_ENDS = ".!?\u2026\u3002\uff01\uff1f"
# Characters that are looked through at once: a stored answer may be megabytes long.
_FED = 1_000
# Characters behind the end of an inner thought in which the end of the outer one is looked for: until then nothing is
# shown, and a slow model says them in half a minute.
_UNSURE = 400


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
        rest, self._held = without_marks(self._held), ""
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
        if (closing := longest_tag(text, CLOSINGS)) is not None:
            behind = rest_behind(text, closing)
            if self._must_follow(behind):
                return False
            if text.startswith(TOKEN_MARK) or not is_word("", behind):
                self._held = behind
                return self._enter(_State.ANSWER_START)
        elif may_become(text, (*OPENINGS, *HEADERS, *CLOSINGS)):
            return False
        return self._enter(_State.ANSWER_START if self._has_header else _State.ANSWER)

    def _thought_start(self, pieces: list[tuple[str, bool]]) -> bool:
        self._held = text = self._held.lstrip()
        # Some write the tag once more that the prompt has ended with.
        dropped = (self._tags.opening, *self._tags.headers)
        header = next((each for each in dropped if begins_with(text, each)), None)
        if header is not None and header not in self._tags.closings:
            self._held = rest_behind(text, header)
            if header == self._tags.opening and header in NESTING:
                self._depth += not self._repeats
                self._repeats = False
            return True
        if not text or may_become(text, dropped):
            return False
        self._repeats = False
        if self._has_thought and not any(begins_with(text, closing) for closing in self._tags.closings):
            pieces.append(("\n\n", True))
        self._has_thought = True
        return self._enter(_State.THOUGHT)

    def _thought(self, pieces: list[tuple[str, bool]]) -> bool:
        nested = (self._tags.opening,) if self._tags.opening in NESTING else ()
        tags = (*self._tags.closings, *nested)
        found = find_first(self._held, tags)
        if found is None:
            sure = self._held[: len(self._held) - partial_length(self._held, tags)].rstrip()
            self._think(sure, pieces)
            self._held = self._held[len(sure) :]
            return False
        start, tag = found
        behind = rest_behind(self._held[start:], tag)
        if tag not in nested:
            self._think(self._held[:start].rstrip(), pieces)
            self._held, self._thought_line = behind, ""
            self._depth -= 1
            return self._enter(_State.ANSWER_START if self._depth < 0 else _State.UNSURE)
        if self._must_follow(behind):
            return False
        if self._held[start] != TOKEN_MARK and is_word(self._thought_line + self._held[:start], behind):
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
        while depth >= 0 and (found := find_first(ahead, tags)) is not None and len(passed) + found[0] <= _UNSURE:
            start, tag = found
            passed += ahead[:start]
            behind = rest_behind(ahead[start:], tag)
            if self._must_follow(behind):
                return False
            if ahead[start] == TOKEN_MARK or not is_word(passed, behind):
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
            if may_become(text, (self._tags.opening, *HEADERS)):
                return False
        if (closing := longest_tag(text, self._tags.closings)) is not None:
            self._held = rest_behind(text, closing)  # the thought was closed already
            return True
        around = next((each for each in AROUND if begins_with(text, each)), None)
        if around is not None and not self._around:
            self._held, self._around = rest_behind(text, around), AROUND[around]
            return True
        if not text or may_become(text, self._tags.closings) or (not self._around and may_become(text, AROUND)):
            return False
        return self._enter(_State.ANSWER)

    def _answer(self, pieces: list[tuple[str, bool]]) -> bool:
        around = (self._around,) if self._around else ()
        tags = (*OPENINGS, *HEADERS, *CLOSINGS, *around)
        found = find_first(self._held, tags)
        start = found[0] if found is not None else len(self._held) - partial_length(self._held, tags)
        self._say(self._held[:start], pieces)
        self._held = self._held[start:]
        if not self._held:
            return False
        is_token = self._held.startswith(TOKEN_MARK)
        if found is None:
            opening = (*OPENINGS, *HEADERS) if self._may_open() else ()
            closing = CLOSINGS if self._may_close() else ()
            if is_token or may_become(self._held, (*opening, *closing, *around)):
                return False
            self._say(self._held, pieces)
            self._held = ""
            return False
        tag = found[1]
        behind = rest_behind(self._held, tag)
        if tag == self._around:
            self._held, self._around = behind, ""
            return True
        if not is_token and self._must_follow(behind) and self._depends(tag):
            return False
        if not is_token and not self._is_meant(tag, behind):
            self._say(self._held[: len(self._held) - len(behind)], pieces)
            self._held = behind
            return bool(behind)
        if tag in OPENINGS:
            return self._open(self._held)
        self._held = behind
        self._was_closed = tag in CLOSINGS
        return True

    def _must_follow(self, behind: str) -> bool:
        """Tells whether something may still follow that says what a tag means."""
        return not self._is_over and not without_marks(behind)

    def _depends(self, tag: str) -> bool:
        """Tells whether what a tag means depends on what follows it."""
        if tag in CLOSINGS:
            return self._may_close()
        return tag in OPENINGS and tag not in self._own and self._may_open()

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
        if tag in CLOSINGS:
            alone = not self._line.strip() and (not behind or behind[0] == "\n")
            return self._may_close() and (alone or (self._has_thought and not is_word(self._line, behind)))
        if tag not in OPENINGS or not self._may_open():
            return False
        return tag in self._own or tag.startswith("<|") or behind.startswith("\n") or behind[:1].isalnum()

    def _open(self, text: str) -> bool:
        """Begins a thought if a text begins with the tag of one."""
        opening = longest_tag(text, OPENINGS)
        if opening is None:
            return False
        self._tags = OPENINGS[opening]
        self._held = rest_behind(text, opening)
        self._depth = 0
        return self._enter(_State.THOUGHT_START)

    def _drop_header(self, text: str) -> bool:
        header = next((each for each in HEADERS if begins_with(text, each)), None)
        if header is None or (header == "<|start|>" and may_become(text, ("<|start|>assistant",))):
            return False
        self._held = rest_behind(text, header)
        return True

    def _say(self, text: str, pieces: list[tuple[str, bool]]) -> None:
        """Makes a text a part of the answer."""
        text = without_marks(text)
        pieces.append((text, False))
        self._was_closed = self._was_closed and not text.strip()
        *lines, last = (self._line + text).split("\n")
        for line in lines:
            if line.lstrip().startswith(("```", "~~~")):
                self._in_code = not self._in_code
        self._line = last

    def _think(self, text: str, pieces: list[tuple[str, bool]]) -> None:
        """Makes a text a part of the thought."""
        text = without_marks(text)
        pieces.append((text, True))
        self._thought_line = (self._thought_line + text).rpartition("\n")[2]

    def _enter(self, state: _State) -> bool:
        self._state = state
        return True


def split_thoughts(text: str) -> tuple[str, str]:
    """Returns a whole answer and the thoughts in it; one that only mentions the tags is returned as it is."""
    begin = text.lstrip()
    if not any(begins_with(begin, tags.opening) for tags in KNOWN):
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
