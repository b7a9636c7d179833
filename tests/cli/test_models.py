"""``catnap models`` as a process, against a server on loopback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.machine.cpu import read_features
from tests.support.command_line import PROMPT, catnap, interrupt, start, write_catalog
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.gguf_files import with_number
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
    assert imported == {
        "id": f"file:{parrot_model}", "name": "parrot", "kind": "chat", "path": str(parrot_model), "size": size,
        "verdict": "works", "problem": None,
    }  # fmt: skip
    forgotten = catnap("models", "remove", imported["id"], "--json", *common).json
    assert forgotten == {"id": imported["id"], "freed_bytes": 0}
    assert parrot_model.exists()
    assert catnap("models", "remove", "parrot", "--json", *common).json == {"id": "parrot", "freed_bytes": size}


def test_another_file_of_a_model_is_listed_where_the_processor_computes_it_faster(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path / "data")]
    rows = {row["id"]: row for row in catnap("models", "list", "--json", *data).json["models"]}
    said = [line for line in catnap("models", "list", *data).out.splitlines() if line.startswith("qwen2.5-0.5b-q4_0")]
    if "avx" in read_features():
        assert (rows["qwen2.5-0.5b-q4_0"]["variant_of"], rows["qwen2.5-0.5b-q4_0"]["best_for"]) == (
            "qwen2.5-0.5b",
            ["avx"],
        )
        assert len(said) == 1
        assert "same model as qwen2.5-0.5b, quality not compared; quicker on processors with AVX" in said[0]
    else:
        assert "qwen2.5-0.5b-q4_0" not in rows
        assert not said
    assert rows["qwen2.5-0.5b"]["variant_of"] is None


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
    assert str(broken) in listed.err and "--catalog" in listed.err  # and not that Catnap is to be installed again
    assert (asked.code, asked.out) == (0, PARROT_TEXT + "\n")
    assert str(broken) in asked.err


def test_nothing_installed_is_nothing_to_verify(common: list[str]) -> None:
    done = catnap("models", "verify", *common)

    assert (done.code, done.out) == (0, "No model is installed.\n")


def test_places_may_stand_in_front_of_the_verb(common: list[str], tmp_path: Path) -> None:
    done = catnap(*common, "models", "list", "--json")

    assert done.json["folder"] == str(tmp_path / "data" / "models")


# Own files


def test_an_own_file_that_brings_the_engine_down_is_listed_and_that_is_said(
    common: list[str], tmp_path: Path, parrot_model: Path
) -> None:
    # GIVEN a model that no version of llama.cpp survives
    path = with_number(parrot_model, tmp_path / "broken.gguf", "qwen2.block_count", 0)

    # WHEN it is imported
    imported = catnap("models", "import", str(path), *common)

    # THEN what happened is said, and it is listed as what it is
    assert imported.code == 1
    assert imported.out == f"broken is listed: file:{path}\n"
    assert "brought the engine down" in imported.err and "broken.gguf" in imported.err
    assert "does not work" in catnap("models", "list", *common).out
    as_json = catnap("models", "import", str(path), "--json", *common)
    assert (as_json.code, as_json.json["verdict"]) == (1, "died")
    assert "GGML_ASSERT" in as_json.json["problem"]


def test_an_own_file_that_works_is_said_to(common: list[str], parrot_model: Path) -> None:
    imported = catnap("models", "import", str(parrot_model), *common)
    assert (imported.code, imported.err) == (0, "")
    assert imported.out == f"parrot can be used from where it lies: --model file:{parrot_model}\n"


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_pipe_is_no_model(common: list[str], tmp_path: Path) -> None:
    path = tmp_path / "pipe.gguf"
    os.mkfifo(path)
    imported = catnap("models", "import", str(path), *common)
    assert (imported.code, imported.out) == (1, "")
    assert "not a file" in imported.err and str(path) in imported.err


# A trial that never ends, and says when it begins.
_ENDLESS = """
import sys, threading
import desktop.lifecycle.trial
def endless(config, given_up):
    print("trying", file=sys.stderr, flush=True)
    threading.Event().wait()
desktop.lifecycle.trial.TrialPlanner.__init__.__defaults__ = (endless,)
"""


def test_an_interrupted_import_forgets_the_file(common: list[str], parrot_model: Path) -> None:
    process = start(["models", "import", str(parrot_model), *common], _ENDLESS)
    assert process.stderr is not None
    assert process.stderr.readline() == b"trying\n"
    code, out, err = interrupt(process)
    assert (code, out) == (130, b"")
    assert b"Traceback" not in err
    assert "file:" not in catnap("models", "list", *common).out
