"""What an earlier run has left unfinished, put into the history when the program starts."""

from __future__ import annotations

import logging
from pathlib import Path

from desktop.chat.prompt import title_from
from desktop.common.errors import UserFacingError
from desktop.common.printable import storable
from desktop.engine.types import Role
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import UnfinishedAnswer, erase, unfinished_answers
from desktop.history.sources import Support
from desktop.history.store import History

_log = logging.getLogger(__name__)


def adopt_unfinished(history: History, folder: Path) -> int:
    """Stores answers that a crash or a power cut has interrupted, and erases them from the journal.

    An answer that has got into the history before the journal was erased is there once; one to a message that was
    removed for good goes as well. Where something goes wrong, the journal stays for the next start. Only the program
    that keeps the journal may call this.

    Args:
        history: Where they go.
        folder: That of the :class:`~desktop.history.rescue.answer_journal.AnswerJournal`.

    Returns:
        How many were stored.
    """
    adopted = 0
    for answer in unfinished_answers(folder):
        try:
            adopted += _adopt(history, answer)
        except UserFacingError as problem:
            _log.warning("interrupted answer not adopted: %s", problem.title)
            continue
        erase(answer.file)
    if adopted:
        _log.info("adopted %d interrupted answers", adopted)
    return adopted


def _adopt(history: History, answer: UnfinishedAnswer) -> bool:
    begun = answer.begun
    if not answer.text and not answer.thought:
        return False
    with history.transaction():
        conversation, parent = begun.conversation_id, begun.parent
        if history.is_removed(conversation, parent):
            return False
        if not history.has(conversation):  # the file of the conversations was lost, or set aside
            conversation = history.create(title_from(storable(begun.question))).id
        messages = {one.id: one for one in history.tree(conversation).messages}
        if parent not in messages or messages[parent].role is not Role.USER:
            parent = history.add_user_message(conversation, begun.question).id
        elif any(
            one.parent == parent and one.role is Role.ASSISTANT and one.id > begun.after for one in messages.values()
        ):
            return False
        history.add_answer(
            conversation,
            answer.text,
            thinking=answer.thought,
            state=MessageState.INTERRUPTED,
            model=begun.model,
            stats=None,
            parent=parent,
            support=Support(shape=begun.shape),
        )
    return True
