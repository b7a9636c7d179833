"""The personas there are: those that come with the program, as somebody has changed them, and own ones.

Own words lie in one file: ``{"version": 1, "personas": [{"id", "name", "prompt", "temperature", "starters",
"text_scale", "examples", "calculates"}]}``. An entry with the id of a built-in persona is that one as it was changed.
What this Catnap cannot make sense of is written back as it was.

The words and the temperature of the general persona are no second copy: they are the settings "Instructions to the
model" and "Imagination", which the command line reads as well.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from desktop.common.background_writer import PutWrite, StateFileWriter
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.events import Publisher
from desktop.common.json_file import FileFault, StateFile
from desktop.personas.builtin import builtin_personas
from desktop.personas.persona import GENERAL, MOST_NAME, Persona, entry_of, persona_of, tidied
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

_log = logging.getLogger(__name__)
_PERSONAS: Final = "personas"
_MOST_BYTES: Final = 1_000_000
# Far more than anybody chooses from.
MOST_PERSONAS: Final = 200
# Becomes part of the name under which the engine keeps the state of its words.
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
_OURS: Final = frozenset(("id", "name", "prompt", "temperature", "starters", "text_scale", "examples", "calculates"))


@dataclass(frozen=True)
class _Stored:
    """What the file held.

    Attributes:
        personas: Own ones and changed ones, in their order.
        added: Of an entry what another version has put there, by id.
        unread: Entries that mean nothing here.
        foreign: Keys beside the list.
    """

    personas: tuple[Persona, ...] = ()
    added: tuple[tuple[str, dict[str, Any]], ...] = ()
    unread: tuple[object, ...] = ()
    foreign: tuple[tuple[str, object], ...] = ()


class PersonaLibrary:
    """All personas, in the order in which they are offered. GUI thread.

    Attributes:
        load_problem: What was wrong with the file, to be said once; None: nothing.
        language: Of the built-in ones: ``"en"`` or ``"zh_CN"``.
    """

    def __init__(
        self,
        file: Path,
        settings: SettingsStore,
        language: str,
    ) -> None:
        """
        Args:
            file: Its folder exists; not there while nothing was changed.
            settings: Have the words of the general persona.
            language: Of the built-in ones: ``"en"`` or ``"zh_CN"``.
        """
        self._file = StateFile(file, _stored, most=_MOST_BYTES)
        stored = self._file.read() or _Stored()
        self.load_problem: FileFault | None = self._file.problem
        self._settings = settings
        self._writer = StateFileWriter(self._file, QT_TRANSLATE_NOOP("Errors", "The personas could not be saved."))
        self.language = language
        self._builtin = _builtin(language)
        self._kept = {persona.id: persona for persona in stored.personas}
        self._added, self._unread, self._foreign = dict(stored.added), stored.unread, dict(stored.foreign)
        self._changed = Publisher[str]()
        settings.subscribe(self._on_settings)

    def subscribe(self, receiver: Callable[[str], object]) -> None:
        """Calls ``receiver(id)`` whenever a persona has come, gone, or become another."""
        self._changed.subscribe(receiver)

    def look_again(self) -> UserFacingError | None:
        """Puts in force, and announces, what somebody else has written into the file.

        Where that cannot be read, what is in force stays so. Nothing is looked at while something of ours is on its way
        into the file.

        Returns:
            What is wrong with it; None: nothing.
        """
        if not self._writer.is_settled:
            return None
        stored, fault = self._file.look_again()
        if stored is None:
            return None if fault is None else self._unreadable()
        before, self._kept = self._kept, {persona.id: persona for persona in stored.personas}
        self._added, self._unread, self._foreign = dict(stored.added), stored.unread, dict(stored.foreign)
        for identity in dict.fromkeys((*before, *self._kept)):
            if before.get(identity) != self._kept.get(identity):
                self._changed(identity)
        return None

    def _unreadable(self) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of the personas was changed and cannot be read."),
            f"{self._file.path}.",
            QT_TRANSLATE_NOOP("Errors", "Correct it, or change any persona here: the file is kept aside then."),
        )

    def speak(self, language: str) -> None:
        """Has the built-in ones speak another language; those that were changed stay as they are.

        Args:
            language: ``"en"`` or ``"zh_CN"``.
        """
        self.language = language
        self._builtin = _builtin(language)
        for identity in self._builtin:
            self._changed(identity)

    def write_with(self, put: PutWrite, tell: Callable[[UserFacingError], None]) -> None:
        """Has the file written elsewhere from now on; what cannot be written is in force all the same.

        Args:
            put: Takes each write.
            tell: Takes what went wrong, on the thread that writes.
        """
        self._writer.write_with(put, tell)

    def all(self) -> tuple[Persona, ...]:
        """Returns the built-in ones, then own ones, the oldest first."""
        own = (identity for identity in self._kept if identity not in self._builtin)
        return tuple(map(self.get, (*self._builtin, *own)))

    def get(self, identity: str | None) -> Persona:
        """Returns a persona; the general one for None, and for one that is gone."""
        persona = self._kept.get(identity or GENERAL) or self._builtin.get(identity or GENERAL)
        if persona is None:
            return self.get(GENERAL)
        if persona.id != GENERAL:
            return persona
        settings = self._settings.current
        return replace(persona, prompt=settings.system_prompt.strip(), temperature=settings.temperature)

    def has(self, identity: str | None) -> bool:
        """Tells whether there is such a persona."""
        return identity in self._builtin or identity in self._kept

    def is_builtin(self, identity: str) -> bool:
        return identity in self._builtin

    def is_changed(self, identity: str) -> bool:
        """Tells whether a built-in persona is not as it came."""
        return identity in self._builtin and self.get(identity) != self._as_it_came(identity)

    def has_own_starters(self, identity: str) -> bool:
        """Tells whether somebody has written the questions that a persona begins with."""
        return identity not in self._builtin or self.get(identity).starters != self._builtin[identity].starters

    def save(self, persona: Persona) -> Persona:
        """Puts a new or changed persona in force and returns it as it is kept.

        Raises:
            UserFacingError: Something in it will not do, there are too many, or it cannot be written: nothing has
                changed then.
        """
        persona = tidied(persona)
        if persona == self.get(persona.id):
            return persona
        if not self.has(persona.id) and len(self._kept) >= MOST_PERSONAS:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There are too many personas."),
                f"{len(self._kept)}.",
                QT_TRANSLATE_NOOP("Errors", "Delete some that you do not use."),
            )
        kept = {**self._kept, persona.id: persona}
        if persona.id == GENERAL:
            # No second copy of its words; the file is first, since it may refuse.
            kept[GENERAL] = replace(persona, prompt="", temperature=None)
        if persona.id in self._builtin and kept[persona.id] == self._builtin[persona.id]:
            del kept[persona.id]
        if kept != self._kept:
            self._keep(kept)
        if persona.id == GENERAL:
            warmth = self._settings.current.temperature if persona.temperature is None else persona.temperature
            self._settings.change(system_prompt=persona.prompt, temperature=warmth)
        self._changed(persona.id)
        return persona

    def duplicate(self, identity: str, pattern: str) -> Persona:
        """Adds a copy of a persona and returns it.

        Args:
            identity: Whose.
            pattern: Its name, with ``{name}`` for that of the other.

        Raises:
            UserFacingError: See :meth:`save`.
        """
        other = self.get(identity)
        room = MOST_NAME - len(pattern.format(name=""))
        name = self._free_name(pattern.format(name=other.name[:room]))
        return self.save(replace(other, id=_new_id(), name=name))

    def add(self, name: str) -> Persona:
        """Adds a persona that has nothing but a name, and returns it. Raises as :meth:`save`."""
        return self.save(Persona(_new_id(), self._free_name(name)))

    def delete(self, identity: str) -> None:
        """Removes an own persona; :meth:`restore` brings it back.

        Raises:
            UserFacingError: It cannot be written; nothing has changed then.
        """
        if identity in self._kept and identity not in self._builtin:
            self._keep({key: persona for key, persona in self._kept.items() if key != identity})
            self._changed(identity)

    def restore(self, persona: Persona, place: int) -> None:
        """Brings a deleted persona back.

        Args:
            persona: As it was.
            place: Where it stood in :meth:`all`.

        Raises:
            UserFacingError: See :meth:`save`.
        """
        if self.has(persona.id):
            return
        order = [other.id for other in self.all()]
        order.insert(place, persona.id)
        known = {**self._kept, persona.id: persona}
        self._keep({identity: known[identity] for identity in order if identity in known})
        self._changed(persona.id)

    def reset(self, identity: str) -> None:
        """Makes a built-in persona again what it was when it came. Raises as :meth:`save`."""
        if self.is_changed(identity):
            self.save(self._as_it_came(identity))

    def _as_it_came(self, identity: str) -> Persona:
        persona = self._builtin[identity]
        if identity != GENERAL:
            return persona
        usual = Settings()
        return replace(persona, prompt=usual.system_prompt, temperature=usual.temperature)

    def _free_name(self, name: str) -> str:
        """Returns a name that no persona has yet."""
        taken = {persona.name for persona in self.all()}
        names = (name, *(f"{name[: MOST_NAME - 5]} {number}" for number in range(2, MOST_PERSONAS + 3)))
        return next(each for each in names if each not in taken)

    def _on_settings(self, old: Settings, new: Settings) -> None:
        if (old.system_prompt, old.temperature) != (new.system_prompt, new.temperature):
            self._changed(GENERAL)

    def _keep(self, kept: Mapping[str, Persona]) -> None:
        entries = [{**self._added.get(key, {}), **entry_of(persona)} for key, persona in kept.items()]
        document = {**self._foreign, _PERSONAS: [*entries, *self._unread]}
        before, self._kept = self._kept, dict(kept)
        try:
            self._writer.write(document)
        except UserFacingError:
            self._kept = before
            raise


def _builtin(language: str) -> dict[str, Persona]:
    """Returns the built-in ones by id; where their file is missing or damaged, the general one alone."""
    try:
        return {persona.id: persona for persona in builtin_personas(language)}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, UserFacingError) as problem:
        _log.error("personas: %s", problem)
        return {GENERAL: Persona(GENERAL, "General")}


def _new_id() -> str:
    return f"own-{uuid.uuid4().hex}"


def _stored(document: dict[str, Any]) -> _Stored:
    entries = document[_PERSONAS]
    if not isinstance(entries, list):
        raise TypeError("no list of personas")
    personas: dict[str, Persona] = {}
    added: list[tuple[str, dict[str, Any]]] = []
    unread: list[object] = []
    for entry in entries:
        try:
            identity = entry["id"]
            if not _ID.fullmatch(identity) or identity in personas or len(personas) >= MOST_PERSONAS:
                raise ValueError("no id of its own")
            personas[identity] = persona_of(entry, identity)
        except (LookupError, TypeError, ValueError, ArithmeticError, UserFacingError):
            unread.append(entry)
        else:
            added.append((identity, {key: value for key, value in entry.items() if key not in _OURS}))
    foreign = tuple((key, value) for key, value in document.items() if key not in ("version", _PERSONAS))
    return _Stored(tuple(personas.values()), tuple(added), tuple(unread), foreign)
