"""Repositories as they are on the hub: what their files are told to be, and which one is proposed.

Names, tags and what the hub tells of the headers are those of the repositories named; sizes and hashes are made up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.kind import ModelKind
from desktop.models.download.mirrors import HubHost
from desktop.models.hub.client import HubClient
from desktop.models.hub.links import HubReference
from desktop.models.hub.listing import HubRepo
from desktop.models.hub.places import check_addable, spec_for
from desktop.models.types import MirrorKind
from tests.support.downloads import FAST
from tests.support.hub_server import FakeHub, serve_hub

CHAT, BASE, COMPARES = ModelKind.CHAT, ModelKind.BASE, ModelKind.EMBEDDING
RERANKS, PROJECTS = ModelKind.RERANKER, ModelKind.PROJECTOR


class Listing(NamedTuple):
    """A repository.

    Attributes:
        files: What each of its files is.
        proposed: The file that is proposed where none was named.
        task: ``pipeline_tag``.
        told: ``gguf``: what the hub has read of a header.
    """

    repo: str
    files: Mapping[str, ModelKind | None]
    proposed: str
    task: str = ""
    told: Mapping[str, Any] | None = None


def told(architecture: str, template: str = "") -> dict[str, Any]:
    return {"total": 600_000_000, "architecture": architecture, "context_length": 32768, "chat_template": template}


TEMPLATE = "{%- for message in messages %}{{ message.content }}{%- endfor %}"
LISTINGS = (
    Listing(
        "Qwen/Qwen3-Embedding-0.6B-GGUF",
        {"Qwen3-Embedding-0.6B-Q8_0.gguf": COMPARES, "Qwen3-Embedding-0.6B-f16.gguf": COMPARES},
        "Qwen3-Embedding-0.6B-Q8_0.gguf", "feature-extraction", told("qwen3", TEMPLATE),
    ),
    Listing(
        "nomic-ai/nomic-embed-text-v1.5-GGUF",
        {
            f"nomic-embed-text-v1.5.{quant}.gguf": COMPARES
            for quant in ("Q2_K", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "f16", "f32")
        },
        "nomic-embed-text-v1.5.Q8_0.gguf", "sentence-similarity", told("nomic-bert"),
    ),
    Listing(
        "ggml-org/embeddinggemma-300M-GGUF", {"embeddinggemma-300M-Q8_0.gguf": COMPARES},
        "embeddinggemma-300M-Q8_0.gguf", "sentence-similarity", told("gemma-embedding"),
    ),
    Listing(
        "CompendiumLabs/bge-small-en-v1.5-gguf",
        {f"bge-small-en-v1.5-{quant}.gguf": COMPARES for quant in ("f16", "f32", "q4_k_m", "q8_0")},
        "bge-small-en-v1.5-q8_0.gguf", "", told("bert"),
    ),
    Listing(
        "gpustack/bge-m3-GGUF", {"bge-m3-Q4_K_M.gguf": COMPARES, "bge-m3-FP16.gguf": COMPARES}, "bge-m3-Q4_K_M.gguf"
    ),
    Listing(
        "gpustack/bge-reranker-v2-m3-GGUF", {"bge-reranker-v2-m3-Q8_0.gguf": RERANKS}, "bge-reranker-v2-m3-Q8_0.gguf",
        "text-classification", told("bert"),
    ),
    Listing(
        "mradermacher/LaBSE-GGUF", {"LaBSE.Q8_0.gguf": COMPARES, "LaBSE.f16.gguf": COMPARES}, "LaBSE.Q8_0.gguf",
        "", told("bert"),
    ),
    # Nothing in the name says what it is, and nobody has tagged it: the header does.
    Listing(
        "somebody/text2vec-large-chinese-GGUF", {"text2vec-large-chinese.Q8_0.gguf": COMPARES},
        "text2vec-large-chinese.Q8_0.gguf", "", told("bert"),
    ),
    Listing(
        "second-state/All-MiniLM-L6-v2-Embedding-GGUF",
        {"all-MiniLM-L6-v2-Q8_0.gguf": COMPARES, "all-MiniLM-L6-v2-ggml-model-f16.gguf": COMPARES},
        "all-MiniLM-L6-v2-Q8_0.gguf", "sentence-similarity",
    ),
    Listing(
        "ChristianAzinn/e5-large-v2-gguf", {"e5-large-v2.Q8_0.gguf": COMPARES, "e5-large-v2.Q6_K.gguf": COMPARES},
        "e5-large-v2.Q8_0.gguf",
    ),
    # Made of a model that chats, and "instruct" in its name: it compares texts.
    Listing(
        "mav23/gte-Qwen2-1.5B-instruct-GGUF", {"gte-qwen2-1.5b-instruct.Q8_0.gguf": COMPARES},
        "gte-qwen2-1.5b-instruct.Q8_0.gguf", "", told("qwen2", TEMPLATE),
    ),
    Listing(
        "nvidia/llama-embed-nemotron-8b-GGUF", {"llama-embed-nemotron-8b-Q8_0.gguf": COMPARES},
        "llama-embed-nemotron-8b-Q8_0.gguf", "", told("llama-embed"),
    ),
    # Names that have the letters of an embedding model in them, and chat.
    Listing(
        "AgentPublic/albert-light-8b-GGUF", {"albert-light-8b-Q4_K_M.gguf": CHAT}, "albert-light-8b-Q4_K_M.gguf",
        "text-generation", told("llama", TEMPLATE),
    ),
    Listing(
        "somebody/Embedded-Coder-1.5B-GGUF", {"embedded-coder-1.5b-Q4_K_M.gguf": CHAT},
        "embedded-coder-1.5b-Q4_K_M.gguf", "text-generation", told("qwen2", TEMPLATE),
    ),
    Listing(
        "somebody/Robert-7B-Chat-GGUF", {"robert-7b-chat.Q4_0.gguf": CHAT}, "robert-7b-chat.Q4_0.gguf", "", None,
    ),
    Listing(
        "unsloth/gemma-3-1b-pt-GGUF", {"gemma-3-1b-pt-Q4_K_M.gguf": BASE, "gemma-3-1b-pt-BF16.gguf": BASE},
        "gemma-3-1b-pt-Q4_K_M.gguf", "text-generation", told("gemma3"),
    ),
    Listing(
        "ggml-org/gemma-3-4b-it-GGUF",
        {"gemma-3-4b-it-Q4_K_M.gguf": CHAT, "gemma-3-4b-it-Q8_0.gguf": CHAT, "mmproj-model-f16.gguf": PROJECTS},
        "gemma-3-4b-it-Q4_K_M.gguf", "image-text-to-text", told("gemma3", TEMPLATE),
    ),
    # The hub has read the header of the projector, which does not hold for the model beside it.
    Listing(
        "ggml-org/SmolVLM-256M-Instruct-GGUF",
        {"SmolVLM-256M-Instruct-Q8_0.gguf": CHAT, "mmproj-SmolVLM-256M-Instruct-Q8_0.gguf": PROJECTS},
        "SmolVLM-256M-Instruct-Q8_0.gguf", "image-text-to-text", told("clip"),
    ),
    Listing(
        "ibm-granite/granite-4.0-h-350m-base-GGUF", {"granite-4.0-h-350m-base-Q4_K_M.gguf": BASE},
        "granite-4.0-h-350m-base-Q4_K_M.gguf", "text-generation", told("granitehybrid"),
    ),
    Listing(
        "unsloth/orpheus-3b-0.1-ft-GGUF", {"orpheus-3b-0.1-ft-Q4_K_M.gguf": ModelKind.SPEECH},
        "orpheus-3b-0.1-ft-Q4_K_M.gguf", "text-to-speech", told("llama"),
    ),
    Listing(
        "city96/FLUX.1-schnell-gguf", {"flux1-schnell-Q4_0.gguf": ModelKind.PICTURES}, "flux1-schnell-Q4_0.gguf",
        "text-to-image", told("flux"),
    ),
    Listing(
        "city96/t5-v1_1-xxl-encoder-gguf", {"t5-v1_1-xxl-encoder-Q8_0.gguf": ModelKind.ENCODER},
        "t5-v1_1-xxl-encoder-Q8_0.gguf", "", told("t5encoder"),
    ),
    Listing(
        "somebody/Story-Dream-7B", {"story-7b.Q4_0.gguf": ModelKind.DIFFUSION}, "story-7b.Q4_0.gguf", "", told("dream"),
    ),
)  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with serve_hub(tmp_path / "hub") as running:
        yield running


def look(hub: FakeHub, repo: str) -> HubRepo:
    hosts = (HubHost(hub.url, MirrorKind.HUGGING_FACE),)
    return asyncio.run(HubClient(lambda: hosts, FAST).look(HubReference(repo)))


@pytest.mark.parametrize("listing", LISTINGS, ids=[listing.repo for listing in LISTINGS])
def test_what_each_file_is_and_which_is_proposed(hub: FakeHub, listing: Listing) -> None:
    files = {name: name.encode() for name in (".gitattributes", "README.md", *listing.files)}
    more: dict[str, Any] = {
        "pipeline_tag": listing.task or None,
        "gguf": listing.told,
        "library_name": "gguf",
        "downloads": 10,
    }
    hub.publish(listing.repo, files, **{key: value for key, value in more.items() if value is not None})
    found = look(hub, listing.repo)
    assert {model.path: model.kind for model in found.models} == dict(listing.files)
    proposed = found.proposed(HubReference(listing.repo))
    assert proposed is not None and proposed.path == listing.proposed
    # What is of use here can be had, with the hash that the hub has published; of the rest it is said what it is.
    for model in found.models:
        if model.kind is None or model.kind.is_useful:
            check_addable(found, model)
            spec = spec_for(found, model, ())
            assert spec.kind is (model.kind or CHAT) and len(spec.sha256) == 64
        else:
            with pytest.raises(UserFacingError) as caught:
                check_addable(found, model)
            assert caught.value.title.startswith("This is a ") and caught.value.remedy


def test_a_part_of_an_embedding_model_is_no_model(hub: FakeHub) -> None:
    repo = "somebody/Qwen3-Embedding-8B-GGUF"
    parts = [f"Qwen3-Embedding-8B-F16-0000{number}-of-00002.gguf" for number in (1, 2)]
    hub.publish(repo, {parts[0]: b"one", parts[1]: b"two", "Qwen3-Embedding-8B-Q8_0-00001-of-00003.gguf": b"x"})
    whole, lacking = sorted(look(hub, repo).models, key=lambda model: not model.is_complete)
    assert [file.path for file in whole.files] == parts and whole.kind is COMPARES
    assert len(lacking.missing) == 2
    with pytest.raises(UserFacingError, match=r"[Pp]art"):
        check_addable(look(hub, repo), lacking)


def test_a_hash_with_the_name_of_its_kind_in_front_is_one(hub: FakeHub) -> None:
    # As KohakuHub, which answers as the hub does, has them.
    lfs = {"sha256": f"sha256:{'a' * 64}", "size": 9, "pointerSize": 134}
    hub.answer("/api/models/a/b", {"siblings": [{"rfilename": "x.gguf", "size": 9, "lfs": lfs}]})
    (model,) = look(hub, "a/b").models
    assert model.is_complete and model.files[0].sha256 == "a" * 64
