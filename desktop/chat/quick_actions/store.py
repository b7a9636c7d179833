"""Which quick actions there are, in a file of their own: ``quick-actions.json``.

``{"version": 1, "actions": [{"id": "explain"}, {"id": "own-1", "name": "Shorten", "prompt": "..."}], "removed": []}``.
Of an action that came with Catnap only what was changed is written. What another version has written stays in the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from desktop.chat.quick_actions.actions import (
    BUILT_IN,
    MOST_ACTIONS,
    MOST_NAME,
    MOST_PROMPT,
    QuickAction,
    check_name,
    check_prompt,
    folded,
)
from desktop.common.background_writer import PutWrite, StateFileWriter, write_at_once
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.events import Publisher
from desktop.common.json_file import FileFault, JsonError, StateFile, read_json
from desktop.common.printable import one_line

_log = logging.getLogger(__name__)
FILE_NAME: Final = "quick-actions.json"
_OWN: Final = "own-"
_KEYS: Final = ("id", "name", "prompt")
_DOCUMENT_KEYS: Final = ("version", "actions", "removed", "portal")


@dataclass(frozen=True)
class _Stored:
    """What a file holds.

    Attributes:
        removed: Actions that came with Catnap and are not wanted.
        strangers: Entries that this version cannot use.
        others: What else stands in the file.
        portal: Keys are wanted through the desktop's portal.
    """

    actions: tuple[QuickAction, ...]
    removed: frozenset[str] = frozenset()
    strangers: tuple[object, ...] = ()
    others: tuple[tuple[str, object], ...] = ()
    portal: bool = False


class QuickActionsFile:
    """The actions in their order, in memory and on disk. GUI thread; where the file is written, ``put`` decides.

    Attributes:
        load_problem: What was wrong with the file; None: nothing.
        changed: Called with the actions after every change.
    """

    def __init__(self, file: Path, put: PutWrite = write_at_once) -> None:
        """
        Args:
            file: Its folder exists.
            put: Takes each write.
        """
        self._file = StateFile(file, _stored)
        title = QT_TRANSLATE_NOOP("Errors", "The quick actions could not be saved.")
        self._writer = StateFileWriter(self._file, title, put, lambda _problem: None)
        self._state = self._file.read() or _fresh()
        self.load_problem: FileFault | None = self._file.problem
        self.changed = Publisher[tuple[QuickAction, ...]]()

    def tell_with(self, tell: Callable[[UserFacingError], object]) -> None:
        """Says from now on what cannot be written, which is in force all the same, on the thread that writes."""
        self._writer.tell_with(tell)

    def look_again(self) -> UserFacingError | None:
        """Puts in force what somebody else has written into the file; see :meth:`PersonaLibrary.look_again`."""
        if not self._writer.is_settled:
            return None
        stored, fault = self._file.look_again()
        if stored is not None and stored != self._state:
            self._state = stored
            self.changed(stored.actions)
        if fault is None:
            return None
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of the quick actions was changed and cannot be read."),
            f"{self._file.path}.",
            QT_TRANSLATE_NOOP("Errors", "Correct it, or change any action here: the file is kept aside then."),
        )

    @property
    def actions(self) -> tuple[QuickAction, ...]:
        """All of them, in the order in which they are shown."""
        return self._state.actions

    @property
    def removed(self) -> frozenset[str]:
        """Actions that came with Catnap and were deleted."""
        return self._state.removed

    @property
    def uses_portal(self) -> bool:
        """Whether keys are wanted through the desktop's portal, where there is one."""
        return self._state.portal

    def set_uses_portal(self, wanted: bool) -> None:
        """Says whether they are."""
        self._keep(replace(self._state, portal=wanted))

    def add(self, name: str, prompt: str, taken: Sequence[str] = ()) -> QuickAction:
        """Adds a person's own at the end.

        Args:
            name: See :func:`check_name`.
            prompt: See :func:`check_prompt`.
            taken: Names that the others are shown under.

        Raises:
            UserFacingError: It cannot be called so, or says nothing, or there are too many.
        """
        if len(self.actions) >= MOST_ACTIONS:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There are as many actions as there can be."),
                f"{MOST_ACTIONS}.",
                QT_TRANSLATE_NOOP("Errors", "Delete one that is not used."),
            )
        name, prompt = check_name(name, (*taken, *self._names())), check_prompt(prompt)
        numbers = [int(each.id[len(_OWN) :]) for each in self.actions if _is_own(each.id)]
        action = QuickAction(f"{_OWN}{max(numbers, default=0) + 1}", name, prompt)
        self._change(replace(self._state, actions=(*self.actions, action)))
        return action

    def edit(self, action_id: str, name: str, prompt: str, taken: Sequence[str] = ()) -> QuickAction:
        """Gives an action another name and prompt; empty ones, of one that came with Catnap: as it came.

        Args:
            action_id: Which.
            name: See :func:`check_name`.
            prompt: See :func:`check_prompt`.
            taken: Names that the others are shown under.

        Raises:
            KeyError: There is no such action.
            UserFacingError: As in :meth:`add`.
        """
        before = self._get(action_id)
        if name or before.built_in is None:
            name = check_name(name, (*taken, *self._names(but=action_id)))
        if prompt or before.built_in is None:
            prompt = check_prompt(prompt)
        after = replace(before, name=name, prompt=prompt)
        self._change(replace(self._state, actions=tuple(after if each is before else each for each in self.actions)))
        return after

    def remove(self, action_id: str) -> None:
        """Takes an action away; :meth:`put_back` undoes it.

        Raises:
            KeyError: There is no such action.
        """
        gone = self._get(action_id)
        removed = self.removed | ({action_id} if gone.built_in is not None else set())
        left = tuple(each for each in self.actions if each is not gone)
        self._change(replace(self._state, actions=left, removed=removed))

    def put_back(self, action: QuickAction, at: int) -> None:
        """Undoes a :meth:`remove`.

        Args:
            action: What was removed.
            at: Where it was.
        """
        if any(each.id == action.id for each in self.actions):
            return
        actions = list(self.actions)
        actions.insert(at, action)
        self._change(replace(self._state, actions=tuple(actions), removed=self.removed - {action.id}))

    def move(self, action_id: str, by: int) -> None:
        """Moves an action by so many places, as far as there are any.

        Raises:
            KeyError: There is no such action.
        """
        action, actions = self._get(action_id), list(self.actions)
        at = actions.index(action)
        actions.remove(action)
        actions.insert(min(max(at + by, 0), len(actions)), action)
        self._change(replace(self._state, actions=tuple(actions)))

    def restore(self) -> None:
        """Puts those that came with Catnap back as they came, in front; a person's own stay behind them."""
        known = {action.id: action for action in self.actions}
        came = tuple(
            QuickAction(key, others=known[key].others) if key in known else QuickAction(key) for key in BUILT_IN
        )
        own = tuple(action for action in self.actions if action.built_in is None)
        self._change(replace(self._state, actions=came + own, removed=frozenset()))

    def set_all(self, actions: Sequence[QuickAction], removed: frozenset[str]) -> None:
        """Puts an earlier state back, for undo."""
        self._change(replace(self._state, actions=tuple(actions), removed=removed))

    def _get(self, action_id: str) -> QuickAction:
        for action in self.actions:
            if action.id == action_id:
                return action
        raise KeyError(action_id)

    def _names(self, but: str = "") -> Iterator[str]:
        return (action.name for action in self.actions if action.name and action.id != but)

    def _change(self, state: _Stored) -> None:
        if state != self._state:
            self._keep(state)
            self.changed(state.actions)

    def _keep(self, state: _Stored) -> None:
        self._state = state
        self._writer.write(
            {
                **dict(state.others),
                "actions": [*map(_entry, state.actions), *state.strangers],
                "removed": sorted(state.removed),
                **({"portal": True} if state.portal else {}),
            }
        )


