"""Any change of models.json is read or refused with a sentence, and no name leads out of the folder (hypothesis)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from desktop.common.errors import UserFacingError
from desktop.models.catalog import bundled_catalog_path, is_safe_url, load_catalog
from desktop.models.file_names import LONGEST_NAME, why_unusable
from desktop.models.types import Catalog
from tests.support.properties import PROPERTY

_SHIPPED = json.loads(bundled_catalog_path().read_text(encoding="utf-8"))
_FIELDS = sorted({key for entry in _SHIPPED["models"] for key in entry})
_TEXT = (
    st.text(max_size=10)
    | st.sampled_from(
        [
            *("..", "../x.gguf", "/etc/x.gguf", "a/b.gguf", "a\\b.gguf", "C:x.gguf", "aux.gguf", "x.gguf.", "x.gguf "),
            *("x\u202efugg.gguf", "x\x00.gguf", "\ud83d.gguf", "猫.gguf", ".gguf", "x.GGUF", "nul", "~", "-rf.gguf"),
            *("file:///etc/passwd", "http://127.0.0.1@evil.example/", "https://a\\b", "https://[::1", "https://a:0/"),
            *("https://a:99999/", "https://\u2100.com/", "HTTPS://A/", "javascript:x", "//a/b", "https:///x"),
        ]
    )
    | st.sampled_from([str(entry[key]) for entry in _SHIPPED["models"] for key in ("id", "file", "repo", "sha256")])
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
# (what, entry, field, value): a change of the shipped file.
_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "drop", "set above", "drop entry", "double", "add field"]),
        st.integers(0, len(_SHIPPED["models"]) - 1),
        st.sampled_from(_FIELDS),
        _JSON,
    ),
    min_size=1,
    max_size=4,
)


def _changed(changes: list[tuple[str, int, str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(_SHIPPED))
    for what, number, field, value in changes:
        entries = document.get("models")
        if what == "set above":
            document[("version", "default", "models")[number % 3]] = value
        elif not isinstance(entries, list) or not entries:
            continue
        elif what == "drop entry":
            del entries[number % len(entries)]
        elif what == "double":
            entries.append(entries[number % len(entries)])
        elif isinstance(entry := entries[number % len(entries)], dict):
            if what == "set":
                entry[field] = value
            elif what == "drop":
                entry.pop(field, None)
            else:
                entry[str(value)[:20]] = value
    return document


def _read(content: bytes) -> Catalog | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models.json"
        path.write_bytes(content)
        try:
            return load_catalog(path)
        except UserFacingError as problem:
            assert problem.title.endswith(".") and problem.remedy.endswith(".") and str(path) in problem.detail
            assert len(problem.detail) < 2_000
            return None


def _assert_sound(catalog: Catalog) -> None:
    folder = Path("/models")
    ids, files = [spec.id for spec in catalog.models], [spec.file.lower() for spec in catalog.models]
    assert len(set(ids)) == len(ids) and len(set(files)) == len(files)
    assert catalog.default_id in ids or (not ids and catalog.default_id == "")
    for spec in catalog.models:
        assert why_unusable(spec.file) == "" and spec.file.endswith(".gguf") and len(spec.file) <= LONGEST_NAME
        assert (folder / spec.file).resolve() == folder / spec.file
        assert "/" not in spec.id and spec.repo.count("/") == 1 and ".." not in spec.repo.split("/")
        assert spec.url is None or is_safe_url(spec.url)
        assert spec.variant_of is None or spec.variant_of in ids
        assert spec.size > 0 and len(spec.sha256) == 64
    for problem in catalog.problems:
        assert problem.title.endswith(".") and len(problem.detail) < 2_000


@PROPERTY
@given(_CHANGES)
def test_any_change_is_read_or_refused_with_a_sentence(changes: list[tuple[str, int, str, Any]]) -> None:
    catalog = _read(json.dumps(_changed(changes)).encode())
    if catalog is not None:
        _assert_sound(catalog)


@PROPERTY
@given(_TEXT, st.sampled_from(["file", "id", "url", "repo", "revision"]))
@example("a..gguf", "file")
def test_no_text_in_a_name_or_an_address_leads_out_of_the_folder(text: str, field: str) -> None:
    entry = {**_SHIPPED["models"][0], field: text}
    catalog = _read(json.dumps({"version": 1, "default": entry["id"], "models": [entry]}).encode())
    if catalog is not None:
        _assert_sound(catalog)


@PROPERTY
@given(st.data())
def test_any_bytes_within_are_read_or_refused_with_a_sentence(data: st.DataObject) -> None:
    content = bytearray(bundled_catalog_path().read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.sampled_from([0, 1, 1, 2, 50, 5_000])))
        content[start:end] = data.draw(st.binary(max_size=4))
    catalog = _read(bytes(content))
    if catalog is not None:
        _assert_sound(catalog)


@PROPERTY
@given(_JSON)
def test_any_json_is_read_or_refused_with_a_sentence(value: object) -> None:
    catalog = _read(json.dumps(value).encode())
    assert catalog is None
