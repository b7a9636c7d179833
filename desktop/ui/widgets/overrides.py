"""Lets an error in a method that Qt calls be reported, where it would end the program.

WORKAROUND(https://github.com/python/cpython/issues/101578): before Python 3.12 an error that Python itself or PySide
raises, a KeyError or "Internal C++ object already deleted", is a class and a text until somebody catches it. PySide
puts the name of the method before its words, takes that text for the exception, and writes where nothing is
(``prependToExceptionMessage`` in shiboken6's sbkerrors.cpp, 6.8 to 6.12): a segmentation fault.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

from PySide6.QtCore import QObject

# What every class of PySide is made from.
_Wrapper: Final[Any] = QObject.__base__
# From here on Python makes every error an exception at once.
_FIXED_IN = (3, 12)


def guard_overrides() -> None:
    """Has every method that overrides one of Qt's, in a class that is written from now on, raise whole exceptions.

    To be called before the first such class is imported. May be called again.
    """
    if sys.version_info < _FIXED_IN:
        _Wrapper.__init_subclass__ = classmethod(_guard_class)


def _guard_class(cls: Any, /, **arguments: Any) -> None:
    super(_Wrapper, cls).__init_subclass__(**arguments)
    of_qt = next(base for base in cls.__mro__ if base.__module__.partition(".")[0] in ("PySide6", "Shiboken"))
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("__") and hasattr(of_qt, name):
            setattr(cls, name, _guarded(method))


def _guarded(method: FunctionType) -> Callable[..., Any]:
    """Returns a method that does the same and, where it can be a slot, takes as much: PySide counts that."""
    code = method.__code__
    is_fixed = not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) and not method.__defaults__
    take = _NUMBERED.get(code.co_argcount, _taking_any) if is_fixed else _taking_any
    return functools.wraps(method)(take(method))


def _taking_any(method: FunctionType) -> Callable[..., Any]:
    def call(*values: Any, **named: Any) -> Any:
        try:
            return method(*values, **named)
        except BaseException:  # which makes an exception of it
            raise

    return call


def _taking_nothing(method: FunctionType) -> Callable[..., Any]:
    def call(self: Any) -> Any:
        try:
            return method(self)
        except BaseException:
            raise

    return call


def _taking_one(method: FunctionType) -> Callable[..., Any]:
    def call(self: Any, value: Any) -> Any:
        try:
            return method(self, value)
        except BaseException:
            raise

    return call


# By the number of arguments with the object itself: no slot of Qt's that can be overridden takes more.
_NUMBERED: Final = {1: _taking_nothing, 2: _taking_one}