def read_actions(file: Path) -> tuple[QuickAction, ...]:
    """Returns the actions in a file for a program that does not own it: nothing is put aside, and nothing said."""
    try:
        document = read_json(file)
        return _stored(document).actions if document["version"] == 1 else _fresh().actions
    except (OSError, JsonError, LookupError, ValueError, TypeError, AttributeError):
        return _fresh().actions


def _fresh() -> _Stored:
    return _Stored(tuple(map(QuickAction, BUILT_IN)))


def _is_own(action_id: str) -> bool:
    number = action_id.removeprefix(_OWN)
    return action_id.startswith(_OWN) and number.isascii() and number.isdigit() and len(number) < 10


def _entry(action: QuickAction) -> dict[str, object]:
    words = {key: value for key, value in (("name", action.name), ("prompt", action.prompt)) if value}
    return {**action.others, "id": action.id, **words}


def _stored(document: dict[str, Any]) -> _Stored:
    entries, removed = document["actions"], document.get("removed", [])
    if not isinstance(entries, list) or not isinstance(removed, list):
        raise TypeError("no lists")
    actions: list[QuickAction] = []
    strangers: list[object] = []
    for entry in entries:
        action = _action(entry)
        seen = action is None or any(each.id == action.id for each in actions) or _is_taken(action.name, actions)
        if action is None or seen or len(actions) >= MOST_ACTIONS:
            strangers.append(entry)
        else:
            actions.append(action)
    if strangers:
        _log.warning("%d entries of the quick actions are of no use here; they stay in the file", len(strangers))
    gone = frozenset(each for each in removed if isinstance(each, str))
    there = {action.id for action in actions}
    actions += [QuickAction(key) for key in BUILT_IN if key not in there and key not in gone]
    others = tuple((key, value) for key, value in document.items() if key not in _DOCUMENT_KEYS)
    return _Stored(tuple(actions), gone - there, tuple(strangers), others, document.get("portal") is True)


def _is_taken(name: str, actions: Sequence[QuickAction]) -> bool:
    return bool(name) and folded(name) in (folded(each.name) for each in actions if each.name)


def _action(entry: object) -> QuickAction | None:
    """Returns what an entry means; None: nothing that this version can use."""
    if not isinstance(entry, dict):
        return None
    words = {key: entry.get(key, "") for key in _KEYS}
    if not all(isinstance(word, str) and "\0" not in word for word in words.values()):
        return None
    action_id, name, prompt = words["id"], one_line(words["name"]), words["prompt"].strip()
    known = action_id in BUILT_IN
    if len(name) > MOST_NAME or len(prompt) > MOST_PROMPT or not (known or _is_own(action_id)):
        return None
    if not known and not (name and prompt):
        return None
    others = {key: value for key, value in entry.items() if key not in _KEYS}
    return QuickAction(action_id, name, prompt, MappingProxyType(others))
