"""Numbers and words that make no sense where they are put: for :mod:`tests.torture.mutations`."""

from __future__ import annotations

from typing import Final

NUMBERS: Final = (
    *(0, 1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 511, 512, 513, 1023, 4096, 65535, 65536),
    *(100_000, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, -1, -2, -128, 1 << 40, (1 << 63) - 1, 1 << 63),
)
FLOATS: Final = (0.0, -0.0, 1.0, -1.0, 1e-45, 1e-30, 1e30, 3.4e38, float("inf"), -float("inf"), float("nan"), 1e308)
LENGTHS: Final = (0, 1, 7, 255, 65536, 1 << 20, (1 << 31) - 1, 1 << 31, 1 << 32, 1 << 40, 1 << 62, 1 << 63, -1, -8)
ARCHITECTURES: Final = (
    *("llama", "qwen2", "qwen3", "gemma3", "gemma2", "phi3", "lfm2", "mamba", "mamba2", "rwkv6", "rwkv7", "bert", "t5"),
    *("t5encoder", "gpt2", "gptneox", "falcon", "mpt", "bloom", "starcoder2", "deepseek2", "qwen2moe", "qwen3moe"),
    *(
        "qwen2vl",
        "granite",
        "granitehybrid",
        "jamba",
        "olmoe",
        "nomic-bert",
        "jina-bert-v2",
        "wavtokenizer-dec",
        "dream",
    ),
    *("llada", "clip", "gpt-oss", "smollm3", "minicpm", "minicpm3", "command-r", "dbrx", "grok", "plamo2", "arctic"),
    *("chatglm", "exaone4", "falcon-h1", "nemotron_h", "bitnet", "cohere2", "deci", "qwen3next", "openelm", "", "?"),
)
TOKENIZERS: Final = ("no_vocab", "llama", "bert", "gpt2", "t5", "rwkv", "plamo2", "none", "", "replit", "\x00")
PRE: Final = (
    *(
        "default",
        "llama-bpe",
        "deepseek-llm",
        "deepseek-coder",
        "falcon",
        "mpt",
        "starcoder",
        "gpt-2",
        "qwen2",
        "smollm",
    ),
    *("chatglm-bpe", "viking", "tekken", "superbpe", "gpt-4o", "kimi-k2", "hunyuan", "bailingmoe", "nobody-knows", ""),
)
SPECIAL: Final = (
    *("bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "cls", "mask", "fim_pre", "fim_suf", "fim_mid"),
    *("fim_pad", "fim_rep", "fim_sep", "prefix", "suffix", "middle"),
)
# Keys of an architecture that llama.cpp reads (llama-arch.cpp), and what kind of number each is.
NUMBER_KEYS: Final = (
    *("block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count", "vocab_size"),
    *("attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count"),
    *(
        "expert_count",
        "expert_used_count",
        "expert_shared_count",
        "expert_feed_forward_length",
        "leading_dense_block_count",
    ),
    *("attention.sliding_window", "pooling_type", "features_length", "nextn_predict_layers", "expert_gating_func"),
    *("rope.scaling.original_context_length", "embedding_length_per_layer_input", "attention.shared_kv_layers"),
    *(
        "ssm.conv_kernel",
        "ssm.inner_size",
        "ssm.state_size",
        "ssm.time_step_rank",
        "ssm.group_count",
        "shortconv.l_cache",
    ),
    *(
        "wkv.head_size",
        "posnet.block_count",
        "decoder_start_token_id",
        "full_attention_interval",
        "classifier.output_labels",
    ),
    *("attention.layer_indices", "interleave_moe_layer_step", "moe_every_n_layers", "attention.indexer.head_count"),
)
FLOAT_KEYS: Final = (
    *("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon", "rope.freq_base", "rope.scaling.factor"),
    *("rope.scaling.attn_factor", "attn_logit_softcapping", "final_logit_softcapping", "logit_scale", "residual_scale"),
    *("embedding_scale", "attention.scale", "attention.max_alibi_bias", "attention.clamp_kqv", "expert_weights_scale"),
    *("rope.scaling.yarn_ext_factor", "rope.scaling.yarn_log_multiplier", "swin_norm", "rope.freq_base_swa"),
)
BOOL_KEYS: Final = ("use_parallel_residual", "attention.causal", "expert_weights_norm", "rope.scaling.finetuned")
JUNK: Final = (b"", b"\x00", b"\xff\xfe\xfa", b"\xed\xa0\x80", b"a" * 70_000, "\U0010ffff\u202e\u0085".encode())
