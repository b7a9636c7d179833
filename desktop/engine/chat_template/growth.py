"""What becomes much longer than it was: methods of texts, filters, operators. Looked at before it is done.

Each check has the parameters of what it checks, after the budget, and raises a
:class:`~desktop.engine.chat_template.budget.LimitError` where the result would be too long, or would take too long.
Wrong arguments are let through: what they are for complains about them. All arguments have been weighed before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sized
from types import MappingProxyType
from typing import Final

from desktop.engine.chat_template.budget import MOST_BITS, Budget, Drained, LimitError

Check = Callable[..., None]

# A number in a format is a width or a precision; one of seven digits is no table any more.
_NUMBERS: Final = re.compile(r"\d+")
_LONGEST_NUMBER: Final = 6
# "%*d" takes its width from the values.
_STARRED: Final = re.compile(r"%[#0\- +\d.]*\*")
# Beyond that, a float has nothing to round.
_MOST_DIGITS: Final = 400
# Letters compared, or items copied, in the time of a step: what looks from the end tries each place anew, up to Python
# 3.13 at least.
_COMPARED_A_STEP: Final = 4096
# Names in a path to what is in an item, "a.b.c", or in several paths; each is looked up in each item.
_MOST_NAMES: Final = 16


def check_operator(budget: Budget, operator: str, left: object, right: object) -> None:
    """Checks ``left operator right``, for the arithmetic operators.

    Args:
        budget: What there is.
        operator: As it is written.
        left: The left operand.
        right: The right operand.

    Raises:
        LimitError: The result would be too long.
    """
    if operator == "*":
        _check_product(budget, left, right)
    elif operator == "**" and isinstance(left, int) and isinstance(right, int):
        if right > 0 and left.bit_length() * right > MOST_BITS:
            raise LimitError("a power of too many digits")
    elif operator == "%" and isinstance(left, str):
        _check_printf(budget, left, right)


def check_format_spec(budget: Budget, spec: str) -> None:
    """Checks what stands behind the colon in ``{:>10}``.

    Raises:
        LimitError: It asks for too many letters.
    """
    budget.fits(_widths(spec))


def _check_product(budget: Budget, left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > MOST_BITS:
            raise LimitError("a product of too many digits")
        return
    what, times = (right, left) if isinstance(left, int) else (left, right)
    if not isinstance(times, int):
        return
    if isinstance(what, str):
        budget.fits(len(what) * times)
    elif isinstance(what, list | tuple):
        budget.fits_items(len(what) * times)


def _check_printf(budget: Budget, pattern: str, values: object) -> None:
    if _STARRED.search(pattern):
        raise LimitError("a format that takes its widths from values")
    parts: Iterable[object] = (values,)
    if isinstance(values, tuple):
        parts = values
    elif isinstance(values, Mapping):
        parts = (*values.values(), values)
    largest = max((budget.size(part) for part in parts), default=0)
    budget.fits(len(pattern) + _widths(pattern) + pattern.count("%") * largest)


def _widths(pattern: str) -> int:
    numbers = _NUMBERS.findall(pattern)
    if any(len(number) > _LONGEST_NUMBER for number in numbers):
        raise LimitError("a format with a giant width")
    return sum(map(int, numbers))


def _whole(number: object) -> int:
    return number if isinstance(number, int) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


# --- methods


def _pad(budget: Budget, _text: str, width: object, *_fill: object) -> None:
    budget.fits(_whole(width))


def _expand_tabs(budget: Budget, text: str, tabsize: object = 8) -> None:
    budget.fits(len(text) + text.count("\t") * _whole(tabsize))


def _replace(budget: Budget, text: object, old: object, new: object, count: object = None) -> None:
    text, old, new = _text(text), _text(old), _text(new)
    times = text.count(old)
    if isinstance(count, int) and count >= 0:
        times = min(times, count)
    budget.fits(len(text) + times * len(new))


def _join(budget: Budget, separator: object, parts: object) -> None:
    if isinstance(parts, Drained):
        parts = parts.items
    if isinstance(parts, Sized):
        budget.fits(budget.size(parts) + len(parts) * len(_text(separator)))


def _translate(budget: Budget, text: str, table: object) -> None:
    longest = 1
    if isinstance(table, Mapping):
        longest = max((len(_text(value)) for value in table.values()), default=1)
    elif isinstance(table, list | tuple):
        longest = max((len(_text(value)) for value in table), default=1)
    budget.fits(len(text) * max(1, longest))


def _search_backwards(budget: Budget, text: object, what: object = None, *_rest: object, **_more: object) -> None:
    if isinstance(text, str) and isinstance(what, str):
        budget.tick(len(text) * len(what) // _COMPARED_A_STEP)


def _strip(budget: Budget, text: object, chars: object = None) -> None:
    if isinstance(text, str) and isinstance(chars, str):  # each letter is looked for among these
        budget.tick(len(text) * len(chars) // _COMPARED_A_STEP)


def nothing(budget: Budget, *_args: object, **_kwargs: object) -> None:
    """What can be done in time with anything that has been weighed, and does not grow more than a few times."""


_HARMLESS_METHODS: Final = (
    "capitalize", "casefold", "copy", "count", "endswith", "find", "get", "index", "isalnum", "isalpha", "isascii",
    "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper",
    "items", "keys", "lower", "partition", "removeprefix", "removesuffix", "split", "splitlines",
    "startswith", "swapcase", "title", "upper", "values",
    "as_integer_ratio", "bit_count", "bit_length", "conjugate", "hex", "is_integer",
    "isdisjoint", "difference", "intersection", "issubset", "issuperset", "symmetric_difference", "union",
)  # fmt: skip

# Methods of Python's own values, by name; what is not here must not be called.
METHODS: Mapping[str, Check] = MappingProxyType(
    {
        **dict.fromkeys(_HARMLESS_METHODS, nothing),
        **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _pad),
        **dict.fromkeys(("rfind", "rindex", "rpartition", "rsplit"), _search_backwards),
        **dict.fromkeys(("lstrip", "rstrip", "strip"), _strip),
        "expandtabs": _expand_tabs,
        "join": _join,
        "replace": _replace,
        "translate": _translate,
    }
)


# --- filters


def _center(budget: Budget, _value: object, width: object = 80) -> None:
    budget.fits(_whole(width))


def _indent(budget: Budget, value: object, width: object = 4, *_rest: object, **_more: object) -> None:
    step = len(width) if isinstance(width, str) else max(0, _whole(width))
    text = _text(value)
    budget.fits(step)
    budget.fits(len(text) + step * (len(text.splitlines()) + 1))


def _join_filter(budget: Budget, value: object, d: object = "", attribute: object = None) -> None:
    _check_path(attribute)
    _join(budget, d, value)


def _check_path(attribute: object) -> None:
    if isinstance(attribute, str) and attribute.count(".") + attribute.count(",") > _MOST_NAMES:
        raise LimitError("a path of too many names")


def _by_attribute(_budget: Budget, _value: object, *args: object, **kwargs: object) -> None:
    for each in (*args, *kwargs.values()):
        _check_path(each)


def _by_first(budget: Budget, value: object, attribute: object = None, *_rest: object, **_more: object) -> None:
    _by_attribute(budget, value, attribute)


def _map(_budget: Budget, _value: object, *_args: object, **kwargs: object) -> None:
    _check_path(kwargs.get("attribute"))


def _format(budget: Budget, value: object, *args: object, **kwargs: object) -> None:
    _check_printf(budget, _text(value), kwargs or args)


def _batch(budget: Budget, _value: object, linecount: object, *_rest: object, **_more: object) -> None:
    budget.fits_items(_whole(linecount))


def _slice(budget: Budget, _value: object, slices: object, *_rest: object, **_more: object) -> None:
    budget.fits_items(_whole(slices))


def _round(_budget: Budget, _value: object, precision: object = 0, *_rest: object, **_more: object) -> None:
    if abs(_whole(precision)) > _MOST_DIGITS:
        raise LimitError("rounding to too many digits")


def _sum(budget: Budget, iterable: object, attribute: object = None, start: object = 0) -> None:
    _check_path(attribute)  # what it takes from an item is a part of that
    parts = iterable.items if isinstance(iterable, Drained) else iterable
    if isinstance(start, list | tuple) and isinstance(parts, Sized):  # each item copies all that came before it
        budget.tick(len(parts) * budget.size(parts) // _COMPARED_A_STEP)


def _to_json(
    budget: Budget,
    value: object,
    ensure_ascii: object = False,
    indent: object = None,
    separators: object = None,
    sort_keys: object = False,
) -> None:
    del ensure_ascii, sort_keys
    step = len(indent) if isinstance(indent, str) else max(0, _whole(indent))
    budget.fits(step)
    between = sum(len(_text(each)) for each in separators) if isinstance(separators, list | tuple) else 0
    size = budget.size(value)
    if step or between:
        size *= 1 + between + step * (1 + budget.depth(value))
    budget.fits(size)


def _refuse(_budget: Budget, *_args: object, **_kwargs: object) -> None:
    raise LimitError("a filter that no chat needs, and that takes long")


_HARMLESS_FILTERS: Final = (
    "abs", "attr", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "filesizeformat", "first", "float",
    "forceescape", "int", "items", "last", "length", "list", "lower", "random", "reject", "reverse", "safe", "select",
    "string", "title", "truncate", "upper", "urlencode", "wordcount",
)  # fmt: skip

# Filters by name.
FILTERS: Mapping[str, Check] = MappingProxyType(
    {
        **dict.fromkeys(_HARMLESS_FILTERS, nothing),
        **dict.fromkeys(("groupby", "rejectattr", "selectattr"), _by_first),
        **dict.fromkeys(("max", "min", "sort", "unique"), _by_attribute),
        **dict.fromkeys(("pprint", "striptags", "urlize", "wordwrap", "xmlattr"), _refuse),
        "batch": _batch,
        "center": _center,
        "format": _format,
        "indent": _indent,
        "join": _join_filter,
        "map": _map,
        "replace": _replace,
        "round": _round,
        "slice": _slice,
        "sum": _sum,
        "tojson": _to_json,
        "trim": _strip,
    }
)
# Filters that take from an iterator what they need, and no more.
LAZY_FILTERS: Final = frozenset(
    {"attr", "d", "default", "first", "map", "reject", "rejectattr", "safe", "select", "selectattr", "string"}
)
