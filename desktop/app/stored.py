"""What people have stored, as the app has it: opened at the start, and rid of what was deleted for good."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from desktop.chat.adoption import adopt_unfinished
from desktop.chat.documents.lazy import LazyGrounds
from desktop.chat.events import ChatEvent, HistoryTrouble
from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.common.background_writer import BackgroundWriter
from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.engine.snapshots.store import SnapshotStore
from desktop.history.drafts import DraftFile
from desktop.history.records import is_conversation_id
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.store import History
from desktop.settings.told import ToldFile

_log = logging.getLogger(__name__)
_DAY_SECONDS = 86400.0


class Troubles:
    """Takes what is wrong with a file: the windows say it, and the start where there are none yet.

    Attributes:
        are_heard: There are windows.
    """

    def __init__(self, problems: list[UserFacingError], notify: Callable[[ChatEvent], None]) -> None:
        """
        Args:
            problems: Of the start, which get what is wrong until somebody hears of it otherwise.
            notify: Tells the windows.
        """
        self._problems, self._notify = problems, notify
        self.are_heard = False

    def __call__(self, problem: UserFacingError) -> None:
        if self.are_heard:
            self._notify(HistoryTrouble(problem))
        else:
            self._problems.append(problem)


@dataclass(frozen=True)
class StoredFiles:
    """The files of conversations and of what belongs to them.

    Attributes:
        writer: Writes the small ones; to be closed last.
    """

    history: History
    writer: BackgroundWriter
    drafts: DraftFile
    actions: QuickActionsFile
    journal: AnswerJournal
    told: ToldFile


def open_files(paths: Paths, troubles: Troubles) -> StoredFiles:
    """Opens them, and adds to the conversations what a crash has left in the journal.

    Args:
        paths: Where they lie.
        troubles: Hears what is wrong with the history, now and later on.

    Raises:
        UserFacingError: The history cannot be opened.
    """
    history = History(paths.history_file, tell=troubles)
    if history.load_problem is not None:
        troubles(history.load_problem)
    adopt_unfinished(history, paths.answers_dir)
    writer = BackgroundWriter()
    return StoredFiles(
        history,
        writer,
        DraftFile(paths.drafts_file, writer.put),
        QuickActionsFile(paths.quick_actions_file, writer.put),
        AnswerJournal(paths.answers_dir),
        ToldFile(paths.told_file, writer.put),
    )


def tidy_up(paths: Paths, files: StoredFiles, days: int, grounds: LazyGrounds) -> None:
    """Removes at the start what was deleted long ago, and states of conversations that are nowhere.

    Args:
        paths: Where the states lie.
        files: What is kept.
        days: How long deleted conversations are kept.
        grounds: Documents that no conversation has any more go as well.
    """
    states = SnapshotStore(paths.snapshots_dir, 0)  # there is no engine yet, which else erases them
    forget_deleted(files.history, states.erase, files.drafts, days, grounds)
    _erase_orphans(states, files.history)


def forget_deleted(
    history: History, erase: Callable[[str], None], drafts: DraftFile, days: int, grounds: LazyGrounds | None = None
) -> None:
    """Removes what was deleted long ago for good, with states, drafts and documents; where it fails, the next time.

    So with what an earlier run had removed, and was killed before all of it was gone.

    Args:
        history: Where they lie.
        erase: Erases the states of a conversation or a document, and has done so when it returns.
        drafts: Those of the others stay.
        days: How long deleted conversations are kept.
        grounds: Documents that no conversation has any more go as well.
    """
    try:
        history.purge_deleted(days * _DAY_SECONDS)
        history.purge_deleted_messages(days * _DAY_SECONDS)
        history.erase_states(erase)
        if history.load_problem is None:  # a file that was set aside may come back, and its conversations with it
            kept = (*history.conversations(), *(one.conversation for one in history.deleted()))
            drafts.keep_only({conversation.id for conversation in kept})
            if grounds is not None:
                grounds.sweep(history.document_ids)
        if grounds is not None:
            grounds.make_up(erase)
    except UserFacingError as problem:
        _log.warning("deleted conversations not removed: %s", problem.title)


def _erase_orphans(states: SnapshotStore, history: History) -> None:
    """Erases states of conversations that are nowhere: their file was lost, or an earlier Catnap left them."""
    try:
        for owner in states.owners():
            if is_conversation_id(owner) and not history.has(owner):
                states.erase(owner)
    except UserFacingError as problem:
        _log.warning("states of conversations not looked at: %s", problem.title)
