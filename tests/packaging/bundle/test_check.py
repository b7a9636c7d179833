"""The check of machine code (packaging/bundle/check.py), on programs assembled here."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from bundle import check

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or "x86_64" not in str(sys.implementation._multiarch),
    reason="looks at x86-64 code of Linux",
)


def library(folder: Path, name: str, code: str) -> Path:
    """Compiles a library whose one function consists of these instructions."""
    source = folder / "source.c"
    lines = code.replace(";", "\\n")
    source.write_text(f'void work(void) {{ __asm__ volatile ("{lines}"); }}\n', encoding="ascii")
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-O2", "-march=x86-64", "-shared", "-fPIC", "-o", target, source], check=True)
    return target


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("vaddps %ymm0, %ymm1, %ymm2", "vaddps"),
        ("vpxord %zmm0, %zmm1, %zmm2", "vpxord"),
        ("{evex} vpaddd %xmm0, %xmm1, %xmm2", "vpaddd"),
        ("vzeroupper", "vzeroupper"),
        ("kmovb %k1, %k2", "kmovb"),
        ("andn %eax, %ebx, %ecx", "andn"),
        ("shlx %rax, %rbx, %rcx", "shlx"),
        ("movbe (%rax), %ebx", "movbe"),
        ("aesenc %xmm0, %xmm1", "aesenc"),
        ("pclmulqdq $0, %xmm0, %xmm1", "pclmullqlqdq"),
        ("rdrand %eax", "rdrand"),
    ],
)
def test_newer_instructions_are_found(code: str, name: str, tmp_path: Path) -> None:
    assert check.newer_instructions(library(tmp_path, "x.so", code)) == Counter([name])


def test_those_of_2008_are_not(tmp_path: Path) -> None:
    code = (
        "addps %xmm0, %xmm1; popcnt %eax, %ebx; pcmpgtq %xmm0, %xmm1; pshufb %xmm0, %xmm1; crc32b %al, %ebx; verr %ax"
    )
    assert check.newer_instructions(library(tmp_path, "x.so", code)) == Counter()


def test_only_variants_and_libraries_with_their_own_dispatch_may_have_them(tmp_path: Path) -> None:
    names = ("libllama.so", "libggml-cpu-haswell.so", "libQt6Gui.so.6", "libggml-base.so")
    found = {tmp_path / name: Counter(["vaddps"]) for name in names} | {tmp_path / "libc.so": Counter[str]()}

    complaints = list(check.instruction_complaints(tmp_path, found))

    assert [sentence.split()[0] for sentence in complaints] == ["libllama.so", "libggml-base.so"]
    assert "vaddps (1)" in complaints[0]


def test_what_cannot_be_read_is_not_passed(tmp_path: Path) -> None:
    broken = tmp_path / "x.so"
    broken.write_bytes(b"\x7fELF and no more")
    with pytest.raises(RuntimeError, match="could not be disassembled"):
        check.newer_instructions(broken)


def test_glibc_version_is_the_newest(tmp_path: Path) -> None:
    assert check.glibc_version(library(tmp_path, "x.so", "nop")) <= (2, 4)
    assert check.glibc_version(Path(sys.executable).resolve()) >= (2, 2)


def test_a_missing_backend_and_a_stowaway_are_named(tmp_path: Path) -> None:
    for name in check.LLAMA_LIBRARIES:
        path = tmp_path / "_internal" / "llama_cpp" / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert list(check.content_complaints(tmp_path)) == []

    (tmp_path / "_internal" / "llama_cpp" / "lib" / "libggml-cpu-sse42.so").unlink()
    (tmp_path / "_internal" / "numpy").mkdir()
    (tmp_path / "_internal" / "numpy" / "core.so").touch()

    missing, stowaway = check.content_complaints(tmp_path)
    assert missing.endswith("no libggml-cpu-sse42.so")
    assert "numpy/core.so" in stowaway
