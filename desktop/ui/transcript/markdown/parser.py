"""The parser of Markdown: CommonMark with tables and strikes, no HTML, and with formulas.

It departs from CommonMark where small models, and Chinese, do: see the rules below. Imported with the first answer that
is shown, since the library takes time and memory.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from desktop.ui.transcript.maths.spotting import block_formula, inline_formula, unfinished_formula

FORMULA, FORMULA_BLOCK, RAISED = "formula", "formula_block", "raised"
_DEEPEST = 100  # of the parser's levels; several make one container
_RAISED = re.compile(r"<(?P<tag>sub|sup)>(?P<text>[^<>\n]{1,40})</(?P=tag)>", re.IGNORECASE)
_BREAK = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
# A name between pairs of underscores is one of Python's: __init__.
_DUNDER = re.compile(r"__[a-z][a-z0-9_]*[a-z0-9]__(?!\w)")
# What comes before a backslash in a path of Windows, and what may follow it there: ``C:\*\*.txt``, ``D:\_old``.
_IN_A_PATH = re.compile(r"(?<!\w)[A-Za-z]:(?:\\[^\s\\]*)*$")
_LONGEST_PATH = 260
_OF_A_NAME = "*_#~-.!$%&+=@{}'"
_STAR, _UNDERSCORE = ord("*"), ord("_")
_QUOTES = "\"'"
_LONGEST_FACTOR = 20
_AFTER_A_SIGN = re.compile(r"[=\uff1d+\-/\u00d7\u00f7]\s*\w+(\*\w+)*$")
_ENDS_A_PHRASE = ".:;,!?\u3002\uff1a\uff1b\uff0c\uff01\uff1f"


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802
        """Takes every address: what a link may lead to is decided where it is written, and it is no source text."""
        return True


@cache
def markdown_parser() -> MarkdownIt:
    """Returns the parser; it keeps nothing of what it parses."""
    parser = _Parser("commonmark", {"html": False, "maxNesting": _DEEPEST})
    parser.enable(["table", "strikethrough"])
    parser.disable("html_block")
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("escape", "path", _path)
    parser.inline.ruler.before("escape", "tag", _tag)
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler2.after("balance_pairs", "loose_strong", _loose_strong)
    ended_by_it = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "formula_block", _formula_block, {"alt": ended_by_it})
    return parser


def _formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = inline_formula(state.src, state.pos)
    if found is None:
        rest = unfinished_formula(state.src, state.pos)
        if not rest:
            return False
        if not silent:
            state.append_pending(state.src[state.pos : rest])
        state.pos = rest
        return True
    if not silent:
        token = state.push(FORMULA, "", 0)
        token.content, token.markup = found.tex, state.src[state.pos : found.end]
        token.meta["display"] = found.display
    state.pos = found.end
    return True


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    begin = state.bMarks[start] + state.tShift[start]
    if state.src[begin : begin + 1] not in ("$", "\\"):
        return False
    lines: list[str] = []
    for line in range(start, end):
        if lines and (state.isEmpty(line) or state.sCount[line] < state.blkIndent):
            break
        lines.append(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
    found = block_formula(lines)
    if found is None:
        return False
    if not silent:
        token = state.push(FORMULA_BLOCK, "", 0)
        token.content = found.tex
        token.markup = state.getLines(start, start + found.lines, state.blkIndent, False).removesuffix("\n")
        token.map = [start, start + found.lines]
        state.line = start + found.lines
    return True


def _path(state: StateInline, silent: bool) -> bool:
    """Keeps the backslashes of a path of Windows, which CommonMark takes for escapes, and the signs behind them."""
    at, text = state.pos, state.src
    if text[at] != "\\" or at + 1 >= state.posMax or text[at + 1] not in _OF_A_NAME:
        return False
    if _IN_A_PATH.search(text[max(0, at - _LONGEST_PATH) : at]) is None:
        return False
    if not silent:
        state.pending += text[at : at + 2]
    state.pos += 2
    return True


def _tag(state: StateInline, silent: bool) -> bool:
    """Takes the three tags that models write where Markdown has nothing: breaks, and letters above and below."""
    if state.src[state.pos] != "<":
        return False
    if line_break := _BREAK.match(state.src, state.pos):
        if not silent:
            state.push("hardbreak", "br", 0)
        state.pos = line_break.end()
        return True
    raised = _RAISED.match(state.src, state.pos)
    if raised is None:
        return False
    if not silent:
        token = state.push(RAISED, raised["tag"].lower(), 0)
        token.content, token.markup = raised["text"], raised[0]
    state.pos = raised.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Emphasis as CommonMark has it, but for products and powers, and beside Chinese.

    CommonMark takes the stars of ``3*d-4*b`` for emphasis, and those of ``**中文。**中文`` for none, as no blank is
    behind the full stop: see https://github.com/tats-u/markdown-cjk-friendly for the second.
    """
    mark = state.src[state.pos]
    if silent or mark not in "*_":
        return False
    start = state.pos
    if mark == "_" and (dunder := _DUNDER.match(state.src, start)):
        state.append_pending(dunder[0])
        state.pos = dunder.end()
        return True
    end = start
    while end < state.posMax and state.src[end] == mark:
        end += 1
    if mark == "*" and end == start + 1 and _is_product(state.src, start):
        can_open = can_close = False
    else:
        can_open, can_close = _flanks(mark, end - start, state.src[:start][-1:] or " ", state.src[end : end + 1] or " ")
    for _ in range(end - start):
        state.push("text", "", 0).content = mark
        state.delimiters.append(Delimiter(ord(mark), end - start, len(state.tokens) - 1, -1, can_open, can_close))
    state.pos = end
    return True


