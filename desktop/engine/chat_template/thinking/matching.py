"""Where tags stand in a text that is still being written, and which of them are words of a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop.engine.chat_template.thinking.tags import BEGINNING, IN_ANY_CASE, KNOWN, TOKEN_MARK, ThoughtTags

# What stands before and behind a tag that a sentence is about.
_BEFORE_A_WORD = " \t([{`'\"\u201c\u2018\u300c\uff08"
_BEHIND_A_WORD = " \t)]}`'\",.;:!?\u201d\u2019\u300d\uff09\u3001\u3002\uff0c"


def tags_in(template: str) -> tuple[ThoughtTags, ...]:
    """Returns the tags that a chat template uses."""
    return tuple(tags for tags in KNOWN if find_first(template, (tags.opening, tags.closings[0])) is not None)


def opened_by(prompt: str) -> ThoughtTags | None:
    """Returns the tags of the thought that a prompt ends in the beginning of; None: it does not."""
    ending = prompt.rstrip()
    return next((tags for tags in KNOWN if begins_with(ending[-len(tags.opening) :], tags.opening)), None)


def without_marks(text: str) -> str:
    """Returns a text without what came as a token and means nothing here."""
    return text.replace(TOKEN_MARK, "")


def is_word(before: str, behind: str) -> bool:
    """Tells whether a tag between two texts is a word of a sentence, and opens or closes nothing.

    Args:
        before: What stands before it, with the beginning of its line.
        behind: What follows; empty at the end of all.
    """
    line = without_marks(before).rpartition("\n")[2]
    if line.count("`") % 2:
        return True
    behind = without_marks(behind)[:1]
    return bool(behind) and behind in _BEHIND_A_WORD and (not line or line[-1] in _BEFORE_A_WORD)


def longest_tag(text: str, tags: Iterable[str]) -> str | None:
    """Returns the longest of some tags that a text begins with."""
    return max((each for each in tags if begins_with(text, each)), key=len, default=None)


def begins_with(text: str, tag: str) -> bool:
    """Tells whether a text begins with a tag, with its mark or without."""
    return _Spelling(without_marks(text[: 2 * len(tag)])).for_tag(tag).startswith(tag)


def rest_behind(text: str, tag: str) -> str:
    """Returns what follows a tag that a text begins with."""
    _, places = _plain(text)
    return text[places[len(tag) - 1] + 1 :]


def may_become(text: str, tags: Iterable[str]) -> bool:
    """Tells whether a text is the beginning of a tag, or nothing yet."""
    spelling = _Spelling(without_marks(text))
    return any(tag.startswith(part := spelling.for_tag(tag)) and tag != part for tag in tags)


def find_first(text: str, tags: Iterable[str]) -> tuple[int, str] | None:
    """Returns where the first of some tags begins, with its mark, and which it is: the longest there."""
    if not BEGINNING.search(text):
        return None
    plain, places = _plain(text)
    spelling = _Spelling(plain)
    found = [(start, -len(tag), tag) for tag in tags if (start := spelling.for_tag(tag).find(tag)) >= 0]
    if not found:
        return None
    start, _, tag = min(found)
    place = places[start]
    return place - (place > 0 and text[place - 1] == TOKEN_MARK), tag


def partial_length(text: str, tags: Iterable[str]) -> int:
    """Returns how many characters at the end of a text may be the beginning of a tag."""
    if not BEGINNING.search(text):
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


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Returns a text without marks, and where each of its characters stands in the text with them."""
    if TOKEN_MARK not in text:
        return text, range(len(text))
    places = [place for place, character in enumerate(text) if character != TOKEN_MARK]
    return without_marks(text), places


class _Spelling:
    """A text in which tags are looked for: those that look like XML in small letters and capitals."""

    def __init__(self, plain: str) -> None:
        small = plain.lower()
        self._small = small if len(small) == len(plain) else "".join(c.lower() if c.isascii() else c for c in plain)
        self._plain = plain

    def for_tag(self, tag: str) -> str:
        return self._small if tag in IN_ANY_CASE else self._plain
