"""What a file is good for, by its header and at last by its name."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from desktop.gguf.header import GgufHeader, MetadataValue, read_beginning, read_header
from desktop.gguf.kind import ModelKind, cannot_chat, kind_by_name, kind_of
from tests.support.gguf_files import write_gguf


def header(
    architecture: str = "llama", name: str = "Some", template: bool = True, **values: MetadataValue
) -> GgufHeader:
    metadata: dict[str, MetadataValue] = {key.replace("__", "."): value for key, value in values.items()}
    if template:
        metadata["tokenizer.chat_template"] = "{{ messages }}"
    return GgufHeader(3, architecture, name, MappingProxyType(metadata), MappingProxyType({}), 0, (), 0, 0)


@pytest.mark.parametrize(
    ("given", "file", "kind"),
    [
        (header(), "x.gguf", ModelKind.CHAT),
        (header(template=False), "x.gguf", ModelKind.BASE),
        (header("qwen2"), "Qwen2.5-0.5B-Base-Q8_0.gguf", ModelKind.BASE),
        (header("gemma3", template=False), "gemma-3-1b-pt-Q8_0.gguf", ModelKind.BASE),
        # Old conversions of chat models have no template, and their names tell.
        (header(template=False), "llama-2-7b-chat.Q4_0.gguf", ModelKind.CHAT),
        (header(template=False, general__finetune="Instruct"), "x.gguf", ModelKind.CHAT),
        (header("bert", template=False), "x.gguf", ModelKind.EMBEDDING),
        (header("nomic-bert-moe", template=False), "x.gguf", ModelKind.EMBEDDING),
        (header("jina-bert-v3", template=False), "x.gguf", ModelKind.EMBEDDING),
        (header("gemma-embedding", template=False), "x.gguf", ModelKind.EMBEDDING),
        (header("qwen3", qwen3__pooling_type=3), "Qwen3-Embedding-0.6B.gguf", ModelKind.EMBEDDING),
        (header("qwen3", qwen3__pooling_type=4), "x.gguf", ModelKind.RERANKER),
        (header("qwen3", qwen3__pooling_type=0), "x.gguf", ModelKind.CHAT),
        (header("llama", llama__attention__causal=False), "x.gguf", ModelKind.EMBEDDING),
        (header("t5", template=False), "x.gguf", ModelKind.ENCODER),
        (header("t5encoder", template=False), "x.gguf", ModelKind.ENCODER),
        (header("dream"), "x.gguf", ModelKind.DIFFUSION),
        (header("eagle3", template=False), "x.gguf", ModelKind.DRAFT),
        (header("clip", template=False), "x.gguf", ModelKind.PROJECTOR),
        (header("qwen2", general__type="mmproj"), "x.gguf", ModelKind.PROJECTOR),
        (header("llama", general__type="adapter"), "x.gguf", ModelKind.ADAPTER),
        (header("llama", adapter__type="lora", template=False), "x.gguf", ModelKind.ADAPTER),
        (header("controlvector", template=False), "x.gguf", ModelKind.CONTROL_VECTOR),
        (header("", general__type="imatrix", template=False), "x.gguf", ModelKind.IMPORTANCE_MATRIX),
        (header("flux", template=False), "x.gguf", ModelKind.PICTURES),
        (header("wavtokenizer-dec", template=False), "x.gguf", ModelKind.SPEECH),
    ],
)
def test_what_a_file_is(given: GgufHeader, file: str, kind: ModelKind) -> None:
    assert kind_of(given, file) is kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf", ModelKind.CHAT),
        ("ggml-org/gemma-3-1b-it-GGUF/gemma-3-1b-it-Q4_K_M.gguf", ModelKind.CHAT),
        ("x/y/mmproj-model-f16.gguf", ModelKind.PROJECTOR),
        ("x/gemma-3-4b-it-GGUF/mmproj-F16.gguf", ModelKind.PROJECTOR),
        ("x/y/imatrix_unsloth.gguf", ModelKind.IMPORTANCE_MATRIX),
        ("x/y/some-lora-f16.gguf", ModelKind.ADAPTER),
        ("x/Qwen3-Embedding-0.6B-GGUF/q8_0.gguf", ModelKind.EMBEDDING),
        ("CompendiumLabs/bge-small-zh-v1.5-gguf/bge-small-zh-v1.5-q4_k_m.gguf", ModelKind.EMBEDDING),
        ("x/bge-reranker-v2-m3-GGUF/q8_0.gguf", ModelKind.RERANKER),
        ("x/deepseek-coder-1.3b-base-GGUF/q8_0.gguf", ModelKind.BASE),
        ("x/flan-t5-small/q8_0.gguf", ModelKind.ENCODER),
        ("x/Explorer-1B/explorer-1b.gguf", None),
        ("Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf", None),
    ],
)
def test_names_are_the_last_evidence(path: str, kind: ModelKind | None) -> None:
    assert kind_by_name(path) is kind


def test_every_kind_that_cannot_chat_has_a_sentence_with_a_remedy() -> None:
    for kind in ModelKind:
        if not kind.can_chat:
            problem = cannot_chat(kind, "/x.gguf")
            assert problem.title and problem.remedy and "/x.gguf" in problem.detail


def test_the_beginning_of_a_file_says_what_it_has_said_so_far(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "x.gguf", architecture="qwen2")
    whole, data = read_header(path), path.read_bytes()
    beginning, is_whole = read_beginning(data[:400], len(data), path)
    assert not is_whole
    assert (beginning.architecture, beginning.n_layers, beginning.chat_template) == ("qwen2", 2, None)
    everything, is_whole = read_beginning(data[: whole.data_offset], len(data), path)
    assert is_whole
    assert everything.metadata == whole.metadata
    assert everything.file_size == len(data)
