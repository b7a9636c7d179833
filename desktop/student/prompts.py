"""What a teacher is asked: the program's own prompts, or a person's file of them; and which are held out.

A file is UTF-8 text with one prompt a line, where ``\\n`` stands for a line break. A line such as ``# code zh`` says of
which group and language those below it are; without one they are of the group "own", in no language. Other lines
that begin with # are remarks. Prompts that say the same come once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.paths import shipped
from desktop.common.regular_file import NotAFileError, open_regular

FILE: Final = "resources/student/prompts.txt"
_MOST_BYTES: Final = 64_000_000
_MOST_PROMPTS: Final = 200_000
_MOST_TEXT: Final = 20_000
_SECTION: Final = re.compile(r"#\s*([\w-]+)(?:\s+([a-z]{2,3}))?\s*")
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Prompt:
    """One question to the teacher.

    Attributes:
        group: Such as "office".
        language: Such as "en"; empty: none was said.
    """

    text: str
    group: str = "own"
    language: str = ""

    @property
    def id(self) -> str:
        """Names it, and its answer: 32 hexadecimal digits of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]


def builtin_prompts() -> tuple[Prompt, ...]:
    """Returns the prompts that come with the program.

    Raises:
        FileNotFoundError: They did not come with it.
    """
    return load_prompts(shipped(FILE))


def load_prompts(path: Path) -> tuple[Prompt, ...]:
    """Reads a file of prompts.

    Raises:
        UserFacingError: It cannot be read, is too large, or holds none.
    """
    try:
        with open_regular(path) as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as problem:
        why = "it is no file" if isinstance(problem, NotAFileError) else problem.strerror or problem
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of prompts cannot be read."),
            f"{path}: {why}.",
            QT_TRANSLATE_NOOP("Errors", "Name a text file in UTF-8 with one prompt a line."),
        ) from problem
    try:
        prompts = parse_prompts(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _refused(path, "it is no text in UTF-8") from None
    except ValueError as problem:
        raise _refused(path, str(problem)) from None
    if len(data) > _MOST_BYTES or not 0 < len(prompts) <= _MOST_PROMPTS:
        raise _refused(path, f"{len(prompts):,} prompts, {len(data):,} bytes")
    return prompts


def parse_prompts(text: str) -> tuple[Prompt, ...]:
    """Returns the prompts of a text; what says the same but for blanks and capitals comes once.

    Raises:
        ValueError: One of them is too long.
    """
    group, language = "own", ""
    found: dict[str, Prompt] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if (section := _SECTION.fullmatch(line)) is not None:
            group, language = section[1], section[2] or ""
        elif (said := line.strip()) and not line.startswith("#"):
            if len(said) > _MOST_TEXT:
                raise ValueError(f"line {number} has {len(said):,} characters, {_MOST_TEXT:,} at the most")
            prompt = Prompt(said.replace("\\n", "\n"), group, language)
            found.setdefault(_BLANKS.sub(" ", said).casefold(), prompt)
    return tuple(found.values())


def of_languages(prompts: Iterable[Prompt], languages: Iterable[str]) -> tuple[Prompt, ...]:
    """Returns the prompts in some languages, and those of which nobody knows; of none given all."""
    wanted = {*languages}
    return tuple(prompt for prompt in prompts if not wanted or not prompt.language or prompt.language in wanted)


def split(prompts: Iterable[Prompt], held_out: int, seed: int) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    """Returns the prompts to learn from and those held out, the same for the same prompts and seed.

    Of each group and language as large a share is held out, in so far as it can be had.

    Args:
        prompts: All of them.
        held_out: How many are not learnt from; half of them at the most.
        seed: Chooses.
    """
    order = {prompt: hashlib.sha256(f"{seed} {prompt.text}".encode()).digest() for prompt in prompts}
    strata: dict[tuple[str, str], list[Prompt]] = {}
    for prompt in sorted(order, key=lambda each: order[each]):
        strata.setdefault((prompt.group, prompt.language), []).append(prompt)
    # The place of a prompt within its group, as a share of it: those first in line go from every group alike.
    ranked = sorted(
        ((place + 0.5) / len(stratum), order[prompt], prompt)
        for stratum in strata.values()
        for place, prompt in enumerate(stratum)
    )
    out = {prompt for _, _, prompt in ranked[: min(held_out, len(ranked) // 2)]}
    kept = tuple(prompt for prompt in sorted(order, key=lambda each: order[each]) if prompt not in out)
    return kept, tuple(sorted(out, key=lambda each: order[each]))


def digest_of(prompts: Iterable[Prompt]) -> str:
    """Returns what stands for prompts in their order."""
    return hashlib.sha256("\n".join(prompt.id for prompt in prompts).encode()).hexdigest()


def _refused(path: Path, why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "These prompts cannot be used."),
        f"{path}: {why}.",
        QT_TRANSLATE_NOOP("Errors", "Name a text file in UTF-8 with one prompt a line."),
    )
