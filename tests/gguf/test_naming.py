"""What a model is called."""

from __future__ import annotations

import pytest

from desktop.gguf.naming import is_same_model, name_for, plain_name, quantisation_of, stem


@pytest.mark.parametrize(
    ("inside", "file", "name"),
    [
        # The converter made it out of a folder's name; the file says what it is.
        ("Smollm2 135M 8k Lc100K Mix1 Ep2", "SmolLM2-135M-Instruct-Q4_K_M.gguf", "SmolLM2-135M-Instruct-Q4_K_M"),
        ("models", "Qwen3-0.6B-Q8_0.gguf", "Qwen3-0.6B-Q8_0"),
        ("/workspace/out", "mistral-7b.gguf", "mistral-7b"),
        # The same in better spelling, and two quantisations are told apart.
        ("Llama 3.2 1B Instruct", "Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Llama 3.2 1B Instruct Q4_K_M"),
        ("Gemma 3 1b It", "gemma-3-1b-it.BF16-00001-of-00002.gguf", "Gemma 3 1b It BF16"),
        ("parrot", "parrot.gguf", "parrot"),
        # Names that say nothing.
        ("My own", "model-q4_0.gguf", "My own"),
        ("TinyLlama", "ggml-model-f16.gguf", "TinyLlama"),
        ("", "Q4_K_M.gguf", "Q4_K_M"),
        ("", "\u202e\n.gguf", "?"),
    ],
)
def test_the_better_name(inside: str, file: str, name: str) -> None:
    assert name_for(inside, file) == name


def test_what_cannot_be_seen_or_turns_the_text_is_replaced() -> None:
    assert plain_name("a\u202eb\nc\x00d\u2066e\u2028f\ud800") == "a b c d e f"
    assert plain_name("通义千问 🐈") == "通义千问 🐈"
    assert len(plain_name("x" * 5000)) == 200


def test_stems_have_no_folder_ending_or_part() -> None:
    assert stem("Q4/x-00002-of-00003.gguf") == "x"
    assert stem("..\\x.GGUF") == "x"


@pytest.mark.parametrize(
    ("file", "quant"),
    [
        ("a-Q4_K_M.gguf", "Q4_K_M"),
        ("a.q8_0.gguf", "Q8_0"),
        ("a-UD-IQ2_XXS-00001-of-00002.gguf", "IQ2_XXS"),
        ("a-f16.gguf", "F16"),
        ("a-BF16.gguf", "BF16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("a.gguf", ""),
    ],
)
def test_quantisations_in_names(file: str, quant: str) -> None:
    assert quantisation_of(file) == quant


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_K_M.gguf", True),
        ("smollm2-135m-instruct-q8_0.gguf", "SmolLM2-135M-Instruct.Q4_K_M.gguf", True),
        ("SmolLM2-135M.Q4_K_M.gguf", "SmolLM2-135M-Instruct.Q4_K_M.gguf", False),
        ("SmolLM2-360M-Instruct.Q4_K_M.gguf", "SmolLM2-135M-Instruct.Q4_K_M.gguf", False),
        ("SmolLM2-135M-Instruct-pirate.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_K_M.gguf", False),
        ("model-q4_0.gguf", "ggml-model-q8_0.gguf", False),
    ],
)
def test_the_same_model_in_another_quantisation(one: str, another: str, same: bool) -> None:
    assert is_same_model(one, another) is same
    assert is_same_model(another, one) is same
