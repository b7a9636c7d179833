"""The recipe of the library for graphics processors: what is changed in the source, and what is written beside it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from setup import gpu_library
from setup.commands import BuildError
from setup.llama_wheel import Layout, cache_layout

from desktop.engine.gpu.build_id import build_id
from desktop.engine.gpu.library import library_folder
from desktop.engine.gpu.manifest import read_manifest


def test_only_the_settings_of_the_validation_layer_are_left_out() -> None:
    path = cache_layout().source / "vendor" / "llama.cpp" / "ggml" / gpu_library._VULKAN
    text = path.read_text(encoding="utf-8")
    changed = gpu_library.without_layer_settings(text)
    assert "LayerSetting" in text and "LayerSetting" not in changed
    gone = text.count("\n") - changed.count("\n")
    assert gone == 11
    with pytest.raises(BuildError, match="is not the one"):
        gpu_library.without_layer_settings(changed)


def test_what_is_written_beside_the_library_names_its_build(tmp_path: Path) -> None:
    place = gpu_library.place_of(Layout(tmp_path), "vulkan")
    place.library.parent.mkdir(parents=True)
    place.library.write_bytes(b"the library")
    folder = library_folder()
    assert folder is not None
    base = (folder / "libggml-base.so").read_bytes()
    gpu_library.write_manifest(place, base)
    (entry,) = read_manifest(place.manifest)
    assert (entry.file, entry.size) == ("libggml-vulkan.so", 11)
    assert entry.sha256 == hashlib.sha256(b"the library").hexdigest()
    assert entry.fits == build_id(base)
    assert entry.system == f"{os.uname().sysname} {os.uname().machine}"
    assert json.loads(place.manifest.read_text())["format"] == 1


def test_each_kind_and_each_flavour_has_a_place_of_its_own(tmp_path: Path) -> None:
    flavours, kinds = (Layout(tmp_path / "a"), Layout(tmp_path / "b")), gpu_library.RECIPES
    places = {gpu_library.place_of(layout, kind).root for layout in flavours for kind in kinds}
    assert len(places) == 2 * len(gpu_library.RECIPES)


def test_only_vulkan_is_said_to_have_run() -> None:
    assert [kind for kind, recipe in gpu_library.RECIPES.items() if recipe.has_run] == ["vulkan"]


def test_the_packages_are_those_of_the_file() -> None:
    assert gpu_library.packages() == "glslc libvulkan-dev spirv-headers mesa-vulkan-drivers vulkan-tools"
