"""The personas that come with the program, in the language of the interface."""

from __future__ import annotations

from typing import Final

from desktop.common.json_file import read_json
from desktop.common.paths import shipped
from desktop.personas.persona import Persona, persona_of

FILE: Final = "resources/personas.json"
ENGLISH: Final = "en"
_MOST_BYTES: Final = 1_000_000


def builtin_personas(language: str) -> tuple[Persona, ...]:
    """Returns them in the order in which they are offered.

    Args:
        language: ``"en"`` or ``"zh_CN"``; what there is no text in has the English one.

    Raises:
        OSError: The file did not come with the program.
        ValueError: It is damaged; so is it for the others.
        LookupError: See above.
        UserFacingError: See above.
        TypeError: See above.
    """
    document = read_json(shipped(FILE), _MOST_BYTES)
    personas = []
    for entry in document["personas"]:
        words = entry.get(language) or entry[ENGLISH]
        personas.append(persona_of({**entry, **words}, entry["id"]))
    return tuple(personas)
