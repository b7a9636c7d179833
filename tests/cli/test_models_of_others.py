"""``catnap models`` with models from Hugging Face and files of one's own, against a hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import catnap, write_catalog
from tests.support.fault_server import Fault
from tests.support.gguf_files import write_gguf
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.split_models import split_model
from tests.support.tiny_bert import make_tiny_bert

REPO = "owner/Parrot-GGUF"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with serve_hub(tmp_path / "hub") as running:
        yield running


@pytest.fixture
def common(tmp_path: Path, hub: FakeHub, parrot_model: Path) -> list[str]:
    data = tmp_path / "data"
    data.mkdir()
    settings = {"version": 1, "values": {"mirror": "own", "own_host": hub.url}}
    (data / "settings.json").write_text(json.dumps(settings))
    return ["--data-dir", str(data), "--catalog", str(write_catalog(tmp_path / "models.json", parrot_model, hub.url))]


def test_a_model_is_added_tried_asked_renamed_and_removed(common: list[str], hub: FakeHub, parrot_model: Path) -> None:
    # GIVEN a repository with a model in three files and a projector
    parts = split_model(parrot_model, hub.server.folder / "source", prefix="Parrot-Instruct-Q8_0")
    hub.publish(REPO, {**{part.name: part.read_bytes() for part in parts}, "mmproj-F16.gguf": b"GGUF" + bytes(100)})

    # WHEN it is added by its link THEN it is one model, which answers
    added = catnap("models", "add", f"https://huggingface.co/{REPO}", *common)
    model_id = f"hf:{REPO}/{parts[0].name}"
    assert (added.code, added.out) == (0, f"Parrot-Instruct-Q8_0 is installed: --model {model_id}\n")
    assert "F16" not in added.err
    assert catnap("ask", "hello", "--model", model_id, *common).out == PARROT_TEXT + "\n"
    (row,) = [row for row in catnap("models", "list", "--json", *common).json["models"] if row["id"] == model_id]
    assert (row["installed"], row["kind"], row["size"]) == (True, "chat", sum(part.stat().st_size for part in parts))

    # WHEN it is renamed THEN it is shown so
    assert catnap("models", "rename", model_id, "Polly", "--languages", "en,zh", *common).code == 0
    assert "Polly  [installed" in catnap("models", "list", *common).out

    # AND it can be named so, and what it speaks is told
    assert catnap("ask", "hello", "--model", "polly", *common).out == PARROT_TEXT + "\n"
    assert "languages      en, zh\n" in catnap("models", "info", "Polly", *common).out
    assert catnap("models", "verify", "  polly\n", *common).out == f"{model_id}: intact\n"
    # AND what is no language is not dropped without a word
    refused = catnap("models", "rename", "Polly", "Polly", "--languages", "en,Klingonese", *common)
    assert (refused.code, refused.out) == (1, "") and "Klingonese" in refused.err

    # WHEN it is removed THEN all its files go
    assert catnap("models", "remove", "Polly", *common).code == 0
    assert "Polly" not in catnap("models", "list", *common).out


def test_a_name_that_two_models_have_names_none(tmp_path: Path, common: list[str], parrot_model: Path) -> None:
    del parrot_model
    for name in ("one", "two"):
        assert catnap("models", "import", str(make_parrot(tmp_path / f"{name}.gguf")), *common).code == 0
        assert catnap("models", "rename", f"file:{tmp_path / f'{name}.gguf'}", "Twin", *common).code == 0
    for words in (("ask", "hello", "--model", "Twin"), ("models", "info", "Twin"), ("models", "remove", "Twin")):
        refused = catnap(*words, *common)
        assert (refused.code, refused.out) == (1, "")
        assert "Several models are called so." in refused.err and f"file:{tmp_path / 'two.gguf'}" in refused.err


def test_an_embedding_model_is_added_for_finding_by_meaning_and_no_chat_takes_it(
    common: list[str], hub: FakeHub, tmp_path: Path
) -> None:
    content = make_tiny_bert(tmp_path / "source.gguf").read_bytes()
    hub.publish("owner/tiny-embed-GGUF", {"tiny-embed-Q8_0.gguf": content}, pipeline_tag="feature-extraction")
    added = catnap("models", "add", "owner/tiny-embed-GGUF", *common)
    name = "hf:owner/tiny-embed-GGUF/tiny-embed-Q8_0.gguf"
    assert added.code == 0 and f"for finding by meaning: catnap libraries meaning {name}" in added.out, added.err
    assert "for finding by meaning, not for chats" in catnap("models", "list", *common).out
    # WHEN somebody asks it THEN it is said what it is
    refused = catnap("ask", "hello", "--model", name, *common)
    assert (refused.code, refused.out) == (1, "") and "embedding model" in refused.err
    # WHEN it shall find by meaning THEN its name is enough
    chosen = catnap("libraries", "meaning", name, *common[:2])
    assert chosen.code == 0 and "tiny-embed-Q8_0.gguf  0 of 0 passages read" in chosen.out, chosen.err
    assert "finds by meaning" in catnap("models", "list", *common).out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (f"{REPO}:Q2_K", "does not have this file"),
        (f"{REPO}/mmproj-F16.gguf", "This is a projector"),
        ("nonsense", "no link to a model"),
        ("owner/other", "no such repository"),
    ],
)
def test_what_cannot_be_added_is_said(common: list[str], hub: FakeHub, asked: str, said: str) -> None:
    hub.publish(REPO, {"a-Q8_0.gguf": b"GGUF", "mmproj-F16.gguf": b"GGUF"})
    refused = catnap("models", "add", asked, *common)
    assert (refused.code, refused.out) == (1, "")
    assert said in refused.err and "Traceback" not in refused.err


def test_a_gated_repository_is_said(common: list[str], hub: FakeHub) -> None:
    hub.publish(REPO, {"a-Q8_0.gguf": b"GGUF"}, gated="manual")
    refused = catnap("models", "add", REPO, *common)
    assert refused.code == 1 and "have signed in" in refused.err
    hub.server.always(f"/api/models/{REPO}", Fault(status=429))
    assert "asked too often" in catnap("models", "add", REPO, *common).err


def test_what_is_this_file(common: list[str], tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "Some-1B-LoRA.gguf", kind="adapter", architecture="llama")
    told = catnap("models", "info", str(path), *common)
    assert told.code == 0
    assert "LoRA adapter" in told.out and "llama" in told.out
    assert catnap("models", "info", str(path), "--json", *common).json["kind"] == "adapter"


def test_a_base_model_answers_with_a_word_about_it(common: list[str], tmp_path: Path) -> None:
    path = make_parrot(tmp_path / "parrot-base.gguf")
    asked = catnap("ask", "hello", "--model", str(path), *common)
    assert asked.code == 0
    assert "it continues text" in asked.err
