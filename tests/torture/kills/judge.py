"""What is there after a kill and another start, and whether that is all that a person was shown before."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from desktop.common.paths import Paths
from desktop.history.drafts import DraftFile
from desktop.history.messages.tree import MessageTree
from desktop.history.records import ConversationTree
from desktop.history.store import History
from desktop.settings.store import SettingsStore
from tests.torture.kills.shown import STEPPING, TURNING, Conversation, Growing, Message, Shown

# What may be missing of an answer: issue 10, and desktop/history/rescue/answer_journal.py.
ANSWER_S: Final = 2.0
# A draft is kept 1.5 s after its last letter, by a timer of a thread that may be busy.
DRAFT_S: Final = 3.0
# A setting may be written by another thread than the one that shows it.
SETTING_S: Final = 2.0
SETTINGS: Final = ("font_size", "model")
_LEFTOVER: Final = re.compile(r".*(\.tmp|\.part.*|-journal|\.recovering.*|\.damaged.*|\.suspect|\.broken-.*|\.answer)")


@dataclass(frozen=True)
class Found:
    """What is stored."""

    conversations: dict[str, Conversation]
    drafts: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Verdict:
    """What a kill has cost.

    Attributes:
        lost: What was lost that must not be; empty: nothing.
        seconds: How old the oldest words were that are missing of an answer.
        adopted: How many answers that were on their way were found again.
    """

    lost: list[str] = field(default_factory=list)
    seconds: float = 0.0
    adopted: int = 0


def find(paths: Paths) -> Found:
    """Reads what is stored, as the program does, while the program runs."""
    history = History(paths.history_file, beside=True)
    try:
        found = {one.id: _conversation(history.tree(one.id)) for one in history.conversations()}
        for one in history.deleted():
            found[one.conversation.id] = _conversation(history.tree(one.conversation.id), deleted=True)
    finally:
        history.close()
    settings = SettingsStore(paths.settings_file).current
    drafts = DraftFile(paths.drafts_file).load()
    return Found(found, dict(drafts), {key: getattr(settings, key) for key in SETTINGS})


def _conversation(tree: ConversationTree, *, deleted: bool = False) -> Conversation:
    messages = {one.id: Message(one.id, one.parent, one.role.value, one.text, one.state.value) for one in tree.messages}
    rows = [(one.id, one.parent, tree.shown.get(one.id)) for one in tree.messages]
    path = MessageTree(rows, tree.shown.get(None)).path()
    return Conversation(tree.conversation.title, deleted, messages, list(path))


def judge(shown: Shown, found: Found, killed_at: float) -> Verdict:
    """Compares what was shown with what is there.

    Args:
        shown: All that was shown until the kill.
        found: What is there after the next start.
        killed_at: The moment of the kill, on the clock of the reports.
    """
    verdict = Verdict()
    expected = "was damaged" if shown.was_damaged else "nothing"
    verdict.lost += [f"it says at the start: {problem}" for problem in shown.problems if expected not in problem]
    if shown.broken:
        verdict.lost.append(f"the script: {shown.broken}")
    for conversation_id, conversation in shown.conversations.items():
        verdict.lost += _missing(shown, found, conversation_id, conversation)
    for conversation_id, there in found.conversations.items():
        verdict.lost += _surplus(shown, conversation_id, there, killed_at, verdict)
    verdict.lost += _imported(shown, found)
    verdict.lost += _drafts(shown, found, killed_at)
    for key, value in shown.settings.items():
        before, since = shown.settings_before.get(key, (value, 0.0))
        is_new = killed_at - since < SETTING_S and found.settings[key] == before
        if found.settings[key] != value and shown.doing.get("setting") != key and not is_new:
            verdict.lost.append(f"the setting {key} is {found.settings[key]!r} and was {value!r}")
    return verdict


def _is_doing(shown: Shown, conversation_id: str, actions: frozenset[str] | set[str]) -> bool:
    """Whether the person has asked for one of these, which may be about this conversation."""
    doing = shown.doing.get("action")
    return doing in actions and (doing in STEPPING or conversation_id in shown.doing["conversations"])


def _missing(shown: Shown, found: Found, conversation_id: str, was: Conversation) -> Iterator[str]:
    name = f"the conversation {conversation_id[:6]} {was.title!r}"
    there = found.conversations.get(conversation_id)
    if conversation_id in shown.aging:
        if there is not None:
            yield f"{name}: its days were over, and it is still there"
        return
    if there is None:
        if not (was.deleted and _is_doing(shown, conversation_id, {"erase"})):
            yield f"{name} is gone"
        return
    if there.deleted != was.deleted and not _is_doing(shown, conversation_id, {"delete", "restore", *STEPPING}):
        yield f"{name} {'is deleted' if there.deleted else 'was deleted, and is in the list again'}"
    if was.title not in (None, there.title) and not _is_doing(shown, conversation_id, {"rename", *TURNING}):
        yield f"{name} is called {there.title!r}"
    for message in was.messages.values():
        kept = there.messages.get(message.id)
        if kept is None:
            yield f"{name}: the message {message.id} {message.text[:40]!r} is gone"
        elif kept != message:
            yield f"{name}: the message {message.id} {message} is {kept}"
    if not _is_doing(shown, conversation_id, TURNING) and there.path[: len(was.path)] != was.path:
        yield f"{name}: shown were {was.path}, shown are {there.path}"


def _surplus(
    shown: Shown, conversation_id: str, there: Conversation, killed_at: float, verdict: Verdict
) -> Iterator[str]:
    """Judges what is there and was not shown: the end of an answer, what was just asked for, and nothing else."""
    was = shown.conversations.get(conversation_id)
    name = f"the conversation {conversation_id[:6]} {there.title!r}"
    first = there.messages[min(there.messages)].text if there.messages else ""
    if was is None and not _is_new(shown, first):
        yield f"{name} came from nowhere"
        return
    known = was.messages if was is not None else {}
    growing = shown.growing.get(conversation_id) or shown.ended.get(conversation_id)
    answers: list[Message] = []
    for message in there.messages.values():
        if message.id in known or first in _imported_words(shown):
            continue
        if message.role == "user":
            if message.text != str(shown.doing.get("text", "")).strip():
                yield f"{name}: the message {message.text[:40]!r} came from nowhere"
        elif growing is not None and (growing.question in (None, message.parent)):
            answers.append(message)
        elif shown.doing.get("action") not in ("send", "edit", "regenerate", "quick"):  # asked for just now
            yield f"{name}: the answer {message.text[:40]!r} came from nowhere"
    if len(answers) > 1:
        yield f"{name}: an answer is there {len(answers)} times"
    if growing is not None:
        yield from _answer(name, growing, answers[0] if answers else None, killed_at, verdict)


def _is_new(shown: Shown, first: str) -> bool:
    """Whether a conversation with these first words may just have come into being."""
    doing = shown.doing
    if doing.get("action") in ("send", "quick"):
        return not doing["conversations"] and first == doing["text"].strip()
    return first in _imported_words(shown)


def _imported_words(shown: Shown) -> set[str]:
    return {words for batch in shown.batches.values() for words in batch.messages}


def _answer(name: str, growing: Growing, found: Message | None, killed_at: float, verdict: Verdict) -> Iterator[str]:
    text = found.text if found is not None else ""
    shown = growing.text
    if not shown.startswith(text) and not text.startswith(shown):
        yield f"{name}: the answer {shown[:60]!r} has become {text[:60]!r}"
        return
    if found is not None:
        verdict.adopted += 1
        if found.state not in (("stopped",) if growing.is_whole else ("interrupted", "complete", "stopped")):
            yield f"{name}: the answer is marked {found.state}"
        if len(text) < len(shown) and found.state == "complete":
            yield f"{name}: a part of an answer is marked complete"
    length = 0
    for at, piece in growing.pieces:
        length += len(piece)
        if length > len(text):
            age = killed_at - at
            verdict.seconds = max(verdict.seconds, age)
            if age > ANSWER_S or growing.is_whole:
                yield f"{name}: of an answer {len(shown) - len(text)} letters are gone, shown up to {age:.2f} s before"
            return


def _imported(shown: Shown, found: Found) -> Iterator[str]:
    firsts = Counter(
        (one.messages[min(one.messages)].text, len(one.messages))
        for one in found.conversations.values()
        if one.messages
    )
    for batch in shown.batches.values():
        for words, count in batch.messages.items():
            times = {length: number for (text, length), number in firsts.items() if text == words}
            if sum(times.values()) > 1:
                yield f"imported {sum(times.values())} times: {words!r}"
            if times and count not in times:
                yield f"imported in part: {words!r} has {next(iter(times))} of {count} messages"
            if not times and batch.is_whole:
                yield f"imported and gone: {words!r}"


def _drafts(shown: Shown, found: Found, killed_at: float) -> Iterator[str]:
    for conversation_id, (text, since) in shown.drafts.items():
        there = found.drafts.get(conversation_id, "")
        doing = shown.doing.get("conversations", ())
        unsure = conversation_id not in found.conversations if conversation_id else bool(shown.doing)
        unsure = unsure or conversation_id in doing
        if killed_at - since > DRAFT_S and text.strip() and there != text and not unsure:
            yield f"the draft {text[:40]!r} of {killed_at - since:.1f} s ago is {there[:40]!r}"


def adopt(shown: Shown, found: Found, now: float) -> None:
    """Takes what is there for what is shown from now on."""
    shown.conversations = found.conversations
    shown.drafts = {key: (text, now) for key, text in found.drafts.items()}
    shown.settings = found.settings
    shown.growing, shown.ended, shown.doing, shown.aging, shown.settings_before = {}, {}, {}, set(), {}


def check_files(paths: Paths, scratch: Path) -> list[str]:
    """Returns what is wrong with the file of the conversations; nobody has it open. A copy is looked at."""
    if not paths.history_file.exists() or not paths.history_file.stat().st_size:
        return []
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        copy = Path(folder) / paths.history_file.name
        for end in ("", "-wal"):
            part = paths.history_file.with_name(paths.history_file.name + end)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + end))
        with closing(sqlite3.connect(copy, isolation_level=None)) as database:
            return list(_complaints(database))


def _complaints(database: sqlite3.Connection) -> Iterator[str]:
    try:
        for (answer,) in database.execute("PRAGMA integrity_check"):
            if answer != "ok":
                yield f"integrity_check: {answer}"
        for row in database.execute("PRAGMA foreign_key_check"):
            yield f"foreign_key_check: {row}"
        if database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'message_index'").fetchone():
            # With a rank other than 0 the index is compared with the messages too: https://www.sqlite.org/fts5.html
            database.execute("INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as problem:
        yield f"the file of the conversations: {problem}"


def leftovers(paths: Paths, *, was_damaged: bool = False) -> list[str]:
    """Returns files that no start may leave; of the model folder, which is swept later, none.

    Args:
        paths: Of the data folder.
        was_damaged: There may be damaged files, which are kept.
    """
    return [
        f"left behind: {path.relative_to(paths.data)}"
        for path in sorted(paths.data.rglob("*"))
        if path.is_file() and paths.models_dir not in path.parents and _LEFTOVER.fullmatch(path.name)
        if not (was_damaged and ".damaged" in path.name)
    ]
