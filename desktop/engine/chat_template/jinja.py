"""Compiles a chat template the way transformers does, in jinja2's sandbox: it comes out of a file from anywhere.

The sandbox keeps a template from reaching anything but its own values. What it does with these is kept within bounds
here, see :mod:`desktop.engine.chat_template.budget`.

Imported when the first template is compiled, not before: jinja2 takes some 3 MB and 40 ms that a sleeping Catnap saves.
"""

from __future__ import annotations

import functools
import json
import types
import warnings
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, cast

from jinja2 import Template, TemplateError, Undefined, pass_context
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEscapeFormatter, SandboxedFormatter
from jinja2.utils import Cycler, Joiner, Namespace
from markupsafe import Markup, escape

from desktop.engine.chat_template import growth
from desktop.engine.chat_template.budget import Budget, LimitError, Room, room_to_compile
from desktop.engine.chat_template.code import TICK_FILTER, CountingCodeGenerator, prepare_tree

# The longest of 70 real templates has 16,738.
_MOST_SOURCE: Final = 64 * 1024
_LONGEST_DATE_FORMAT: Final = 256

_METHODS: Final = (types.BuiltinMethodType, types.MethodType, types.MethodWrapperType)
_UNBOUND_METHODS: Final = (types.MethodDescriptorType, types.ClassMethodDescriptorType, types.WrapperDescriptorType)
_NATIVE: Final = (*_METHODS, *_UNBOUND_METHODS, types.FunctionType, type)
_HELPERS: Final = (LoopContext, Cycler, Joiner)
# What jinja2 itself passes along with a call.
_OF_THE_FRAME: Final = frozenset({"_loop_vars", "_block_vars"})


class TemplateRefusedError(TemplateError):
    """The template called ``raise_exception``: it does not take such a conversation."""


class _GenerationBlock(Extension):
    """``{% generation %} ... {% endgeneration %}`` marks the model's words for training; here only its body counts."""

    tags = {"generation"}  # noqa: RUF012 (the base class declares it as an instance attribute)

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class CompiledTemplate:
    """A template that can be rendered."""

    def __init__(self, template: Template, environment: _Environment) -> None:
        """
        Args:
            template: The program.
            environment: What it runs in.
        """
        self._template = template
        self._environment = environment

    def render(self, budget: Budget, **variables: object) -> str:
        """Returns what the template writes.

        Args:
            budget: What it may take; see :func:`budget_for`.
            variables: What it is given.

        Raises:
            LimitError: It wants more.
            Cancelled: Nobody wants the result any more.
            Exception: The template is a foreign program, and may raise anything.
        """
        self._environment.budget = budget
        try:
            return self._template.render(variables)
        except (RecursionError, MemoryError) as problem:
            raise LimitError(repr(problem)) from problem


def budget_for(room: Room, is_stopped: Callable[[], bool]) -> Budget:
    """Returns the account of a rendering.

    Args:
        room: What it may take.
        is_stopped: Whether nobody wants the result any more.
    """
    return Budget(room, is_stopped, opaque=(*_HELPERS, Namespace), nothing=(Undefined,))


