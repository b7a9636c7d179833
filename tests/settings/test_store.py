"""The settings file: written whole or not at all, read with suspicion, kept aside when it will not do."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.settings.options import Settings
from desktop.settings.store import FileFault, SettingsStore
from desktop.settings.types import OptionValue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def write(file: Path, values: object, version: object = 1) -> None:
    file.write_text(json.dumps({"version": version, "values": values}), encoding="utf-8")


def test_what_is_written_elsewhere_is_in_force_at_once_and_its_trouble_is_told(file: Path) -> None:
    # GIVEN a store whose file is written by somebody else
    writes: list[Callable[[], None]] = []
    troubles: list[UserFacingError] = []
    store = SettingsStore(file)
    store.write_with(lambda _file, write: writes.append(write), troubles.append)
    # WHEN something changes THEN it is in force, and in the file when that is written
    store.change(threads=3)
    assert store.current.threads == 3
    assert not file.exists()
    writes.pop()()
    assert SettingsStore(file).current.threads == 3
    # WHEN that cannot be THEN it is told, it stays in force, and the next change brings it along
    file.unlink()
    file.mkdir()
    (file / "in the way").touch()
    store.change(threads=4)
    writes.pop()()
    assert [error.title for error in troubles] == ["The settings could not be saved."]
    assert store.current.threads == 4
    (file / "in the way").unlink()
    file.rmdir()
    store.change(idle_minutes=2.0)
    writes.pop()()
    assert SettingsStore(file).current.threads == 4
    # AND nothing is written once more where all is in the file
    store.change(idle_minutes=2.0)
    store.save_again()
    assert writes == []


@pytest.mark.parametrize("again", [SettingsStore.save_again, lambda store: store.change(threads=4)])
def test_what_found_no_room_is_written_when_there_is_some(file: Path, again: Callable[[SettingsStore], object]) -> None:
    # GIVEN a value that is in force, and could not be written
    store, writes, troubles = SettingsStore(file), list[Callable[[], None]](), list[UserFacingError]()
    store.write_with(lambda _file, write: writes.append(write), troubles.append)
    file.mkdir()
    (file / "in the way").touch()
    store.change(threads=4)
    writes.pop()()
    assert len(troubles) == 1
    (file / "in the way").unlink()
    file.rmdir()
    # WHEN the program ends, or somebody sets it again THEN it is in the file
    again(store)
    writes.pop()()
    assert SettingsStore(file).current.threads == 4


def test_without_a_file_the_defaults_hold_and_nothing_is_written(file: Path) -> None:
    store = SettingsStore(file)
    assert store.current == Settings()
    assert store.load_problem is None
    assert not file.exists()


def test_a_change_survives_a_restart(file: Path) -> None:
    SettingsStore(file).change(threads=2, idle_minutes=1, system_prompt="像猫一样回答 🐱")
    again = SettingsStore(file)
    assert (again.current.threads, again.current.idle_minutes) == (2, 1.0)
    assert again.current.system_prompt == "像猫一样回答 🐱"
    assert again.load_problem is None


def test_only_what_differs_is_written(file: Path) -> None:
    store = SettingsStore(file)
    store.change(threads=2, theme="dark")
    store.change(threads=0)
    assert json.loads(file.read_bytes()) == {"version": 1, "values": {"theme": "dark"}}


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_file_is_private(file: Path) -> None:
    SettingsStore(file).change(threads=2)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_listeners_hear_of_each_change_with_old_and_new_in_order(file: Path) -> None:
    store = SettingsStore(file)
    heard: list[tuple[str, int, int]] = []
    store.subscribe(lambda old, new: heard.append(("first", old.threads, new.threads)))
    store.subscribe(lambda old, new: heard.append(("second", old.threads, store.current.threads)))
    store.change(threads=3)
    assert heard == [("first", 0, 3), ("second", 0, 3)]


def test_a_change_to_the_same_value_is_none(file: Path) -> None:
    store = SettingsStore(file)
    store.subscribe(lambda old, new: pytest.fail("nothing changed"))
    assert store.change(threads=0) == Settings()
    assert not file.exists()


def test_a_bad_value_changes_nothing_of_the_lot(file: Path) -> None:
    store = SettingsStore(file)
    store.subscribe(lambda old, new: pytest.fail("nothing changed"))
    with pytest.raises(UserFacingError):
        store.change(threads=2, n_ctx=1)
    assert store.current == Settings()
    assert not file.exists()


def test_an_unknown_setting_is_a_bug_of_the_caller(file: Path) -> None:
    with pytest.raises(KeyError):
        SettingsStore(file).change(colour="red")


def test_when_saving_fails_the_old_values_stay_in_force(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore(file)
    store.change(threads=2)
    before = file.read_bytes()
    store.subscribe(lambda old, new: pytest.fail("nothing changed"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserFacingError, match="No space left on device"):
        store.change(threads=4)
    assert store.current.threads == 2
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file], "no scratch file is left"


MALFORMED = [
    b"", b"{", b"null", b"[]", b'"x"', b"{}", b'{"version": 1}', b'{"values": {}}', b'{"version": 1, "values": []}',
    b'{"version": "1", "values": {}}', b'{"version": true, "values": {}}', b'{"version": 0, "values": {}}',
    b'{"version": 1.0, "values": {}}', b"\xff\xfe\x00", b"\x00" * 100, b"[" * 100_000, b"<html></html>",
]  # fmt: skip


@pytest.mark.parametrize("content", MALFORMED, ids=lambda content: repr(content[:24]))
def test_a_malformed_file_is_kept_aside_and_the_defaults_hold(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    store = SettingsStore(file)
    assert store.current == Settings()
    assert store.load_problem is not None
    assert store.load_problem.fault is FileFault.UNREADABLE
    kept = store.load_problem.kept_aside
    assert kept is not None
    assert kept.read_bytes() == content
    assert str(kept) in store.load_problem.as_error().detail
    # THEN it is said once: the next start finds nothing wrong
    assert SettingsStore(file).load_problem is None


@pytest.mark.parametrize("content", ['{"version": 2, "values": {"threads": 2}}', '{"version": 7, "options": []}'])
def test_a_newer_file_is_kept_aside_whatever_is_in_it(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    store = SettingsStore(file)
    assert store.current == Settings()
    assert store.load_problem is not None
    assert store.load_problem.fault is FileFault.NEWER
    assert "newer" in store.load_problem.as_error().title
    assert str(file) in store.load_problem.as_error().detail
    # THEN looking changed nothing, for the newer Catnap may be the one that goes on
    assert [path.read_text(encoding="utf-8") for path in file.parent.iterdir()] == [content]
    # AND it is set aside before anything is written in its place
    store.change(threads=1)
    store.change(threads=2)
    assert SettingsStore(file).current.threads == 2
    (kept,) = [path for path in file.parent.iterdir() if path != file]
    assert kept.read_text(encoding="utf-8") == content


def test_a_newer_file_that_cannot_be_set_aside_is_not_written_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, {}, version=2)
    store = SettingsStore(file)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(UserFacingError, match="could not be saved"):
        store.change(threads=1)
    assert store.current == Settings()
    assert '"version": 2' in file.read_text(encoding="utf-8")


def test_what_another_version_has_put_there_stays(file: Path) -> None:
    # GIVEN a file of a version that knows more settings, in the same format
    write(file, {"threads": 2, "voice": "low", "colours": ["red", None]})
    # WHEN this one changes something, twice
    SettingsStore(file).change(threads=3)
    store = SettingsStore(file)
    store.change(threads=Settings().threads)
    # THEN the other one finds its own again
    assert store.load_problem is None
    assert json.loads(file.read_bytes())["values"] == {"voice": "low", "colours": ["red", None]}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("stick", "{folder}/stick"),
        ("./a/../stick", "{folder}/stick"),
        ("../stick", "{above}/stick"),
        (".", "{folder}"),
        ("~/stick", "{home}/stick"),
        ("~nobody-of-that-name", "{folder}/~nobody-of-that-name"),
        ("/media/stick", "/media/stick"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
def test_a_path_written_by_hand_follows_the_file_and_not_the_working_directory(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    # GIVEN a file that somebody has edited, and a program that was started anywhere
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    expected = meant.format(folder=file.parent, above=file.parent.parent, home=home)
    write(file, {"model_folder": written, "model": f"file:{written}/own.gguf"})
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    # WHEN it is read THEN the paths in it are told from the root on
    store = SettingsStore(file)
    assert (store.current.model_folder, store.current.model) == (expected, f"file:{expected}/own.gguf")
    # AND a change of something else leaves them as they were written, so that file and models can be moved together
    store.change(threads=2)
    values = json.loads(file.read_bytes())["values"]
    assert (values["model_folder"], values["model"]) == (written, f"file:{written}/own.gguf")
    # AND another folder is written as it was chosen
    store.change(model_folder=str(tmp_path / "other"))
    assert json.loads(file.read_bytes())["values"]["model_folder"] == str(tmp_path / "other")


def test_an_id_that_is_no_path_stays_as_it_is(file: Path) -> None:
    write(file, {"model": "smollm2-135m"})
    assert SettingsStore(file).current.model == "smollm2-135m"
    write(file, {"model": "file:"})
    assert SettingsStore(file).current.model == "file:"


def test_files_kept_aside_in_the_same_second_do_not_replace_each_other(file: Path) -> None:
    for content in (b"one", b"two", b"three"):
        file.write_bytes(content)
        SettingsStore(file)
    assert sorted(path.read_bytes() for path in file.parent.iterdir()) == [b"one", b"three", b"two"]


def test_a_file_that_cannot_be_opened_is_not_written_over(file: Path) -> None:
    file.mkdir()
    (file / "precious").write_text("x")
    store = SettingsStore(file)
    assert store.load_problem is not None
    assert store.load_problem.kept_aside is not None
    store.change(threads=2)
    assert (store.load_problem.kept_aside / "precious").read_text() == "x"


def test_values_out_of_range_go_back_to_their_default_and_are_named(file: Path) -> None:
    write(file, {"threads": 999, "theme": "dark", "n_ctx": "many", "temperature": 10**400, "gone": 1})
    store = SettingsStore(file)
    assert store.current == replace(Settings(), theme="dark")
    assert store.load_problem is not None
    assert store.load_problem.fault is FileFault.VALUES
    assert store.load_problem.keys == ("threads", "n_ctx", "temperature")
    detail = store.load_problem.as_error().detail
    assert 'threads: 999; n_ctx: "many"; temperature: 1000' in detail and str(file) in detail
    assert store.load_problem.as_error().remedy
    assert file.exists(), "a file that is fine but for some values stays where it is"


def test_a_value_that_cannot_be_used_stays_in_the_file_until_somebody_sees_to_it(file: Path) -> None:
    # GIVEN a slip of somebody who has edited the file
    write(file, {"threads": "two", "temperature": 9})
    # WHEN the program writes something else, and starts again
    SettingsStore(file).change(theme="dark")
    store = SettingsStore(file)
    # THEN the slip is still there to be corrected, and is said
    assert json.loads(file.read_bytes())["values"] == {"threads": "two", "temperature": 9, "theme": "dark"}
    assert store.load_problem is not None
    # AND once it is set, if only to its default, that is over
    store.change(threads=0)
    store.change(temperature=0.5)
    assert json.loads(file.read_bytes())["values"] == {"temperature": 0.5, "theme": "dark"}
    assert SettingsStore(file).load_problem is None


def test_not_a_number_from_json_is_refused(file: Path) -> None:
    file.write_text('{"version": 1, "values": {"temperature": NaN, "top_p": Infinity}}', encoding="utf-8")
    problem = SettingsStore(file).load_problem
    assert problem is not None
    assert problem.keys == ("temperature", "top_p")


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + b'{"version": 1, "values": {"threads": 2}}')
    assert SettingsStore(file).current.threads == 2


@pytest.mark.parametrize("value", ["auto", "huggingface", "hf-mirror", "modelscope"])
def test_every_mirror_can_be_chosen(file: Path, value: OptionValue) -> None:
    assert SettingsStore(file).change(mirror=value).mirror == value


def test_a_snapshot_cannot_be_changed() -> None:
    snapshot: Settings = Settings()
    with pytest.raises(AttributeError):
        snapshot.threads = 3  # type: ignore[misc]


# What somebody else writes into the file while it is in force


def test_what_is_written_by_hand_is_put_in_force_and_announced(file: Path) -> None:
    store = SettingsStore(file)
    heard: list[tuple[float, float]] = []
    store.subscribe(lambda old, new: heard.append((old.temperature, new.temperature)))
    assert store.look_again() is None
    write(file, {"temperature": 1.2, "of another version": 1})
    assert store.look_again() is None
    assert store.look_again() is None
    assert heard == [(0.7, 1.2)]
    # AND our own next write keeps what is not ours
    store.change(threads=3)
    assert json.loads(file.read_text())["values"] == {"temperature": 1.2, "threads": 3, "of another version": 1}


def test_a_write_of_ours_that_is_on_its_way_is_not_taken_back(file: Path) -> None:
    write(file, {"threads": 2})
    store, writes = SettingsStore(file), list[Callable[[], None]]()
    store.write_with(lambda _file, write: writes.append(write), lambda _error: None)
    store.change(threads=3)
    assert store.look_again() is None
    assert store.current.threads == 3
    writes.pop()()
    assert store.look_again() is None
    assert store.current.threads == 3
    # WHEN the disk is full THEN what is in force stays as well
    file.unlink()
    file.mkdir()
    (file / "in the way").touch()
    store.change(threads=4)
    writes.pop()()
    assert store.look_again() is None
    assert store.current.threads == 4


@pytest.mark.parametrize("content", [b"{", b"", b"\xff", b"[" * 100_000, b'{"version": 1}'])
def test_a_file_that_is_broken_by_hand_is_said_once_and_stays(file: Path, content: bytes) -> None:
    write(file, {"threads": 3})
    store = SettingsStore(file)
    file.write_bytes(content)
    problem = store.look_again()
    assert problem is not None and problem.title == "The file of the settings was changed and cannot be read."
    assert store.look_again() is None
    assert store.current.threads == 3
    assert file.read_bytes() == content
    # WHEN a setting is changed here THEN what was written by hand is kept aside
    store.change(threads=4)
    assert [aside.read_bytes() for aside in file.parent.glob("settings.*.json")] == [content]
    assert SettingsStore(file).current.threads == 4


def test_a_file_that_is_mended_after_a_fault_is_read_again(file: Path) -> None:
    store = SettingsStore(file)
    write(file, {"threads": 4000, "temperature": 0.9})
    problem = store.look_again()
    assert problem is not None and "threads: 4000" in problem.detail
    assert (store.current.temperature, store.current.threads) == (0.9, Settings().threads)
    write(file, {"threads": 3})
    assert store.look_again() is None
    assert store.current == replace(Settings(), threads=3)


def test_a_file_that_a_newer_catnap_writes_changes_nothing(file: Path) -> None:
    store = SettingsStore(file)
    store.change(threads=3)
    write(file, {"threads": 5}, version=99)
    assert store.look_again() is not None
    assert store.current.threads == 3


@pytest.mark.parametrize(("values", "version"), [({"threads": 5}, 99), ({"threads": 4000}, 1)])
def test_what_was_wrong_at_the_start_is_not_said_to_be_changed_since(
    file: Path, values: dict[str, object], version: int
) -> None:
    # GIVEN a file of a newer Catnap, or with a value out of range, which is said at the start
    write(file, values, version=version)
    store = SettingsStore(file)
    assert store.load_problem is not None and store.is_file_faulty
    # WHEN it is looked at again THEN nothing has changed
    assert store.look_again() is None and store.is_file_faulty
    # AND once another is written in its place, or the value is set, nothing is wrong any more
    store.change(threads=3)
    assert store.look_again() is None and not store.is_file_faulty


def test_a_file_that_goes_changes_nothing(file: Path) -> None:
    store = SettingsStore(file)
    store.change(threads=3)
    file.unlink()
    assert store.look_again() is None
    assert store.current.threads == 3
