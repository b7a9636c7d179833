"""Turns a template into a program that keeps an account of what it does: calls of the budget in the right places.

jinja2 lets an environment see calls, arithmetic and the joining of what was written. It does not let it see loops,
comparisons and ``~``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame, operators

from desktop.engine.chat_template.budget import Budget, LimitError

# The name of a filter that counts a step and returns what it is given. No template can name it.
TICK_FILTER: Final = "a step"

# The greatest of 70 real templates makes 55,000 letters of Python from 6,000 nodes, four scopes deep. More than this
# would take the compilers of jinja2 and Python a second.
_MOST_CODE: Final = 512 * 1024
_MOST_NODES: Final = 25_000
# Each scope is looked through by each that it is in.
_MOST_SCOPES: Final = 12
# At each branch jinja2 copies its table of names.
_MOST_BRANCHED_NAMES: Final = 500_000
# What is done for so many nodes, without a call or a filter, takes as long as a step.
_NODES_A_STEP: Final = 16
_SCOPES: Final = (
    nodes.For, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.With, nodes.AssignBlock, nodes.Block, nodes.Scope,
)  # fmt: skip


def prepare_tree(template: nodes.Template, environment: Environment) -> None:
    """Makes the conditions of loops count, and looks whether a template can be compiled in reasonable time.

    Args:
        template: Is changed.
        environment: What it will run in.

    Raises:
        LimitError: It cannot.
    """
    names: set[str] = set()
    count = branches = 0
    rest: list[tuple[nodes.Node, int]] = [(template, 0)]
    while rest:
        node, scopes = rest.pop()
        count += 1
        if isinstance(node, nodes.Name):
            names.add(node.name)
        elif isinstance(node, nodes.If):
            branches += 1
        elif isinstance(node, _SCOPES):
            scopes += 1
        if count > _MOST_NODES or scopes > _MOST_SCOPES:
            raise LimitError("a template of too many parts")
        if isinstance(node, nodes.For) and node.test is not None:
            node.test = nodes.Filter(node.test, TICK_FILTER, [], [], None, None, lineno=node.lineno)
            node.test.set_environment(environment)
        rest.extend((child, scopes) for child in node.iter_child_nodes())
    if branches * len(names) > _MOST_BRANCHED_NAMES:
        raise LimitError("a template of too many branches and names")


class CountingCodeGenerator(CodeGenerator):
    """Writes the program, see the module."""

    def write(self, x: str) -> None:
        """Writes code, and counts that, too."""
        super().write(x)
        if self.stream.tell() > _MOST_CODE:
            raise LimitError("a template of too much code")
        budget = getattr(self.environment, "budget", None)
        if isinstance(budget, Budget):
            budget.tick()

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """Writes the body of a loop, a branch, a macro."""
        body = list(nodes)
        self.writeline(f"environment.budget.tick({1 + _parts_of(body) // _NODES_A_STEP})")
        super().blockvisit(body, frame)

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802 (jinja2's name)
        """Writes ``[a, b]``."""
        self.write("environment.budget.keep(")
        super().visit_List(node, frame)
        self.write(")")

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        """Writes ``(a, b)``, which may also be what something is assigned to."""
        if node.ctx != "load":
            super().visit_Tuple(node, frame)
            return
        self.write("environment.budget.keep(")
        super().visit_Tuple(node, frame)
        self.write(")")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """Writes ``a[b]``, and ``a[b:c]``, which makes something."""
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.budget.keep(")
        super().visit_Getitem(node, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """Writes ``a ~ b``."""
        if frame.eval_ctx.volatile:
            join = "(markup_join if context.eval_ctx.volatile else str_join)"
        else:
            join = "markup_join" if frame.eval_ctx.autoescape else "str_join"
        self.write(f"environment.budget.keep({join}(environment.budget.weigh_parts((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        """Writes ``a < b < c``."""
        self.write("(")
        self._visit_weighed(node.expr, frame)
        for operand in node.ops:
            self.visit(operand, frame)
        self.write(")")

    def visit_Operand(self, node: nodes.Operand, frame: Frame) -> None:  # noqa: N802
        """Writes what follows the first part of a comparison."""
        self.write(f" {operators[node.op]} ")
        self._visit_weighed(node.expr, frame, "weigh_all" if node.op in ("in", "notin") else "weigh")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        """Writes a dictionary, whose keys must be hashed."""
        self.write("environment.budget.keep({")
        for pair in node.items:
            self._visit_weighed(pair.key, frame)
            self.write(": ")
            self.visit(pair.value, frame)
            self.write(", ")
        self.write("})")

    def _visit_weighed(self, node: nodes.Expr, frame: Frame, weigh: str = "weigh") -> None:
        if isinstance(node, nodes.Const):
            self.visit(node, frame)
            return
        self.write(f"environment.budget.{weigh}(")
        self.visit(node, frame)
        self.write(")")


def _parts_of(body: list[nodes.Node]) -> int:
    """Returns how many nodes are done when a body is, without the bodies in it."""
    count = 0
    rest = list(body)
    while rest:
        node = rest.pop()
        count += 1
        rest.extend(node.iter_child_nodes(exclude=("body", "else_")))
    return count
