"""What the texts of arguments become, and which of them are none: the types that argparse asks for."""

from __future__ import annotations

import argparse
import math
import os
import re
from collections.abc import Callable
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.common.text.number_ranges import parse_ranges
from desktop.settings.options import option_for
from desktop.settings.types import OptionValue

_WEEK_MINUTES = 7 * 24 * 60
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def as_name(text: str) -> str:
    """Returns what may be a name or a file: anything but nothing."""
    # What a variable of a script that is not set leaves would mean the working directory, and be written into.
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def as_names(text: str) -> tuple[str, ...]:
    """Returns names with commas between them."""
    return tuple(name.strip() for name in as_name(text).split(",") if name.strip())


def as_languages(text: str) -> tuple[str, ...]:
    """Returns codes of languages with commas between them, such as en,zh."""
    codes = tuple(name.lower() for name in as_names(text))
    if not codes or not all(_LANGUAGE.fullmatch(code) for code in codes):
        raise argparse.ArgumentTypeError(f"{text!r} are no codes of languages; such are en,zh")
    return codes


def as_ranges(text: str) -> tuple[range, ...]:
    """Returns ranges of pages, such as 2-5,8."""
    return _ranges(text, "pages", 1)


def as_layers(text: str) -> tuple[range, ...]:
    """Returns ranges of layers, such as 0-3,8: the first layer is 0."""
    return _ranges(text, "layers", 0)


def _ranges(text: str, what: str, least: int) -> tuple[range, ...]:
    try:
        return parse_ranges(text, least)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of {what}; one is 2-5,8") from None


def as_count(text: str) -> int:
    """Returns a whole number from 1 on."""
    if not (text.isdecimal() and 0 < int(text) < 1 << 31):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def as_threads(text: str) -> int:
    """Returns a whole number from 1 to the processors that there are: more are slower, and far more are a crash."""
    return min(as_count(text), os.cpu_count() or 1)


def as_number(text: str) -> float:
    """Returns a number from 0 to 100."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 100")
    return number


def as_minutes(text: str) -> float:
    """Returns minutes, of a week at the most."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= _WEEK_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes of a week")
    return number


def as_path(text: str) -> Path:
    """Returns a path, relative to the working directory."""
    return Path(as_name(text))


def setting(key: str) -> tuple[Callable[[str], OptionValue], str]:
    """Returns the check of an argument that stands in for a setting, and its help."""
    option = option_for(key)

    def check(text: str) -> OptionValue:
        try:
            number = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        try:
            return option.validate(int(number) if number.is_integer() else number)
        except UserFacingError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return check, option.help.replace("%", "%%")
