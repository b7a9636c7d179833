"""Which quick actions there are, and what becomes of their file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.chat.quick_actions.actions import BUILT_IN, MOST_ACTIONS, MOST_NAME, QuickAction, find_action
from desktop.chat.quick_actions.store import QuickActionsFile, read_actions
from desktop.common.errors import UserFacingError
from desktop.common.json_file import Fault


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "quick-actions.json"


def ids(actions: tuple[QuickAction, ...]) -> list[str]:
    return [action.id for action in actions]


def test_without_a_file_there_are_those_that_came(file: Path) -> None:
    assert ids(QuickActionsFile(file).actions) == list(BUILT_IN)
    assert not file.exists()


def test_what_was_changed_is_there_after_the_next_start(file: Path) -> None:
    # GIVEN one of one's own, one edited, one deleted, another order
    actions = QuickActionsFile(file)
    own = actions.add("  Kürzer\n machen ", "Shorten.\n{text}")
    actions.edit("explain", "Erklären", "")
    actions.remove("rewrite")
    actions.move(own.id, -99)
    heard: list[tuple[QuickAction, ...]] = []
    actions.changed.subscribe(heard.append)
    actions.move("ask", -1)
    assert heard == [actions.actions]
    # WHEN Catnap starts again
    again = QuickActionsFile(file)
    # THEN all of it is so
    assert again.actions == actions.actions == read_actions(file)
    assert again.actions[0] == QuickAction("own-1", "Kürzer machen", "Shorten.\n{text}")
    assert again.removed == {"rewrite"}
    # AND the prompt of one that was only renamed is still the one that comes with this version
    entry = next(each for each in json.loads(file.read_text("utf-8"))["actions"] if each["id"] == "explain")
    assert entry == {"id": "explain", "name": "Erklären"}


def test_deleting_can_be_undone_and_restoring_too(file: Path) -> None:
    actions = QuickActionsFile(file)
    own = actions.add("Mine", "Do it.")
    before = actions.actions
    actions.remove("translate")
    actions.put_back(before[2], 2)
    assert actions.actions == before and not actions.removed
    actions.edit("explain", "Other", "Other {text}")
    actions.remove("ask")
    changed, removed = actions.actions, actions.removed
    actions.restore()
    assert actions.actions == (*map(QuickAction, BUILT_IN), own)
    actions.set_all(changed, removed)
    assert (actions.actions, actions.removed) == (changed, removed)


@pytest.mark.parametrize(
    ("name", "title"),
    [("", "needs a name"), (" \n", "needs a name"), ("x" * (MOST_NAME + 1), "too long"), ("MINE", "already")],
)
def test_a_name_that_will_not_do_is_refused_with_a_sentence(file: Path, name: str, title: str) -> None:
    actions = QuickActionsFile(file)
    actions.add("Mine", "Do it.")
    before = file.read_bytes()
    with pytest.raises(UserFacingError, match=title):
        actions.add(name, "Do it.")
    assert file.read_bytes() == before


def test_shown_names_are_taken_as_well(file: Path) -> None:
    with pytest.raises(UserFacingError, match="already"):
        QuickActionsFile(file).add("翻译", "Do it.", taken=["解释", "翻译"])


@pytest.mark.parametrize("prompt", ["", "  ", "{text}", "\0"])
def test_an_instruction_that_says_nothing_is_refused(file: Path, prompt: str) -> None:
    with pytest.raises(UserFacingError, match="instruction is empty"):
        QuickActionsFile(file).add("Mine", prompt)


def test_there_is_an_end_to_the_number(file: Path) -> None:
    actions = QuickActionsFile(file)
    for number in range(MOST_ACTIONS - len(BUILT_IN)):
        actions.add(f"Mine {number}", "Do it.")
    with pytest.raises(UserFacingError, match="as many actions"):
        actions.add("One more", "Do it.")
    assert len(QuickActionsFile(file).actions) == MOST_ACTIONS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1]",
        b"\xff\xfe\x00",
        b'{"version": 1}',
        b'{"version": 1, "actions": {}}',
        b'{"version": 0, "actions": []}',
    ],
)
def test_a_damaged_file_is_put_aside_and_said(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert ids(read_actions(file)) == list(BUILT_IN), "who only looks changes nothing"
    assert file.read_bytes() == content
    actions = QuickActionsFile(file)
    problem = actions.load_problem
    assert problem is not None and problem.fault is Fault.BROKEN
    assert problem.kept_aside is not None and problem.kept_aside.read_bytes() == content
    assert ids(actions.actions) == list(BUILT_IN)


def test_a_newer_file_is_kept_until_something_is_changed(file: Path) -> None:
    file.write_text('{"version": 7, "actions": "otherwise"}', "utf-8")
    actions = QuickActionsFile(file)
    assert actions.load_problem is not None and actions.load_problem.fault is Fault.NEWER
    actions.add("Mine", "Do it.")
    assert any("otherwise" in each.read_text("utf-8") for each in file.parent.iterdir() if each != file)


def test_what_another_version_has_written_stays(file: Path) -> None:
    # GIVEN a file with keys and entries that this version does not know
    strange = [{"id": "listen"}, {"id": "own-x", "name": "A", "prompt": "B"}, 7, {"id": "own-3", "name": "N"}]
    document = {
        "version": 1,
        "colour": {"a": 1},
        "actions": [{"id": "explain", "icon": "star"}, *strange, {"id": "own-2", "name": "Mine", "prompt": "P"}],
        "removed": ["ask", "later"],
    }
    file.write_text(json.dumps(document), "utf-8")
    actions = QuickActionsFile(file)
    assert actions.load_problem is None
    assert ids(actions.actions) == ["explain", "own-2", "summarise", "translate", "correct", "rewrite"]
    # WHEN one is changed
    actions.edit("explain", "Explain it", "")
    # THEN they are still there
    written = json.loads(file.read_text("utf-8"))
    assert written["colour"] == {"a": 1}
    assert {"id": "explain", "icon": "star", "name": "Explain it"} in written["actions"]
    assert all(entry in written["actions"] for entry in strange)
    assert written["removed"] == ["ask", "later"]


def test_a_name_twice_in_the_file_is_shown_once(file: Path) -> None:
    entries = [{"id": f"own-{number}", "name": "Mine", "prompt": "P"} for number in (1, 2)]
    file.write_text(json.dumps({"version": 1, "actions": entries}), "utf-8")
    assert ids(QuickActionsFile(file).actions)[:2] == ["own-1", "explain"]


def test_nothing_is_lost_where_the_disk_refuses(file: Path) -> None:
    actions = QuickActionsFile(file.parent / "no folder" / file.name)
    said: list[UserFacingError] = []
    actions.tell_with(said.append)
    actions.add("Mine", "Do it.")
    assert actions.actions[-1].name == "Mine"
    assert len(said) == 1 and "could not be saved" in said[0].title and said[0].remedy


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("explain", "explain"), ("Explain", "explain"), (" EXPLAIN ", "explain"), ("解释", "explain"),
        ("summarize", "summarise"), ("Ask about it", "ask"), ("ask", "ask"),
        ("Kürzer machen!", "own-1"), ("Ku\u0308rzer  MACHEN!", "own-1"), ("own-1", None), ("", None), ("Kürzer", None),
        ("翻译", "own-2"), ("translate", "translate"),
    ],
)  # fmt: skip
def test_an_action_is_found_under_all_its_names(file: Path, name: str, found: str | None) -> None:
    actions = QuickActionsFile(file)
    actions.add("Kürzer machen!", "Do it.")
    actions.add("翻译", "Do it.")
    action = find_action(actions.actions, name)
    assert (action.id if action is not None else None) == found
