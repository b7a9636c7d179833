"""What a persona is: the words that a model is told before a conversation, and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.printable import one_line

# The one that answers where nobody has chosen: its words and its temperature are those of the settings.
GENERAL: Final = "general"
# Characters. A name stands in a button; words of this length fill the context of a small model by themselves.
MOST_NAME: Final = 60
MOST_PROMPT: Final = 20_000
MOST_STARTER: Final = 500
MOST_STARTERS: Final = 6
HOTTEST: Final = 2.0  # what the OPTIONS table allows
# Of the text of a conversation; the upper end is a heading's size.
LARGE_TYPE: Final = 1.4
_SCALES: Final = (0.5, 3.0)
MOST_EXAMPLES: Final = 6
MOST_EXAMPLE: Final = 2_000

Example = tuple[str, str]  # a question, and how it is answered


@dataclass(frozen=True)
class Persona:
    """One persona, as it is in force.

    Attributes:
        id: Stays when the name changes; conversations remember it.
        name: One line.
        prompt: The system prompt; empty: the model is told nothing.
        temperature: 0 to 2; None: that of the settings.
        starters: Questions to begin with, each one line. One that ends with a colon waits for what comes after it.
        examples: How it answers: what small models follow better than any instruction.
        text_scale: How much larger than usual the text of its conversations is.
        calculates: Whether what can be computed is answered at once, or left to it: a tutor asks back.
    """

    id: str
    name: str
    prompt: str = ""
    temperature: float | None = None
    starters: tuple[str, ...] = ()
    text_scale: float = 1.0
    examples: tuple[Example, ...] = ()
    calculates: bool = True

    @property
    def prefix_id(self) -> str:
        """Under which the engine keeps the state of its words; no conversation has such an id."""
        return f"persona:{self.id}"

    @property
    def has_large_type(self) -> bool:
        return self.text_scale > 1.0


def is_begun(starter: str) -> bool:
    """Tells whether a starter is only the beginning of a question, which somebody completes before it is sent."""
    return starter.rstrip().endswith((":", "："))


def tidied(persona: Persona) -> Persona:
    """Returns a persona as it may be kept: lines are lines, blank starters are none.

    Raises:
        UserFacingError: It has no name, or something in it is too long or out of range.
    """
    name = one_line(persona.name).strip()
    starters = tuple(line for line in (one_line(starter).strip() for starter in persona.starters) if line)
    prompt = _writable(persona.prompt.strip())
    if not name:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "A persona needs a name."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Write one, for example what it is good for."),
        )
    if len(prompt) > MOST_PROMPT:
        raise _too_long(QT_TRANSLATE_NOOP("Errors", "The instructions are too long."), len(prompt), MOST_PROMPT)
    if len(name) > MOST_NAME:
        raise _too_long(QT_TRANSLATE_NOOP("Errors", "The name is too long."), len(name), MOST_NAME)
    if len(starters) > MOST_STARTERS:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There are too many questions to begin with."),
            f"{len(starters)} > {MOST_STARTERS}.",
            QT_TRANSLATE_NOOP("Errors", "Keep the best six."),
        )
    longest = max((len(starter) for starter in starters), default=0)
    if longest > MOST_STARTER:
        raise _too_long(QT_TRANSLATE_NOOP("Errors", "A question to begin with is too long."), longest, MOST_STARTER)
    examples = tuple((_writable(one.strip()), _writable(other.strip())) for one, other in persona.examples)
    if len(examples) > MOST_EXAMPLES or not all(one and other for one, other in examples):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The examples are not complete, or too many."),
            f"{len(examples)}.",
            QT_TRANSLATE_NOOP("Errors", "Write a question and below it its answer, six of both at the most."),
        )
    longest = max((len(part) for example in examples for part in example), default=0)
    if longest > MOST_EXAMPLE:
        raise _too_long(QT_TRANSLATE_NOOP("Errors", "An example is too long."), longest, MOST_EXAMPLE)
    if persona.temperature is not None and not 0.0 <= persona.temperature <= HOTTEST:
        raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "This setting cannot take that value."), "")
    return replace(persona, name=name, prompt=prompt, starters=starters, examples=examples)


def persona_of(entry: dict[str, Any], identity: str) -> Persona:
    """Returns the persona that a JSON object means.

    Args:
        entry: Of a file that anybody may have written.
        identity: The persona's id.

    Raises:
        UserFacingError: See :func:`tidied`; so is it for the others.
        LookupError: Something is missing.
        TypeError: Something is of another kind.
    """
    name, prompt, starters = entry["name"], entry.get("prompt", ""), entry.get("starters", [])
    temperature, scale, shown = entry.get("temperature"), entry.get("text_scale", 1.0), entry.get("examples", [])
    if (
        not isinstance(name, str)
        or not isinstance(prompt, str)
        or not isinstance(starters, list)
        or not isinstance(shown, list)
    ):
        raise TypeError("no persona")
    if temperature is not None and not _is_number(temperature):
        raise TypeError("no temperature")
    calculates = entry.get("calculates", True)
    if not isinstance(calculates, bool):
        raise TypeError("neither yes nor no")
    if not _is_number(scale) or not _SCALES[0] <= scale <= _SCALES[1]:
        raise TypeError("no size of text")
    lines = tuple(starter for starter in starters if isinstance(starter, str))
    warmth = None if temperature is None else float(temperature)
    examples = tuple(map(_example, shown))
    return tidied(Persona(identity, name, prompt, warmth, lines, float(scale), examples, calculates))


def entry_of(persona: Persona) -> dict[str, Any]:
    """Returns the JSON object of a persona; what is as usual is left out."""
    entry: dict[str, Any] = {"id": persona.id, "name": persona.name, "prompt": persona.prompt}
    if persona.temperature is not None:
        entry["temperature"] = persona.temperature
    if persona.starters:
        entry["starters"] = list(persona.starters)
    if persona.examples:
        entry["examples"] = [list(example) for example in persona.examples]
    if persona.text_scale != 1.0:
        entry["text_scale"] = persona.text_scale
    if not persona.calculates:
        entry["calculates"] = False
    return entry


def _example(value: object) -> Example:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, str) for part in value):
        raise TypeError("no example")
    return value[0], value[1]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _writable(text: str) -> str:
    """Returns a text that every file can hold: a paste may have half a surrogate pair, or a NUL."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _too_long(title: str, length: int, most: int) -> UserFacingError:
    return UserFacingError(title, f"{length:,} > {most:,}.", QT_TRANSLATE_NOOP("Errors", "Shorten it."))