def _flanks(mark: str, count: int, before: str, after: str) -> tuple[bool, bool]:
    """Returns whether a run of marks can open an emphasis, and whether it can close one."""
    before_blank, after_blank = _is_blank(before), _is_blank(after)
    before_sign, after_sign = _is_sign(before), _is_sign(after)
    left = not after_blank and (not after_sign or before_blank or before_sign or _is_wide(before))
    right = not before_blank and (not before_sign or after_blank or after_sign or _is_wide(after))
    if mark == "_":
        return left and (not right or before_sign), right and (not left or after_sign)
    if _is_operand(before) and _is_operand(after):
        # A power opens nothing; **H**yper is closed.
        return False, count > 1 and before.isalpha() and after.isalpha()
    return left, right


def _is_product(text: str, star: int) -> bool:
    """Tells whether a single star multiplies: it stands between two things that can be multiplied."""
    before, after = text[:star][-1:], text[star + 1 : star + 2]
    if not before or not after or before.isspace() or after.isspace():
        return False
    if _is_wide(before) and _is_wide(after):  # also how emphasis stands in Chinese, but not behind another sign
        return _AFTER_A_SIGN.search(text[max(0, star - _LONGEST_FACTOR) : star]) is not None
    ends = _is_operand(before) or before in ")]}" or (before in _QUOTES and not text[star - 2 : star - 1].isspace())
    begins = _is_operand(after) or after in "([{" or (after in _QUOTES and text[star + 2 : star + 3].isalnum())
    if before in _QUOTES and (star < 2 or not text[star - 2].isalnum()):
        return False  # one that opens: "*word*"
    return (ends and begins) or (before in ")]}" and not _is_sign(after))


def _loose_strong(state: StateInline) -> None:
    """Takes pairs of stars that CommonMark leaves for what they are meant to be: ``**Note: **text``, ``** Note **``."""
    lists = [state.delimiters, *(meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta)]
    for delimiters in lists:
        open_at: int | None = None
        for at in _loose_pairs(delimiters):
            if open_at is None:
                open_at = at if delimiters[at].open or _begins_line(state, delimiters[at].token) else None
            elif _may_close(state, delimiters, open_at, at):
                _strip(state, delimiters[open_at + 1].token + 1, delimiters[at].token - 1)
                delimiters[open_at].end, delimiters[open_at + 1].end = at + 1, at
                open_at = None
            else:
                open_at = at if delimiters[at].open else None


def _loose_pairs(delimiters: list[Delimiter]) -> list[int]:
    """Returns where two stars stand that are part of nothing."""
    taken = {each.end for each in delimiters if each.end >= 0}
    free = [
        each.marker == _STAR and each.length == 2 and each.end < 0 and at not in taken
        for at, each in enumerate(delimiters)
    ]
    pairs, at = [], 0
    while at + 1 < len(delimiters):
        if free[at] and free[at + 1] and delimiters[at + 1].token == delimiters[at].token + 1:
            pairs.append(at)
            at += 1
        at += 1
    return pairs


def _may_close(state: StateInline, delimiters: list[Delimiter], open_at: int, at: int) -> bool:
    first, last = delimiters[open_at + 1].token, delimiters[at].token
    within = state.tokens[first + 1 : last]
    words = "".join(token.content for token in within)
    if not words.strip() or any(token.type in ("softbreak", "hardbreak") for token in within):
        return False
    pairs = ((place, each.end) for place, each in enumerate(delimiters) if each.end >= 0)
    if any((open_at < begin < at) != (open_at < end < at) for begin, end in pairs):
        return False
    following = state.tokens[last + 2].content if last + 2 < len(state.tokens) else ""
    if delimiters[at].close or not following.strip() or _is_sign(following[0]):
        return True
    if words.rstrip()[-1] in _ENDS_A_PHRASE:
        return _is_blank(words[-1])
    # A blank on both sides: also how powers are written.
    is_power = words.rstrip()[-1].isdigit() or following.lstrip()[0].isdigit()
    return _is_blank(following[0]) and not is_power


def _strip(state: StateInline, first: int, last: int) -> None:
    state.tokens[first].content = state.tokens[first].content.lstrip(" ")
    state.tokens[last].content = state.tokens[last].content.rstrip(" ")


def _begins_line(state: StateInline, token: int) -> bool:
    return token == 0 or state.tokens[token - 1].type in ("softbreak", "hardbreak")


def _is_blank(letter: str) -> bool:
    return letter.isspace()


def _is_sign(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"


def _is_wide(letter: str) -> bool:
    """Tells whether a letter is of a script that has no blanks between words."""
    return unicodedata.east_asian_width(letter) in "WF"


def _is_operand(letter: str) -> bool:
    return letter.isalnum() and not _is_wide(letter)