def compile_template(source: str, now: Callable[[], datetime], is_stopped: Callable[[], bool]) -> CompiledTemplate:
    """Compiles ``source`` with the globals and filters that chat templates expect.

    Args:
        source: Text of the template.
        now: The clock behind ``strftime_now``.
        is_stopped: Whether nobody wants the result any more.

    Raises:
        LimitError: It is too large.
        Cancelled: Nobody wants the result any more.
        jinja2.TemplateError: The text is not a template.
    """
    if len(source) > _MOST_SOURCE:
        raise LimitError(f"a template of {len(source)} letters")
    environment = _Environment(now, budget_for(room_to_compile(), is_stopped))
    try:
        tree = environment.parse(source)
        prepare_tree(tree, environment)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, on nonsense such as {{ 1[0] }}: nobody here wrote it
            return CompiledTemplate(environment.from_string(tree), environment)
    except (RecursionError, MemoryError) as problem:
        raise LimitError(repr(problem)) from problem


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox of one template, in which everything is counted.

    Attributes:
        budget: The account of what goes on.
    """

    code_generator_class = CountingCodeGenerator
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, now: Callable[[], datetime], budget: Budget) -> None:
        # Block trimming, the loop controls, tojson without HTML escapes: what apply_chat_template of transformers sets
        # up, and therefore what the authors of templates tested with. Nothing is computed while a template is compiled:
        # `optimized` does so, and so does a `finalize` that wants no context.
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            finalize=_weigh_output,
            extensions=["jinja2.ext.loopcontrols", _GenerationBlock],
        )
        self.budget = budget
        filters = {**cast("dict[str, Callable[..., Any]]", self.filters), "tojson": _to_json}
        self.filters = {
            name: _counted(function, growth.FILTERS[name], name in growth.LAZY_FILTERS)
            for name, function in filters.items()
            if name in growth.FILTERS
        }
        self.filters[TICK_FILTER] = self._step
        tests = cast("dict[str, Callable[..., Any]]", self.tests)
        self.tests = {name: _counted(test, growth.nothing, name != "in") for name, test in tests.items()}
        self.globals["lipsum"] = _refuse_nonsense
        self.globals["namespace"] = _QuietNamespace
        self.globals["raise_exception"] = _refuse
        self.globals["strftime_now"] = functools.partial(_write_date, now)

    def concat(self, parts: Iterable[str]) -> str:
        """Joins what was written: in a macro, a block, and at the end."""
        return self.budget.join(parts)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Does arithmetic."""
        del context
        budget = self.budget
        budget.weigh(left)
        budget.weigh(right)
        if operator not in "+-":
            growth.check_operator(budget, operator, left, right)
        return budget.keep(self.binop_table[operator](left, right))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Looks an item up; a key must be hashed, and one that is not there is written into a message."""
        if not isinstance(argument, str | int):
            self.budget.weigh(argument)
        return super().getitem(obj, argument)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Calls a method, a macro, a function."""
        budget = __self.budget
        # Only a macro and a loop leave an iterator as it is.
        is_native = isinstance(__obj, _NATIVE)
        weigh = budget.weigh_all if is_native else budget.weigh
        args = tuple([weigh(each) for each in args])
        own = {}
        if kwargs:
            own = {name: weigh(each) for name, each in kwargs.items() if name not in _OF_THE_FRAME}
            kwargs |= own
        if is_native:
            _check_callee(budget, __obj, args, own)
        return budget.keep(super().call(__context, __obj, *args, **kwargs))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Returns a function that does what ``str.format`` does, within bounds; None: the value is something else."""
        if not isinstance(value, _METHODS) or value.__name__ not in ("format", "format_map"):
            return None
        pattern = value.__self__
        if not isinstance(pattern, str):
            return None
        formatter = (
            _CountingEscapeFormatter(self, escape=pattern.escape)
            if isinstance(pattern, Markup)
            else _CountingFormatter(self)
        )

        def write(*args: Any, **kwargs: Any) -> str:
            self.budget.weigh(pattern)
            # Each field, and each look into one, is a step of a program in Python.
            self.budget.tick(pattern.count("{") + pattern.count("[") + pattern.count("."))
            if value.__name__ == "format_map":
                (kwargs,), args = args, ()
            return type(pattern)(formatter.vformat(pattern, args, kwargs))

        return write

    def _step(self, value: object) -> object:
        self.budget.tick()
        return value


class _CountingFormatter(SandboxedFormatter):
    _env: _Environment

    def convert_field(self, value: Any, conversion: Any) -> Any:
        return super().convert_field(self._env.budget.weigh(value), conversion)

    def format_field(self, value: Any, format_spec: str) -> Any:
        growth.check_format_spec(self._env.budget, format_spec)
        return self._env.budget.keep(super().format_field(self._env.budget.weigh(value), format_spec))


class _CountingEscapeFormatter(_CountingFormatter, SandboxedEscapeFormatter):
    pass


class _QuietNamespace(Namespace):
    # What it holds may be a namespace again, and so on without end.
    def __repr__(self) -> str:
        return "<Namespace>"


def _counted(function: Callable[..., Any], check: growth.Check, is_lazy: bool) -> Callable[..., Any]:
    """Returns a filter or a test that is counted.

    Args:
        function: As it is in jinja2.
        check: Looks whether the result will be too large.
        is_lazy: It leaves an iterator as it is.
    """
    # One of jinja2.utils._PassArg, or nothing.
    wants = getattr(getattr(function, "jinja_pass_arg", None), "name", "")

    @pass_context
    def counted(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        environment = context.environment
        budget: Budget = environment.budget  # type: ignore[attr-defined]
        weigh = budget.weigh if is_lazy else budget.weigh_all
        value = weigh(value)
        if args:
            args = tuple([weigh(each) for each in args])
        if kwargs:
            kwargs = {name: weigh(each) for name, each in kwargs.items()}
        if check is not growth.nothing:
            check(budget, value, *args, **kwargs)
        if not wants:
            result = function(value, *args, **kwargs)
        elif wants == "context":
            result = function(context, value, *args, **kwargs)
        else:
            result = function(context.eval_ctx if wants == "eval_context" else environment, value, *args, **kwargs)
        return budget.keep(result)

    return counted


def _check_callee(budget: Budget, callee: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Looks whether something that is not a template's own may be called.

    Raises:
        LimitError: It may not, or not with these arguments.
    """
    if isinstance(callee, _UNBOUND_METHODS):
        raise LimitError("a call of a method of no value")
    if isinstance(callee, type):
        if callee not in (dict, Cycler, Joiner, _QuietNamespace):
            raise LimitError("a call of a class")
    elif isinstance(callee, _METHODS) and not isinstance(callee.__self__, _HELPERS):
        check = growth.METHODS.get(callee.__name__)
        if check is None or isinstance(callee.__self__, type):
            raise LimitError(f"a call of {callee.__name__}")
        budget.weigh(callee.__self__)
        check(budget, callee.__self__, *args, **kwargs)


@pass_context
def _weigh_output(context: Context, value: Any) -> Any:
    budget: Budget = context.environment.budget  # type: ignore[attr-defined]
    budget.weigh(value)
    if context.eval_ctx.autoescape:
        return budget.keep(escape(value))
    return value if isinstance(value, str | int | float | Undefined) else budget.keep(str(value))


def _refuse(message: str) -> None:
    raise TemplateRefusedError(message)


def _refuse_nonsense(*_args: object, **_kwargs: object) -> None:
    raise LimitError("a call of lipsum")


def _write_date(now: Callable[[], datetime], pattern: str) -> str:
    if len(pattern) > _LONGEST_DATE_FORMAT:
        raise LimitError("a date of too many parts")
    return now().strftime(pattern)


def _to_json(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
