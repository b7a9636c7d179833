"""What a person has chosen for one conversation, where the settings say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from desktop.common.json_file import is_count, parse_json, to_json

_KEYS: Final = ("persona", "model", "temperature", "document", "library", "language")
_MOST: Final = 10_000  # characters of all choices of a conversation
_LONGEST_NAME: Final = 500  # characters
_HOTTEST: Final = 2.0  # as in the settings


@dataclass(frozen=True)
class AttachedDocument:
    """A document that a conversation is about.

    Attributes:
        id: Of a document that is kept, see :mod:`desktop.documents.library.store`; it may be gone.
        parts: Numbers of the pages, sheets or slides that are meant, as "1-3,7"; empty: all.
        since: Id of the newest message when it was attached: what was said before is about something else.
    """

    id: str
    parts: str = ""
    since: int = 0


@dataclass(frozen=True)
class PreferredLanguage:
    """The language that somebody wants answers in, after one that came in another.

    Attributes:
        code: Of two letters.
        since: Id of the first message that is to be answered in it.
    """

    code: str
    since: int = 0


@dataclass(frozen=True)
class ConversationChoices:
    """What is chosen for one conversation; None: as in the settings.

    Attributes:
        persona: Id of a persona, which may be gone.
        model: Name of a model's file, which may be gone.
        temperature: From 0 to 2.
        document: What it is about.
        library: Id of a library of documents that it is about, which may be gone.
        language: What questions in that language are answered in.
        others: What another version of Catnap has chosen; kept, never looked at.
    """

    persona: str | None = None
    model: str | None = None
    temperature: float | None = None
    document: AttachedDocument | None = None
    library: str | None = None
    language: PreferredLanguage | None = None
    others: Mapping[str, Any] = field(default_factory=dict, hash=False)


_NOTHING: Final = ConversationChoices()


def read_choices(stored: object) -> ConversationChoices:
    """Returns the choices that a text of JSON, or the object in it, holds; what cannot be used is not chosen."""
    if stored is None:
        return _NOTHING
    try:
        value = parse_json(stored, _MOST) if isinstance(stored, str) else stored
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return ConversationChoices()
    return ConversationChoices(
        persona=_name(value.get("persona")),
        model=_name(value.get("model")),
        temperature=_temperature(value.get("temperature")),
        document=_document(value.get("document")),
        library=_name(value.get("library")),
        language=_language(value.get("language")),
        others={key: one for key, one in value.items() if key not in _KEYS},
    )


def choices_value(choices: ConversationChoices) -> dict[str, Any]:
    """Returns the choices as an object of JSON; empty: nothing is chosen."""
    chosen = {key: value for key in _KEYS if (value := getattr(choices, key)) is not None}
    for key, part in (("document", choices.document), ("language", choices.language)):
        if part is not None:
            chosen[key] = asdict(part)
    return {**choices.others, **chosen}


def choices_text(choices: ConversationChoices) -> str | None:
    """Returns the choices as :func:`read_choices` takes them; None: nothing is chosen."""
    value = choices_value(choices)
    text = to_json(value) if value else ""
    return text if 0 < len(text) <= _MOST else None


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME else None


def _document(value: object) -> AttachedDocument | None:
    if not isinstance(value, dict) or (identity := _name(value.get("id"))) is None:
        return None
    since = value.get("since")
    return AttachedDocument(identity, _name(value.get("parts")) or "", since if is_count(since) else 0)


def _language(value: object) -> PreferredLanguage | None:
    if not isinstance(value, dict) or (code := _name(value.get("code"))) is None:
        return None
    since = value.get("since")
    return PreferredLanguage(code, since if is_count(since) else 0)


def _temperature(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _HOTTEST:
        return None
    return float(value)
