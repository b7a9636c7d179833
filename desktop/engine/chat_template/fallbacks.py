"""Chat templates for files that bring none, or one that does not work; written after the documented formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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


# A conversation as books and web pages have them, for a model whose vocabulary has no token that begins a turn: others
# would be letters to it. What a model continues then is the text of a helpful answer.
PLAIN = """\
{% for message in messages %}
{%- if message.role == "system" %}{{ message.content | trim }}

{% else %}{{ "Assistant" if message.role == "assistant" else "User" }}: {{ message.content | trim }}

{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}Assistant:{% endif %}"""

# Begins a turn in each of them, and ends the answer where a model writes it itself.
_MARKERS: Final = {
    "gemma": "<start_of_turn>",
    "phi3": "<|user|>",
    "llama3": "<|start_header_id|>",
    "chatml": "<|im_start|>",
}
_PLAIN_STOPS: Final = ("\nUser:", "\nHuman:", "\nAssistant:", "\nSystem:", "\nQuestion:", "\nQ:")


@dataclass(frozen=True)
class Fallback:
    """A template that takes the place of the file's.

    Attributes:
        name: For the log.
        source: Its text.
        stops: What the next turn begins with, where a model writes that as text.
    """

    name: str
    source: str
    stops: tuple[str, ...]


def fallback_template(architecture: str, bos: str, knows: Callable[[str], bool] = lambda _text: True) -> Fallback:
    """Returns the template that most models of an architecture understand.

    Args:
        architecture: ``general.architecture`` of the file.
        bos: Text of the beginning-of-text token: "llama" stands for many families, this one tells Llama 3.
        knows: Whether a text is one token of the vocabulary.
    """
    if architecture.startswith("gemma"):
        name, source = "gemma", GEMMA
    elif architecture == "phi3":
        name, source = "phi3", PHI3
    elif architecture == "llama" and bos == "<|begin_of_text|>":
        name, source = "llama3", LLAMA3
    else:
        name, source = "chatml", CHATML
    marker = _MARKERS[name]
    if not knows(marker):
        return Fallback("plain", PLAIN, _PLAIN_STOPS)
    return Fallback(name, source, (marker, *_PLAIN_STOPS))
