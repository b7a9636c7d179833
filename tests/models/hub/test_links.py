"""What people paste, and which repository is meant by it."""

from __future__ import annotations

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.hub.links import HubReference, parse_reference

REPO = "Qwen/Qwen2.5-0.5B-Instruct-GGUF"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (REPO, HubReference(REPO)),
        (f"  {REPO}\n", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}", HubReference(REPO)),
        (f"http://www.huggingface.co/{REPO}/", HubReference(REPO)),
        (f"huggingface.co/{REPO}", HubReference(REPO)),
        (f"https://hf.co/{REPO}?library=llama-cpp-python#files", HubReference(REPO)),
        (f"https://hf-mirror.com/{REPO}/tree/main", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}/blob/main/a.gguf", HubReference(REPO, "", "a.gguf")),
        (f"https://huggingface.co/{REPO}/resolve/main/a.gguf?download=true", HubReference(REPO, "", "a.gguf")),
        (
            f"https://huggingface.co/{REPO}/resolve/0123abc/sub/a%20b.gguf",
            HubReference(REPO, "0123abc", "sub/a b.gguf"),
        ),
        (f"https://huggingface.co/{REPO}/tree/refs%2Fpr%2F1", HubReference(REPO, "refs/pr/1")),
        (f"https://huggingface.co/{REPO}/tree/main/Q4_K_M", HubReference(REPO, "", "Q4_K_M")),
        (f"https://huggingface.co/{REPO}?show_file_info=a.gguf", HubReference(REPO, "", "a.gguf")),
        (f"https://huggingface.co/api/models/{REPO}", HubReference(REPO)),
        (f"https://modelscope.cn/models/{REPO}/files", HubReference(REPO)),
        (f"https://www.modelscope.cn/models/{REPO}/resolve/master/a.gguf", HubReference(REPO, "", "a.gguf")),
        (f"https://modelscope.cn/models/{REPO}/file/view/master/a.gguf", HubReference(REPO, "", "a.gguf")),
        (f"{REPO}:Q4_K_M", HubReference(REPO, quantisation="Q4_K_M")),
        (f"hf.co/{REPO}:q8_0", HubReference(REPO, quantisation="q8_0")),
        (f"hf://{REPO}", HubReference(REPO)),
        (f"hf:{REPO}", HubReference(REPO)),
        (f"{REPO}:a.gguf", HubReference(REPO, path="a.gguf")),
        (f"{REPO}/sub/a.gguf", HubReference(REPO, path="sub/a.gguf")),
        (f"ollama run hf.co/{REPO}:Q4_K_M", HubReference(REPO, quantisation="Q4_K_M")),
        (f"llama-cli -hf {REPO}", HubReference(REPO)),
        (f"“https://huggingface.co/{REPO}”。", HubReference(REPO)),
        (f"Look: <https://huggingface.co/{REPO}>, it is good", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}.git", HubReference(REPO)),
        (f"https://HUGGINGFACE.CO./{REPO}", HubReference(REPO)),
        (f"https://huggingface.co:443/{REPO}", HubReference(REPO)),
        (f"ollama pull hf.co/{REPO}:latest", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}/discussions/12", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}/settings", HubReference(REPO)),
        (f"{REPO}@main", HubReference(REPO)),
        (f"{REPO}@v1.0", HubReference(REPO, "v1.0")),
        (f"git clone git@hf.co:{REPO}.git", HubReference(REPO)),
        (f"ssh://git@hf.co/{REPO}", HubReference(REPO)),
        (f"<a href='https://huggingface.co/{REPO}'>the model</a>", HubReference(REPO)),
        (f"[the model](https://huggingface.co/{REPO})", HubReference(REPO)),
        (f"模型在【https://huggingface.co/{REPO}】", HubReference(REPO)),
        (f"看 （{REPO}）。", HubReference(REPO)),
        (f"Take https://huggingface.co/{REPO}.", HubReference(REPO)),
        (f"Did you see https://hf.co/{REPO}?!", HubReference(REPO)),
        ("https://models.example:8443/o/n/blob/main/a.gguf", HubReference("o/n", "", "a.gguf")),
    ],
)
def test_what_is_meant(text: str, found: HubReference) -> None:
    assert parse_reference(text, "https://models.example:8443") == found


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", "no link to a model"),
        ("hello", "no link to a model"),
        ("https://huggingface.co@evil.example/a/b", "no address of Hugging Face"),
        ("https://huggingface.co.evil.example/a/b", "no address of Hugging Face"),
        ("https://例子.测试/a/b", "no address of Hugging Face"),
        ("http://[::1/a/b", "no link to a model"),
        ("C:\\models\\a.gguf", "no link to a model"),
        ("a/b/../../c", None),
        ("../../etc/passwd", "no link to a model"),
        ("owner/..", "no link to a model"),
        ("https://huggingface.co/", "no link to a model"),
        ("https://huggingface.co/gpt2", "no link to a model"),
        ("https://huggingface.co/datasets/owner/name", "does not lead to a model"),
        ("https://huggingface.co/spaces/owner/name", "does not lead to a model"),
        ("https://example.com/owner/name", "no address of Hugging Face"),
        ("https://huggingface.co.evil.example/owner/name", "no address of Hugging Face"),
        ("https://user:secret@evil.example/owner/name", "no address of Hugging Face"),
        ("file:///etc/passwd", "no link to a model"),
        ("ftp://huggingface.co/owner/name", "no link to a model"),
        ("https://[::1/owner/name", "no link to a model"),
        ("оwner/name", "no link to a model"),  # a Cyrillic letter
        ("x" * 100_000, "no link to a model"),
        ("a\x00b/c", "no link to a model"),
        ("owner/na\u202eme", "no link to a model"),
    ],
)
def test_what_is_none(text: str, title: str | None) -> None:
    if title is None:
        assert parse_reference(text).repo == "a/b"
        return
    with pytest.raises(UserFacingError, match=title) as caught:
        parse_reference(text)
    assert caught.value.remedy
    assert len(caught.value.detail) < 200 and caught.value.detail.isprintable()
    assert "secret" not in str(caught.value)
