"""models.json: the shipped file, and what the reader says about broken ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.common.errors import UserFacingError
from desktop.machine import cpu
from desktop.models.catalog import EMPTY_CATALOG, FEATURES, bundled_catalog_path, is_safe_url, load_catalog
from desktop.models.recommend import MemoryNeed, recommend
from desktop.models.types import Catalog, MirrorKind, Starters, Thinking

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT.parent / "shared" / "catalogue-facts.json"

ENTRY: dict[str, Any] = {
    "id": "small",
    "name": "Small",
    "summary_en": "For tests.",
    "summary_zh": "测试用。",
    "languages": ["en", "zh"],
    "licence": "MIT",
    "licence_must_be_shown": False,
    "repo": "owner/small-GGUF",
    "revision": "main",
    "file": "small.gguf",
    "size": 1000,
    "sha256": "0" * 64,
    "kv_bytes_per_token": 64,
    "context_trained": 512,
    "thinking": "no",
    "quality": 1,
    "mirrors": ["huggingface"],
}


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(bundled_catalog_path())


def _document() -> dict[str, Any]:
    return {"version": 1, "default": "small", "models": [json.loads(json.dumps(ENTRY))]}


def _load(tmp_path: Path, document: object) -> Catalog:
    path = tmp_path / "models.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return load_catalog(path)


def test_the_shipped_file_is_the_one_at_the_top(shipped: Catalog) -> None:
    assert bundled_catalog_path() == ROOT / "models.json"
    assert len(shipped.models) >= 14
    assert shipped.default_id == "qwen2.5-0.5b"


def test_shipped_entries_are_consistent(shipped: Catalog) -> None:
    for spec in shipped.models:
        assert re.fullmatch("[0-9a-f]{40}", spec.revision), f"{spec.id}: a branch can move, a commit cannot"
        assert spec.url is None
        assert {MirrorKind.HUGGING_FACE, MirrorKind.HF_MIRROR} <= set(spec.mirrors)
        assert (MirrorKind.MODELSCOPE in spec.mirrors) == spec.repo.startswith("Qwen/")
        assert re.search("[\u4e00-\u9fff]", spec.summary_zh), spec.id
        assert not re.search("[\u4e00-\u9fff]", spec.summary_en), spec.id
        assert len(spec.summary_en) <= 130
        for summary, ends in ((spec.summary_en, "."), (spec.summary_zh, "。")):
            assert summary.endswith(ends) and summary.count(ends + " ") == 0, f"{spec.id}: one sentence"
        assert spec.size > 50_000_000
        assert 1_000 <= spec.kv_bytes_per_token <= 400_000
        assert spec.context_trained >= 2048
        assert len(set(spec.sha256)) > 8
    assert len({spec.sha256 for spec in shipped.models}) == len(shipped.models)
    assert len({spec.quality for spec in shipped.models}) == len(shipped.models), "ties would be broken by chance"


def test_shipped_families(shipped: Catalog) -> None:
    wanted = "qwen2.5-0.5b qwen2.5-1.5b qwen2.5-3b qwen2.5-7b qwen2.5-coder-0.5b qwen3-0.6b qwen3-1.7b qwen3-4b "
    wanted += "qwen3.5-0.8b qwen3.5-2b qwen3.5-4b smollm2-135m smollm2-360m smollm3-3b gemma-3-270m gemma-3-1b "
    wanted += "llama-3.2-1b lfm2-350m lfm2.5-1.2b minicpm5-1b"
    for model_id in wanted.split():
        assert shipped.get(model_id), model_id
    for spec in shipped.models:
        if spec.id.startswith(("gemma", "llama", "lfm", "qwen2.5-3b")):
            assert spec.licence_must_be_shown, spec.id
        if spec.id.startswith(("qwen2.5", "gemma", "llama")):
            assert spec.thinking is Thinking.NO, spec.id


@pytest.mark.skipif(not FACTS.is_file(), reason="the facts lie outside the repository")
def test_shipped_entries_agree_with_the_facts(shipped: Catalog) -> None:
    facts = {(fact["repo"], fact["file"]): fact for fact in json.loads(FACTS.read_text(encoding="utf-8"))}
    for spec in shipped.models:
        fact = facts[spec.repo, spec.file]
        assert spec.sha256 == fact["sha256"], spec.id
        assert spec.size == fact["bytes"], spec.id
        assert spec.revision == fact["revision"], spec.id
        assert spec.context_trained == fact["context_trained"], spec.id
        assert (spec.thinking is Thinking.NO) == fact["thinking"].startswith("no"), spec.id
        # MiniCPM5 1B publishes its shape instead: 24 layers, K and V, 2 heads of 128 numbers, 2 bytes each.
        assert spec.kv_bytes_per_token == (fact["kv_bytes_per_token_f16"] or 24 * 2 * 2 * 128 * 2), spec.id


def test_a_sound_file(tmp_path: Path) -> None:
    catalog = _load(tmp_path, _document())
    assert catalog.get("small") == catalog.models[0]
    assert catalog.get("other") is None
    assert catalog.models[0].mirrors == (MirrorKind.HUGGING_FACE,)


def test_an_empty_list_is_sound(tmp_path: Path) -> None:
    assert _load(tmp_path, {"version": 1, "default": "", "models": []}) == EMPTY_CATALOG


VARIANT = ENTRY | {
    "id": "small-q4_0",
    "file": "small-q4_0.gguf",
    "sha256": "1" * 64,
    "variant_of": "small",
    "best_for": ["avx", "avx2"],
}


def test_a_variant_is_offered_where_it_is_best(tmp_path: Path) -> None:
    # GIVEN a model in two files, one of them for some processors
    document = _document()
    document["models"].append(VARIANT)
    catalog = _load(tmp_path, document)

    def offered(*features: str, installed: tuple[str, ...] = ()) -> list[str]:
        return [spec.id for spec in catalog.offered(features, installed).models]

    # THEN only those are offered it, and whoever has it already
    assert offered("avx", "avx2", "fma") == ["small", "small-q4_0"]
    assert offered("avx") == ["small"]
    assert offered() == ["small"]
    assert offered(installed=("small-q4_0",)) == ["small", "small-q4_0"]
    # AND it is never recommended, since nobody knows how well it answers
    assert recommend(catalog, lambda spec: MemoryNeed(spec.size, True)) == catalog.models[0]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"variant_of": "nobody"}, "models['small-q4_0'].variant_of"),
        ({"variant_of": "small-q4_0"}, "models['small-q4_0'].variant_of"),
        ({"variant_of": 7}, "models['small-q4_0'].variant_of"),
        ({"best_for": []}, "models['small-q4_0'].best_for"),
        ({"best_for": ["mmx"]}, "models['small-q4_0'].best_for[0]"),
        ({"best_for": "avx"}, "models['small-q4_0'].best_for"),
    ],
    ids=str,
)
def test_a_wrong_variant_is_named(tmp_path: Path, change: dict[str, object], where: str) -> None:
    document = _document()
    document["models"].append(VARIANT | change)
    with pytest.raises(UserFacingError, match=re.escape(f"{where} must be")):
        _load(tmp_path, document)


def test_what_is_no_variant_is_best_for_nobody_and_a_variant_no_default(tmp_path: Path) -> None:
    document = _document()
    document["models"][0]["best_for"] = ["avx"]
    with pytest.raises(UserFacingError, match="best_for must be left out"):
        _load(tmp_path, document)
    document = _document() | {"default": "small-q4_0"}
    document["models"].append(VARIANT)
    with pytest.raises(UserFacingError, match="default must be"):
        _load(tmp_path, document)


def test_every_feature_that_a_variant_may_ask_for_is_told_by_the_system() -> None:
    assert set(FEATURES) <= cpu._FEATURES
    assert set(FEATURES) <= {name for _, name in cpu._WINDOWS_FEATURES}


def test_plain_http_only_towards_this_machine(tmp_path: Path) -> None:
    document = _document()
    document["models"][0] |= {"url": "http://127.0.0.1:8000/small.gguf", "mirrors": []}
    assert _load(tmp_path, document).models[0].url == "http://127.0.0.1:8000/small.gguf"


WRONG: list[tuple[str, object]] = [
    ("id", "Has Blanks"),
    ("id", 5),
    ("name", "  "),
    ("name", None),
    ("summary_en", ""),
    ("summary_zh", 1),
    ("languages", "en"),
    ("languages", ["English"]),
    ("licence", []),
    ("licence_must_be_shown", "yes"),
    ("repo", "small-GGUF"),
    ("repo", "../etc/passwd"),
    ("revision", "a/b"),
    ("file", "../small.gguf"),
    ("file", "folder/small.gguf"),
    ("file", ".hidden.gguf"),
    ("file", "small.bin"),
    ("size", 0),
    ("size", -5),
    ("size", 1.5),
    ("size", True),
    ("size", 10**20),
    ("sha256", "0" * 63),
    ("sha256", "G" * 64),
    ("sha256", "A" * 64),
    ("kv_bytes_per_token", None),
    ("context_trained", 0),
    ("thinking", "maybe"),
    ("quality", 1001),
    ("mirrors", []),
    ("mirrors", ["github"]),
    ("mirrors", "huggingface"),
    ("url", "http://example.org/small.gguf"),
    ("url", "ftp://127.0.0.1/small.gguf"),
    ("url", "https://"),
    ("url", "https://[half/small.gguf"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_value_is_named(tmp_path: Path, field: str, value: object) -> None:
    document = _document()
    document["models"][0][field] = value
    with pytest.raises(UserFacingError) as caught:
        _load(tmp_path, document)
    assert caught.value.title == "The list of models is malformed."
    assert field in caught.value.detail
    assert str(tmp_path) in caught.value.detail


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a.gguf", True),
        ("https://例子.测试/a.gguf", True),
        ("https://[2001:db8::1]:8443/a.gguf?x=1", True),
        ("http://127.0.0.1:8000/a.gguf", True),
        ("http://example.org/a.gguf", False),
        ("https://anna:secret@example.org/a.gguf", False),
        ("https://anna@example.org/a.gguf", False),
        ("https://example.org/a.gguf\r\nHost: evil.example", False),
        ("https://example.org/a\tb", False),
        ("https://example.org/a b", False),
        ("https://example.org\\@evil.example/a", False),
        ("https://example.org/\u202egguf", False),
        ("https://example.org:99999/", False),
        ("https://example.org:0/", False),
        ("https://example.org:port/", False),
        ("file:///etc/passwd", False),
        ("data:,GGUF", False),
        ("//example.org/a.gguf", False),
        ("https://example.org/" + "a" * 5000, False),
    ],
)
def test_which_addresses_are_safe(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


@pytest.mark.parametrize("field", ENTRY)
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    document = _document()
    del document["models"][0][field]
    with pytest.raises(UserFacingError, match=field):
        _load(tmp_path, document)


def _set(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_set("version", "1"), "version"),
        (_set("version", None), "version"),
        (_set("default", "other"), "default"),
        (_set("default", 7), "default"),
        (_set("models", {}), "models"),
        (_set("models", ["small"]), r"models\[0\]"),
        (_set("models", [ENTRY, ENTRY]), "id 'small'"),
        (_set("models", [ENTRY, ENTRY | {"id": "other", "file": "SMALL.gguf"}]), "file 'small.gguf'"),
        (_set("modles", []), "modles"),
        (_set("models", [ENTRY | {"sise": 5}]), "sise"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, change: Callable[[dict[str, Any]], None], named: str) -> None:
    document = _document()
    change(document)
    with pytest.raises(UserFacingError, match=named) as caught:
        _load(tmp_path, document)
    assert caught.value.title == "The list of models is malformed."


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', "[" * 100_000])
def test_no_json_at_all(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserFacingError, match="malformed"):
        _load(tmp_path, text)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserFacingError, match="malformed"):
        load_catalog(path)


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="newer Catnap") as caught:
        _load(tmp_path, _document() | {"version": 2, "unknown": 1})
    assert "version 2" in caught.value.detail


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot be read"):
        load_catalog(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("field", "value"), [("file", "CON.gguf"), ("file", "a:b.gguf"), ("url", "http://example.org/x")]
)
def test_an_entry_that_is_not_safe_is_left_out_with_its_variants(tmp_path: Path, field: str, value: str) -> None:
    good = ENTRY | {"id": "good", "file": "good.gguf"}
    variant = ENTRY | {"id": "variant", "file": "variant.gguf", "variant_of": "small", "best_for": ["avx"]}
    catalog = _load(tmp_path, _document() | {"models": [ENTRY | {field: value}, good, variant]})
    assert ([spec.id for spec in catalog.models], catalog.default_id) == (["good"], "good")
    (problem,) = catalog.problems
    assert f"'small'].{field}" in problem.detail and str(tmp_path) in problem.detail
    assert catalog.offered(()).problems == catalog.problems


STARTERS = {"en": ["Why?", "Summarise this:"], "zh": ["为什么？"]}


def test_questions_to_begin_with_belong_to_a_model(tmp_path: Path) -> None:
    document = _document()
    assert _load(tmp_path, document).models[0].starters is None
    document["models"][0]["starters"] = STARTERS
    assert _load(tmp_path, document).models[0].starters == Starters(("Why?", "Summarise this:"), ("为什么？",), None)
    document["models"][0]["starters"] = STARTERS | {"proven_with": "small-q8_0.gguf"}
    starters = _load(tmp_path, document).models[0].starters
    assert starters is not None and starters.proven_with == "small-q8_0.gguf"


@pytest.mark.parametrize(
    ("starters", "where"),
    [
        (["Why?"], "starters must"),
        ({"en": ["Why?"]}, "starters.zh must"),
        (STARTERS | {"de": ["Warum?"]}, "starters.de must"),
        (STARTERS | {"en": []}, "starters.en must"),
        (STARTERS | {"en": ["Why?", "Why?"]}, "starters.en must"),
        (STARTERS | {"en": ["a", "b", "c", "d", "e", "f", "g"]}, "starters.en must"),
        (STARTERS | {"en": [7]}, "starters.en[0] must"),
        (STARTERS | {"zh": ["为什么？", "两\n行"]}, "starters.zh[1] must"),
        (STARTERS | {"zh": [" "]}, "starters.zh[0] must"),
        (STARTERS | {"en": ["x" * 501]}, "starters.en[0] must"),
        (STARTERS | {"proven_with": True}, "starters.proven_with must"),
        (STARTERS | {"proven_with": "../small.gguf"}, "starters.proven_with must"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_questions_are_named(tmp_path: Path, starters: object, where: str) -> None:
    document = _document()
    document["models"][0]["starters"] = starters
    with pytest.raises(UserFacingError, match=re.escape(f"models['small'].{where}")):
        _load(tmp_path, document)
