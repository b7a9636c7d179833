"""The Run key in a registry that stands in for the one of Windows."""

from __future__ import annotations

import itertools

import pytest

from desktop.common.errors import UserFacingError
from desktop.system.login.types import Entry
from desktop.system.login.windows import APPROVED_KEY, RUN_KEY, RunKey, join_command_line, split_command_line

COMMAND = (r"C:\Users\Li Wei\AppData\Local\Programs\Catnap\Catnap.exe", "--hidden")


class FakeRegistry:
    """Keys and values as HKEY_CURRENT_USER would keep them."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}

    def read(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def write_text(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
def run_key(registry: FakeRegistry) -> RunKey:
    return RunKey(registry)


def test_on_and_off_again(run_key: RunKey, registry: FakeRegistry) -> None:
    assert run_key.read() is None
    run_key.disable()
    run_key.enable(COMMAND)
    line = r'"C:\Users\Li Wei\AppData\Local\Programs\Catnap\Catnap.exe" --hidden'
    assert registry.values == {(RUN_KEY, "Catnap"): line}
    assert run_key.read() == Entry(COMMAND, True)
    assert run_key.place.startswith("HKEY_CURRENT_USER")
    run_key.disable()
    assert registry.values == {}


@pytest.mark.parametrize(
    ("approved", "enabled"),
    [
        (b"\x02" + bytes(11), True),
        (b"\x06" + bytes(11), True),
        (b"\x03" + bytes(11), False),
        (b"c`", False),
        (b"", True),
    ],
)
def test_switched_off_in_task_manager_is_off(
    run_key: RunKey, registry: FakeRegistry, approved: bytes, enabled: bool
) -> None:
    run_key.enable(COMMAND)
    registry.values[APPROVED_KEY, "Catnap"] = approved
    assert run_key.read() == Entry(COMMAND, enabled)
    # WHEN it is switched on here THEN Task Manager has nothing against it any more
    run_key.enable(COMMAND)
    assert run_key.read() == Entry(COMMAND, True)
    assert (APPROVED_KEY, "Catnap") not in registry.values


def test_a_value_of_another_kind_is_no_entry(run_key: RunKey, registry: FakeRegistry) -> None:
    registry.values[RUN_KEY, "Catnap"] = b"\x01"
    assert run_key.read() is None


def test_a_line_too_long_for_windows_is_refused_and_nothing_changes(run_key: RunKey, registry: FakeRegistry) -> None:
    with pytest.raises(UserFacingError, match="shorter path"):
        run_key.enable(("C:\\" + "x" * 260 + "\\Catnap.exe", "--hidden"))
    assert registry.values == {}


# The examples of Microsoft's "Parsing C command-line arguments".
@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ('"a b c" d e', ("a b c", "d", "e")),
        (r'"ab\"c" "\\" d', ('ab"c', "\\", "d")),
        (r'a\\\b d"e f"g h', (r"a\\\b", "de fg", "h")),
        (r"a\\\"b c d", (r"a\"b", "c", "d")),
        (r'a\\\\"b c" d e', (r"a\\b c", "d", "e")),
        ('""', ("",)),
        ("  ", ()),
    ],
)
def test_command_lines_are_split_as_windows_does(line: str, arguments: tuple[str, ...]) -> None:
    assert split_command_line(f"catnap.exe {line}") == ("catnap.exe", *arguments)


def test_a_command_line_comes_back_as_it_was() -> None:
    for pieces in itertools.product(('"', "\\", " ", "\t", "a", "%"), repeat=4):
        command = (r"C:\Program Files\Catnap\Catnap.exe", "--data-dir", "".join(pieces), "--hidden")
        assert split_command_line(join_command_line(command)) == command


def test_a_program_ends_at_its_quote_or_at_the_first_blank() -> None:
    assert split_command_line(r'"C:\a b\"c') == ("C:\\a b\\", "c")
    assert split_command_line(r"C:\a b\c.exe") == (r"C:\a", r"b\c.exe")
    assert split_command_line("") == ()
