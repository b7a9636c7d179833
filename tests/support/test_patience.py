"""Tests wait for what happens, as long as it takes: none sleeps for a while and looks, none has a hurry of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import NotThereError, wait_for

TESTS = Path(__file__).parents[1]
# Benchmarks and what runs in emulators measure time. The others are where it is waited between two looks.
MEASURING = ("bench/", "bundle/bench.py", "bundle/old_cpu.py")
POLLING = (
    *("support/patience.py", "support/downloads.py", "e2e/demo_hands.py"),
    *("torture/states.py", "torture/full_window.py", "torture/kills/session.py", "soak/app.py"),
    # A person is played, who pauses now and then.
    *("torture/kills/user.py", "soak/player.py"),
)
# Whose time is up is what is tested: the program's own patience.
PROGRAM = ("send",)
# What is shorter is no deadline, but the pace of a loop.
SHORTEST = 0.1
FILES = [
    file
    for file in sorted(TESTS.glob("**/*.py"))
    if not file.relative_to(TESTS).as_posix().startswith((*MEASURING, *POLLING))
]


def hurry(source: str) -> Iterator[str]:
    """Yields every call that waits for a time, or not long enough, and every wait that is made and not entered."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and _name(node.value) in ("waitExposed", "waitActive", "waitSignal"):
            yield f"line {node.lineno}: it waits only as a context manager"
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        sleeps = called in ("asyncio.sleep", "time.sleep", "QTest.qWait") or called.endswith("qtbot.wait")
        if sleeps and ast.unparse(node.args[0]) != "0":  # of 0 it is one turn of the loop
            yield f"line {node.lineno}: waits for a time and not for what happens"
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
        if _name(node) in ("wait", "join", "timeout", "communicate", "waitForConnected"):
            given += node.args[:1]
        if any(_is_time(each) for each in given) and _name(node) not in PROGRAM:
            yield f"line {node.lineno}: has a deadline of its own, not that of tests/support/patience.py"


def _is_time(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value >= SHORTEST


def _name(node: ast.expr) -> str:
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TESTS)))
def test_nobody_is_in_a_hurry(file: Path) -> None:
    assert list(hurry(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "time.sleep(1)",
        "self.qtbot.wait(20)",
        "asyncio.sleep(0.1)",
        "process.communicate(timeout=5)",
        "process.wait(15)",
        "thread.join(0.5)",
        "asyncio.timeout(10)",
        "subprocess.run(command, timeout=60.0)",
        "with qtbot.waitSignal(signal, timeout=100): pass",
        "qtbot.waitExposed(window)",
    ],
)
def test_a_hurry_is_found(line: str) -> None:
    assert len(list(hurry(line))) == 1


@pytest.mark.parametrize(
    "line", ["asyncio.sleep(0)", "qtbot.wait(0)", "process.wait(PATIENCE_S)", "stop.wait(0.05)", "'-'.join(words)"]
)
def test_patience_is_not_complained_of(line: str) -> None:
    assert list(hurry(line)) == []


def test_what_does_not_happen_is_named() -> None:
    looks: Iterator[object] = iter([0, "", None, [], "there", "later"])
    assert wait_for("it", lambda: next(looks)) == "there"
    with pytest.raises(NotThereError, match="waited 0 s for the impossible"):
        wait_for("the impossible", lambda: False, seconds=0.0)
