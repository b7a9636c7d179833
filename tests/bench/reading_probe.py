"""What reading costs in the real window: opening a long conversation, going to its ends, an answer that grows."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from desktop.app.run import Program
from desktop.engine.types import Role
from desktop.history.records import Conversation, ConversationTree, StoredMessage
from desktop.history.store import History
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.transcript.view import TranscriptView
from tests.bench.prompts import words

_SETTLE_S = 2.0
_OPENED, _LONGEST = 1_000, 2_000
_WORDS = 60  # of a message
_LISTED = 2_000  # conversations
_TOKENS, _TOKENS_A_SECOND = 200, 20
# 10,000 messages of characters that nobody would write in this order, questions and answers.
_SEARCHED_CONVERSATIONS, _SEARCHED_LENGTHS, _SEARCHED, _SIGNS = 100, [40, 400], "熊猫", 2_500


async def measure_reading(program: Program) -> dict[str, float]:
    """Returns seconds until what is shown is right, and the share of a core that a growing answer takes."""
    history = program.services.history
    made = [history.add_tree(_long(count)).id for count in (_OPENED, _LONGEST)]
    short = history.add_tree(_long(20)).id
    program.shell.start(hidden=False)
    chat, window = program.shell.chat, program.shell.window
    assert chat is not None
    assert window is not None
    view = window.pane.transcript
    chat.open(short)  # the window is warm then
    await asyncio.sleep(_SETTLE_S)
    result = {}
    opened, longest = made
    ways: tuple[tuple[str, Callable[[], None]], ...] = (
        ("open", lambda: chat.open(opened)),
        ("open_longest", lambda: chat.open(longest)),
        ("start", view.go_to_start),
        ("end", view.go_to_end),
        ("drag", lambda: view.scroll_bar.setSliderPosition(view.scroll_bar.maximum() // 2)),
        ("find", lambda: _find(window)),
    )
    for name, go in ways:
        await asyncio.sleep(_SETTLE_S)
        begin, own = time.perf_counter(), time.thread_time()
        go()
        while not _is_shown(view) or view.found.is_on_its_way:  # noqa: ASYNC110 (there is no event for it, and each turn counts)
            await asyncio.sleep(0)
        view.viewport().repaint()
        result[name], result[f"{name}_own"] = time.perf_counter() - begin, time.thread_time() - own
    window.pane.find_bar.close_bar()
    result["token_share"] = await _share_of_growing(view)
    chat.open(None)
    return result | _list(history, chat, window) | _search(history)


def _find(window: ChatWindow) -> None:
    """Looks for what only the last words of the conversation hold."""
    window.pane.find_bar.open_bar()
    window.pane.find_bar._field.setText(words(_WORDS, _LONGEST)[-30:])


def _list(history: History, chat: ChatPresenter, window: ChatWindow) -> dict[str, float]:
    """Returns seconds until 2,000 conversations are listed, and until a change of one of them is."""
    with history.transaction():
        made = [history.create(f"Conversation {number}").id for number in range(_LISTED)]
        for number, one in enumerate(made):
            history.set_folder(one, ("", "Work", "家")[number % 3])
            if number % 100 == 0:
                history.set_pinned(one, number)
    taken = {}
    for name in ("list", "list_again"):
        begin, own = time.perf_counter(), time.thread_time()
        chat.refresh()
        window.list.rows.viewport().repaint()
        taken |= {name: time.perf_counter() - begin, f"{name}_own": time.thread_time() - own}
        history.set_pinned(made[_LISTED // 2], 1e9)
    return taken


def _search(history: History) -> dict[str, float]:
    """Returns seconds for a Chinese word of two characters in 10,000 messages, one of which holds it."""
    draw = random.Random(0)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + _SIGNS) if chr(code) not in _SEARCHED]
    for number in range(_SEARCHED_CONVERSATIONS):
        texts = ["".join(draw.choices(signs, k=length)) for length in _SEARCHED_LENGTHS * 50]
        if number == 0:
            texts[0] += _SEARCHED
        messages = tuple(
            StoredMessage(at, "", (Role.USER, Role.ASSISTANT)[(at - 1) % 2], text, 0.0, parent=at - 1 or None)
            for at, text in enumerate(texts, 1)
        )
        shown = {one.parent: one.id for one in messages}
        history.add_tree(ConversationTree(Conversation("", "search", 0.0, 0.0), messages, shown))
    begin, own = time.perf_counter(), time.thread_time()
    hits = history.search(_SEARCHED)
    taken = {"search": time.perf_counter() - begin, "search_own": time.thread_time() - own}
    assert len(hits) == 1
    return taken


def _is_shown(view: TranscriptView) -> bool:
    """Tells whether all that is in view, and around it, is written."""
    return not view._scroll._slices.isActive()


async def _share_of_growing(view: TranscriptView) -> float:
    """Returns the share of a core that the GUI thread takes for an answer, beyond what it takes without one."""
    seconds = _TOKENS / _TOKENS_A_SECOND
    begin = time.thread_time()
    await asyncio.sleep(seconds)
    idle = time.thread_time() - begin
    view.begin_answer(None, "")
    text = words(_TOKENS, seed=1).split()
    begin = time.thread_time()
    for number, word in enumerate(text, start=1):
        view.grow_answer(f"**{word}** " if number % 10 == 0 else f"{word}\n\n" if number % 40 == 0 else f"{word} ", "")
        await asyncio.sleep(1 / _TOKENS_A_SECOND)
    return max(0.0, time.thread_time() - begin - idle) / seconds


def _long(count: int) -> ConversationTree:
    conversation = Conversation("", f"{count} messages", 0.0, 0.0)
    roles = (Role.USER, Role.ASSISTANT)
    messages = tuple(
        StoredMessage(number, "", roles[(number - 1) % 2], words(_WORDS, number), 0.0, parent=number - 1 or None)
        for number in range(1, count + 1)
    )
    return ConversationTree(conversation, messages, {one.parent: one.id for one in messages})
