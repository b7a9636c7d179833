"""Chat templates for files that bring none, or one that does not work; written after the documented formats."""

from __future__ import annotations

# The format of Qwen, SmolLM, LFM2 and many others:
# https://github.com/openai/openai-python/blob/release-v0.28.0/chatml.md
CHATML = """\
{% for message in messages %}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}
<|im_start|>assistant
{% endif %}"""

# https://www.llama.com/docs/model-cards-and-prompt-formats/meta-llama-3/
LLAMA3 = """\
{{ bos_token }}
{%- for message in messages %}
<|start_header_id|>{{ message.role }}<|end_header_id|>

{{ message.content | trim }}<|eot_id|>
{%- endfor %}
{%- if add_generation_prompt %}
<|start_header_id|>assistant<|end_header_id|>

{% endif %}"""

# https://ai.google.dev/gemma/docs/core/prompt-structure: no system role, the model's own role is called "model".
GEMMA = """\
{{ bos_token }}
{%- for message in messages %}
{%- if message.role == "system" %}{{ raise_exception("no system role") }}{% endif %}
<start_of_turn>{{ "model" if message.role == "assistant" else "user" }}
{{ message.content | trim }}<end_of_turn>
{% endfor %}
{%- if add_generation_prompt %}
<start_of_turn>model
{% endif %}"""

# https://huggingface.co/microsoft/Phi-3.5-mini-instruct#chat-format
PHI3 = """\
{% for message in messages %}
<|{{ message.role }}|>
{{ message.content }}<|end|>
{% endfor %}
{%- if add_generation_prompt %}
<|assistant|>
{% endif %}"""


def fallback_template(architecture: str, bos: str) -> tuple[str, str]:
    """Returns the name and the text of the template that most models of an architecture understand.

    Args:
        architecture: ``general.architecture`` of the file.
        bos: Text of the beginning-of-text token: "llama" stands for many families, this one tells Llama 3.
    """
    if architecture.startswith("gemma"):
        return "gemma", GEMMA
    if architecture == "phi3":
        return "phi3", PHI3
    if architecture == "llama" and bos == "<|begin_of_text|>":
        return "llama3", LLAMA3
    return "chatml", CHATML
