from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine import errors

PATH = Path("models", "cat.gguf")


@pytest.mark.parametrize(
    ("line", "title", "detail"),
    [
        (
            "llama_model_load: error loading model: unknown model architecture: 'mindreader'",
            "unknown to Catnap's engine",
            "mindreader.",
        ),
        (
            "llama_model_load: error loading model vocabulary: unknown pre-tokenizer type: 'new-bpe'",
            "unknown to Catnap's engine",
            "new-bpe.",
        ),
        (
            "gguf_init_from_file_impl: this GGUF file is version 9 but this software only supports up to version 3",
            "unknown to Catnap's engine",
            "version 9",
        ),
        (
            "llama_model_load: error loading model: unable to allocate CPU buffer",
            "not enough memory",
            "unable to allocate CPU buffer",
        ),
        (
            "llama_model_load: error loading model: mmap failed: Cannot allocate memory",
            "not enough memory",
            "mmap failed",
        ),
        (
            "llama_model_load: error loading model: tensor 'blk.0.attn_q.weight' data is not within the file bounds",
            "damaged or incomplete",
            "blk.0.attn_q.weight",
        ),
        ("gguf_init_from_file_impl: failed to read key-value pairs", "damaged or incomplete", "key-value pairs"),
    ],
)
def test_reasons_of_the_library_become_sentences(line: str, title: str, detail: str) -> None:
    error = errors.load_failure(PATH, ["something before: it", line, "llama_load: failed to load model"])

    assert title in error.title
    assert str(PATH) in error.detail and detail in error.detail
    assert error.remedy


def test_a_library_that_says_nothing() -> None:
    assert "damaged" in errors.load_failure(PATH, []).title
    assert str(PATH) in errors.load_failure(PATH, []).detail


def test_reasons_without_a_context() -> None:
    flash = errors.context_failure(PATH, ["llama_init_from_model: quantized V cache requires flash_attn to be enabled"])
    blocks = errors.context_failure(PATH, ["x: K cache type q8_0 with block size 32 does not divide n_embd_head_k=80"])
    memory = errors.context_failure(
        PATH, ["x: failed to initialize the context: failed to allocate buffer for kv cache"]
    )

    assert "precision" in flash.title and "precision" in blocks.title
    assert "memory" in memory.title
