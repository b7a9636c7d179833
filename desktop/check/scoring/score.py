"""Whether an answer is right, by what its task expects; and whether a task expects something that can be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Any, Final

from desktop.check.scoring.forms import RULES, has_form
from desktop.check.scoring.numbers import gives_number, numbers_in
from desktop.check.scoring.python_code import RunPython, passes
from desktop.check.scoring.tables import has_table
from desktop.check.scoring.text import ROOM, bare, has_words, normalised, says_one_of
from desktop.check.scoring.values import gives_json
from desktop.check.types import Task

# Characters of an answer that are looked at: whatever comes later makes no answer right.
MOST_LOOKED_AT: Final = 20_000
_MOST_PATTERN: Final = 500
_MOST_CALLS: Final = 50
# Characters that a pattern is tried on: one that was written carelessly may take time that grows with them.
_MOST_MATCHED: Final = 2_000
# Characters of an answer that are compared with one that was marked down, and from which likeness on it is the same.
_MOST_COMPARED: Final = 1_000
_ALIKE: Final = 0.8


class ExpectationError(ValueError):
    """A task expects nothing that can be told; the message says why, and is shown to whoever wrote it."""


def score(task: Task, answer: str, run_python: RunPython) -> bool:
    """Tells whether an answer is right.

    Args:
        task: One that :func:`check_expectation` has passed.
        answer: As the model gave it, without its thoughts.
        run_python: Runs code, shut in.

    Raises:
        NoWallsError: Of ``run_python``.
    """
    answer = answer[:MOST_LOOKED_AT]
    expect = task.expect
    kind = expect["type"]
    if kind == "python":
        return passes(answer, expect["function"], expect["calls"], run_python)
    return _SCORERS[kind](task, expect, answer)


def _any(task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    return says_one_of(answer, task.question, expect["words"], expect.get("others", ()), expect.get("room", ROOM))


def _exact(_task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    return bare(answer) in {bare(each) for each in expect["words"]}


def _pattern(_task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    return re.fullmatch(expect["pattern"], answer.strip()[:_MOST_MATCHED]) is not None


def _number(task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    tolerance = Decimal(str(expect.get("tolerance", 0)))
    return gives_number(answer, task.question, Decimal(str(expect["value"])), tolerance)


def _table(_task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    return has_table(answer, expect["columns"], expect["rows"])


def _json(_task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    return gives_json(answer, expect["value"])


def _form(task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    return has_form(answer, task.question, {name: value for name, value in expect.items() if name != "type"})


def _not_again(_task: Task, expect: Mapping[str, Any], answer: str) -> bool:
    said = bare(answer)[:_MOST_COMPARED]
    return bool(said) and not any(_is_alike(said, bare(each)[:_MOST_COMPARED]) for each in expect["answers"])


def _is_alike(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


_SCORERS: Final[Mapping[str, Callable[[Task, Mapping[str, Any], str], bool]]] = MappingProxyType(
    {
        "any": _any,
        "exact": _exact,
        "regex": _pattern,
        "number": _number,
        "table": _table,
        "json": _json,
        "form": _form,
        "not-again": _not_again,
    }
)


def check_expectation(task: Task) -> None:
    """Makes sure that it can be told whether an answer is right, and that no answer is by repeating the question.

    Args:
        task: As it was read from a file: nothing in ``expect`` was looked at yet.

    Raises:
        ExpectationError: It cannot.
    """
    expect = task.expect
    kind = expect.get("type")
    allowed = _KEYS.get(kind) if isinstance(kind, str) else None
    if allowed is None:
        raise ExpectationError(f'"type" of "expect" must be one of {", ".join(sorted(_KEYS))}')
    if unknown := sorted(expect.keys() - allowed - {"type"}):
        raise ExpectationError(f'"expect" of type "{kind}" knows no "{unknown[0]}"')
    _CHECKS[str(kind)](task, expect)


def _check_any(task: Task, expect: Mapping[str, Any]) -> None:
    words = _texts(expect, "words")
    others = _texts(expect, "others") if "others" in expect else ()
    room = expect.get("room", ROOM)
    if type(room) is not int or not 0 < room <= MOST_LOOKED_AT:
        raise ExpectationError(f'"room" must be a number of characters up to {MOST_LOOKED_AT:,}')
    for each in words:
        if has_words(normalised(task.question), each):
            raise ExpectationError(f"the answer stands in the question: {each}")
        if any(has_words(normalised(each), other) for other in others):
            raise ExpectationError(f'"others" forbids the answer: {each}')


def _check_exact(_task: Task, expect: Mapping[str, Any]) -> None:
    _texts(expect, "words")


def _check_pattern(task: Task, expect: Mapping[str, Any]) -> None:
    pattern = expect.get("pattern")
    if not isinstance(pattern, str) or not 0 < len(pattern) <= _MOST_PATTERN:
        raise ExpectationError(f'"pattern" must be a regular expression of at most {_MOST_PATTERN} characters')
    try:
        is_in_question = re.fullmatch(pattern, task.question.strip()[:_MOST_MATCHED])
    except (re.error, RecursionError, OverflowError) as problem:
        raise ExpectationError(f'"pattern" is no regular expression: {problem}') from None
    if is_in_question:
        raise ExpectationError('"pattern" fits the question itself')


def _check_number(task: Task, expect: Mapping[str, Any]) -> None:
    for key in ("value", "tolerance"):
        value = expect.get(key, None if key == "value" else 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExpectationError(f'"{key}" must be a number')
    if expect.get("tolerance", 0) < 0:
        raise ExpectationError('"tolerance" must not be below 0')
    try:
        given = numbers_in(normalised(task.question))
    except InvalidOperation:
        given = []
    if Decimal(str(expect["value"])) in given:
        raise ExpectationError("the answer stands in the question")


def _check_table(_task: Task, expect: Mapping[str, Any]) -> None:
    columns, rows = expect.get("columns"), expect.get("rows")
    if not (_is_small(columns) or _are_texts(columns)):
        raise ExpectationError('"columns" must be a number or a list of names')
    is_list = isinstance(rows, list) and bool(rows) and all(map(_are_texts, rows or ()))
    if not _is_small(rows) and not is_list:
        raise ExpectationError('"rows" must be a number or a list of rows, each a list of texts')
    wide = columns if isinstance(columns, int) else len(columns or ())
    if isinstance(rows, list) and any(len(row) != wide for row in rows):
        raise ExpectationError(f'every row of "rows" must have {wide} cells')


def _check_json(_task: Task, expect: Mapping[str, Any]) -> None:
    if not isinstance(expect.get("value"), dict | list):
        raise ExpectationError('"value" must be an object or a list')


def _check_python(_task: Task, expect: Mapping[str, Any]) -> None:
    function, calls = expect.get("function"), expect.get("calls")
    if not isinstance(function, str) or not function.isidentifier():
        raise ExpectationError('"function" must be the name of a function')
    pairs = calls if isinstance(calls, list) else []
    are_pairs = all(isinstance(each, list) and len(each) == 2 and isinstance(each[0], list) for each in pairs)
    if not 0 < len(pairs) <= _MOST_CALLS or not are_pairs:
        raise ExpectationError('"calls" must be a list of up to 50 pairs: [[arguments], result]')


def _check_form(_task: Task, expect: Mapping[str, Any]) -> None:
    if len(expect) < 2:
        raise ExpectationError(f'"form" needs one of {", ".join(sorted(RULES))}')
    for name, value in expect.items():
        if name in ("type",):
            continue
        if name in ("starts", "ends"):
            fits = isinstance(value, str) and bool(value)
        elif name in ("contains", "says", "without"):
            fits = _are_texts(value)
        elif name in ("case", "language"):
            fits = value in {"case": ("upper", "lower"), "language": ("en", "zh")}[name]
        elif name == "numbered":
            fits = _is_small(value)
        else:
            fits = _is_small(value) or (isinstance(value, list) and len(value) == 2 and all(map(_is_small, value)))
        if not fits:
            raise ExpectationError(f'"{name}" cannot be {value!r}'[:200])


def _check_not_again(_task: Task, expect: Mapping[str, Any]) -> None:
    _texts(expect, "answers")


_CHECKS: Final[Mapping[str, Callable[[Task, Mapping[str, Any]], None]]] = MappingProxyType(
    {
        "any": _check_any,
        "exact": _check_exact,
        "regex": _check_pattern,
        "number": _check_number,
        "table": _check_table,
        "json": _check_json,
        "python": _check_python,
        "form": _check_form,
        "not-again": _check_not_again,
    }
)
_KEYS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "any": frozenset({"words", "others", "room"}),
        "exact": frozenset({"words"}),
        "regex": frozenset({"pattern"}),
        "number": frozenset({"value", "tolerance"}),
        "table": frozenset({"columns", "rows"}),
        "json": frozenset({"value"}),
        "python": frozenset({"function", "calls"}),
        "form": RULES,
        "not-again": frozenset({"answers"}),
    }
)


def _texts(expect: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = expect.get(key)
    if not _are_texts(value):
        raise ExpectationError(f'"{key}" must be a list of texts')
    if not all(bare(each) for each in value or ()):
        raise ExpectationError(f'"{key}" has a text of nothing but signs')
    return tuple(value or ())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 1_000 and all(isinstance(each, str) and each for each in value)


def _is_small(value: object) -> bool:
    return type(value) is int and 0 <= value <= 10_000
