"""The text of a desktop entry: reading and changing single keys, and the quoting of its command line.

After the Desktop Entry Specification 1.5 of freedesktop.org. What is not changed stays as it is, letter by letter:
comments, order, groups and keys of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

GROUP = "Desktop Entry"

# Section "The Exec key": an argument with one of these must be quoted ...
_RESERVED = frozenset(" \t\n\"'\\><~|&;$*?#()`")
# ... and these need a backslash inside the quotes.
_ESCAPED_IN_QUOTES = frozenset('"`$\\')
# Section "Possible value types": escapes of every string, undone before the quoting is.
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"))
_FIELD_CODES = frozenset("fFuUdDnNickvm")


def read_keys(text: str) -> dict[str, str]:
    """Returns the keys of the main group with their raw values; of a key that stands there twice the last one."""
    return {key: value for _, key, value in _entries(_lines(text))}


def change_keys(text: str, values: Mapping[str, str | None]) -> str:
    """Returns ``text`` with raw values set in the main group, added where it is missing; None removes a key."""
    lines = _lines(text)
    places: dict[str, list[int]] = {}
    for number, key, _ in _entries(lines):
        places.setdefault(key, []).append(number)
    new: dict[int, str | None] = {}
    added: list[str] = []
    for key, value in values.items():
        *before, last = places.get(key, [-1])
        new.update(dict.fromkeys(before))
        if last >= 0:
            new[last] = None if value is None else f"{key}={value}"
        elif value is not None:
            added.append(f"{key}={value}")
    headers = [number for number, line in enumerate(lines) if line.strip() == f"[{GROUP}]"]
    if not headers:
        lines += [f"[{GROUP}]"]
        headers = [len(lines) - 1]
    end = max((number for number, _, _ in _entries(lines)), default=headers[0])
    kept: list[str] = []
    for number, line in enumerate(lines):
        changed = new.get(number, line)
        if changed is not None:
            kept.append(changed)
        if number == end:
            kept += added
    return "\n".join(kept) + "\n"


def escape(text: str) -> str:
    """Returns ``text`` as the raw value of a key of type string, such as TryExec."""
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return f"\\s{text[1:]}" if text.startswith(" ") else text


def unescape(value: str) -> str:
    """Returns the text that a raw value stands for; unknown escapes are kept."""
    plain = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    result: list[str] = []
    characters = iter(value)
    for character in characters:
        if character != "\\":
            result.append(character)
            continue
        following = next(characters, "")
        result.append(plain.get(following, f"\\{following}"))
    return "".join(result)


def join_command(command: tuple[str, ...]) -> str:
    """Returns the raw value of the Exec key that starts ``command``."""
    return escape(" ".join(_quote(argument) for argument in command))


def split_command(value: str) -> tuple[str, ...]:
    """Returns program and arguments of a raw value of the Exec key, field codes left out; empty for a broken one."""
    try:
        words = list(_words(unescape(value)))
    except ValueError:
        return ()
    return tuple(word.replace("%%", "%") for word in words if not _is_field_code(word))


def _lines(text: str) -> list[str]:
    """Returns the lines; not by splitlines(), which also breaks at characters that are nothing special here."""
    return text.removesuffix("\n").split("\n") if text else []


def _entries(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yields (number of the line, key, raw value) of the main group."""
    inside = False
    for number, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped == f"[{GROUP}]"
        elif inside and "=" in stripped and not stripped.startswith("#"):
            key, _, value = stripped.partition("=")
            yield number, key.rstrip(), value.lstrip()


def _quote(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not _RESERVED.intersection(argument):
        return argument
    inner = "".join(f"\\{character}" if character in _ESCAPED_IN_QUOTES else character for character in argument)
    return f'"{inner}"'


def _words(line: str) -> Iterator[str]:
    """Yields the arguments of a command line without their quotes; ValueError for a quote that is never closed."""
    word, started, closing = "", False, ""
    characters = iter(line)
    for character in characters:
        if not closing and character in " \t\n":
            if started:
                yield word
            word, started = "", False
            continue
        started = True
        if character == closing:
            closing = ""
        elif not closing and character in "\"'":  # single quotes are beyond the specification; people and GLib use them
            closing = character
        elif character == "\\" and closing != "'":
            following = next(characters, "")
            is_escape = not closing or following in _ESCAPED_IN_QUOTES
            word += following if is_escape else character + following
        else:
            word += character
    if closing:
        raise ValueError("a quote is never closed")
    if started:
        yield word


def _is_field_code(word: str) -> bool:
    return len(word) == 2 and word[0] == "%" and word[1] in _FIELD_CODES
