"""``catnap models`` as a process, against a server on loopback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import PROMPT, catnap, interrupt, start, write_catalog
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S, wait_for


@pytest.fixture
def server(tmp_path: Path, parrot_model: Path) -> Iterator[FaultServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    shutil.copy(parrot_model, folder / "parrot.gguf")
    with serve(folder) as running:
        yield running


@pytest.fixture
def common(tmp_path: Path, server: FaultServer, parrot_model: Path) -> list[str]:
    """Arguments of every run: an empty data folder, a catalogue with the parrot on the server."""
    catalog = write_catalog(tmp_path / "models.json", parrot_model, server.url)
    return ["--data-dir", str(tmp_path / "data"), "--catalog", str(catalog)]


def test_download_list_ask_verify_remove(common: list[str], tmp_path: Path, parrot_model: Path) -> None:
    file = tmp_path / "data" / "models" / "parrot.gguf"
    before = catnap("models", "list", *common)
    downloaded = catnap("models", "download", "parrot", *common)

    assert (before.code, before.out.count("\n"), "installed" in before.out) == (0, 1, False)
    assert (downloaded.code, downloaded.err) == (0, "")
    assert str(file) in downloaded.out
    assert file.read_bytes() == parrot_model.read_bytes()
    assert "[installed" in catnap("models", "list", *common).out
    assert catnap("ask", "hello", *common).out == PARROT_TEXT + "\n"
    assert catnap("models", "verify", *common).out == "parrot: intact\n"

    removed = catnap("models", "remove", "parrot", *common)

    assert (removed.code, removed.out) == (0, "parrot is removed\n")
    assert not file.exists()
    assert "installed" not in catnap("models", "list", *common).out


def test_json_of_every_action(common: list[str], tmp_path: Path, parrot_model: Path) -> None:
    path = tmp_path / "data" / "models" / "parrot.gguf"
    size = parrot_model.stat().st_size

    assert catnap("models", "download", "parrot", "--json", *common).json == {
        "id": "parrot", "path": str(path), "size": size,
    }  # fmt: skip
    listed = catnap("models", "list", "--json", *common).json
    assert listed["folder"] == str(path.parent)
    (row,) = listed["models"]
    assert (row["id"], row["installed"], row["path"], row["size"]) == ("parrot", True, str(path), size)
    assert (row["downloaded_bytes"], row["licence"], row["recommended"]) == (0, "MIT", True)
    assert catnap("models", "verify", "parrot", "--json", *common).json == {
        "models": [{"id": "parrot", "intact": True}]
    }
    imported = catnap("models", "import", str(parrot_model), "--json", *common).json
    assert imported == {"id": f"file:{parrot_model}", "name": "parrot", "path": str(parrot_model), "size": size}
    forgotten = catnap("models", "remove", imported["id"], "--json", *common).json
    assert forgotten == {"id": imported["id"], "freed_bytes": 0}
    assert parrot_model.exists()
    assert catnap("models", "remove", "parrot", "--json", *common).json == {"id": "parrot", "freed_bytes": size}


def test_a_model_that_is_there_is_not_downloaded_again(common: list[str], server: FaultServer) -> None:
    catnap("models", "download", "parrot", *common)
    asked = len(server.requests)

    assert catnap("models", "download", "parrot", *common).code == 0
    assert len(server.requests) == asked


def test_interrupted_download_goes_on_where_it_stopped(
    common: list[str], server: FaultServer, tmp_path: Path, parrot_model: Path
) -> None:
    # GIVEN a connection that stalls in the middle, however long that takes
    server.script("/parrot.gguf", Fault(stall_after=100_000))
    server.always("/parrot.gguf", Fault(stall_before=True))
    part = tmp_path / "data" / "models" / "parrot.gguf.part"
    process = start(["models", "download", "parrot", *common], PROMPT)
    wait_for("the first bytes", lambda: part.exists() and part.stat().st_size >= 100_000)

    # WHEN Ctrl+C is pressed
    code, out, err = interrupt(process)

    # THEN it ends at once, the bytes are kept, and the next run asks for the rest only
    assert (code, out) == (130, b"")
    assert b"100 kB are kept" in err
    assert b"Traceback" not in err
    listed = catnap("models", "list", "--json", *common).json["models"][0]
    assert (listed["installed"], listed["downloaded_bytes"]) == (False, 100_000)
    server.always("/parrot.gguf", Fault())
    assert catnap("models", "download", "parrot", *common).code == 0
    assert server.requests[-1].range == "bytes=100000-"
    assert (tmp_path / "data" / "models" / "parrot.gguf").read_bytes() == parrot_model.read_bytes()


def test_an_unfinished_download_can_be_removed(common: list[str], server: FaultServer, tmp_path: Path) -> None:
    server.script("/parrot.gguf", Fault(stall_after=50_000))
    server.always("/parrot.gguf", Fault(stall_before=True))
    part = tmp_path / "data" / "models" / "parrot.gguf.part"
    process = start(["models", "download", "parrot", *common], PROMPT)
    wait_for("the first bytes", lambda: part.exists() and part.stat().st_size >= 50_000)
    interrupt(process)

    assert catnap("models", "remove", "parrot", *common).code == 0
    assert not part.exists()


def test_progress_bar_on_a_terminal(common: list[str]) -> None:
    master, terminal = os.openpty()
    try:
        process = start(["models", "download", "parrot", *common], PROMPT, stderr=terminal)
        os.close(terminal)  # so that reading ends when the program does
        seen = b""
        while b"%" not in seen or b"B/s" not in seen:
            seen += os.read(master, 1024)
        out, _ = process.communicate(timeout=PATIENCE_S)
    finally:
        os.close(master)

    assert process.returncode == 0
    assert b"[#" in seen
    assert b"is installed" in out


def test_wrong_bytes_are_never_installed(common: list[str], server: FaultServer, tmp_path: Path) -> None:
    server.always("/parrot.gguf", Fault(flip=5000))

    done = catnap("models", "download", "parrot", *common)

    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert not (tmp_path / "data" / "models" / "parrot.gguf").exists()
    assert "installed" not in catnap("models", "list", *common).out


def test_verify_finds_a_damaged_file(common: list[str], tmp_path: Path) -> None:
    catnap("models", "download", "parrot", *common)
    file = tmp_path / "data" / "models" / "parrot.gguf"
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)

    done = catnap("models", "verify", "parrot", *common)

    assert (done.code, done.out) == (1, "parrot: damaged\n")
    assert "download them again" in done.err
    assert "installed" not in catnap("models", "list", *common).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["download", "nonsense"], "no such model"),
        (["verify", "parrot"], "not installed"),
        (["remove", "parrot"], "not installed"),
        (["remove", "nonsense"], "not installed"),
        (["import", "/no/such/file.gguf"], "/no/such/file.gguf"),
        (["import", "~nobody-of-this-name/file.gguf"], "~nobody-of-this-name/file.gguf"),
        (["import", __file__], "GGUF"),
    ],
)
def test_errors_are_one_sentence(common: list[str], arguments: list[str], said: str) -> None:
    done = catnap("models", *arguments, *common)

    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert done.err.startswith("catnap: ")
    assert done.err.count("\n") == 1


def test_a_broken_catalogue_is_said_and_imported_models_still_answer(tmp_path: Path, parrot_model: Path) -> None:
    broken = tmp_path / "models.json"
    broken.write_text('{"version": 1}')
    arguments = ["--data-dir", str(tmp_path / "data"), "--catalog", str(broken)]

    listed = catnap("models", "list", *arguments)
    asked = catnap("ask", "hello", "--model", str(parrot_model), *arguments)

    assert (listed.code, listed.out) == (1, "")
    assert str(broken) in listed.err
    assert (asked.code, asked.out) == (0, PARROT_TEXT + "\n")
    assert str(broken) in asked.err


def test_nothing_installed_is_nothing_to_verify(common: list[str]) -> None:
    done = catnap("models", "verify", *common)

    assert (done.code, done.out) == (0, "No model is installed.\n")


def test_places_may_stand_in_front_of_the_verb(common: list[str], tmp_path: Path) -> None:
    done = catnap(*common, "models", "list", "--json")

    assert done.json["folder"] == str(tmp_path / "data" / "models")
