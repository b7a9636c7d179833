"""Where to ask, who answers first, and what happens when a host fails in the middle of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.download.mirrors import Address, MirrorMemory, addresses
from desktop.models.types import DownloadState, MirrorKind
from tests.support.downloads import FILE, NO_HEAD_START, Run, detour, model_bytes, spec_of
from tests.support.fault_server import LOGIN_PAGE, Fault, FaultServer, serve
from tests.support.silence import quick_silence

HF = f"/owner/model-GGUF/resolve/0123abc/{FILE}"
MODELSCOPE = f"/models/owner/model-GGUF/resolve/master/{FILE}"


class Hosts(NamedTuple):
    """The three hosts as servers of the test."""

    huggingface: FaultServer
    hf_mirror: FaultServer
    modelscope: FaultServer


@pytest.fixture(scope="module")
def content() -> bytes:
    return model_bytes(600_000)


@pytest.fixture
def hosts(tmp_path: Path, content: bytes) -> Iterator[Hosts]:
    for path in (HF, MODELSCOPE):
        file = tmp_path / "shared" / path[1:]
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    with ExitStack() as stack:
        yield Hosts(*(stack.enter_context(serve(tmp_path / "shared")) for _ in range(3)))


def bases(hosts: Hosts) -> dict[str, str]:
    """Returns the addresses of the servers by the names of the hosts."""
    names = ("huggingface.co", "hf-mirror.com", "modelscope.cn")
    return {name: server.url for name, server in zip(names, hosts, strict=True)}


@pytest.fixture
def run(tmp_path: Path, hosts: Hosts, content: bytes) -> Run:
    return Run(tmp_path / "models", spec_of(content, None), {"source": detour(bases(hosts))})


def _ranges(server: FaultServer) -> list[str | None]:
    return [request.range for request in server.requests]


def test_addresses(content: bytes) -> None:
    spec = spec_of(content, None)
    every = (
        Address(f"https://huggingface.co{HF}", "huggingface.co"),
        Address(f"https://hf-mirror.com{HF}", "hf-mirror.com"),
        Address(f"https://modelscope.cn{MODELSCOPE}", "modelscope.cn"),
    )
    assert addresses(spec, "auto") == every
    for kind, address in zip(MirrorKind, every, strict=True):
        assert addresses(spec, kind.value) == (address,)
    own = addresses(spec, "own", "https://models.example.org/hub/")
    assert own == (Address(f"https://models.example.org/hub{HF}", "models.example.org"),)
    assert addresses(replace(spec, mirrors=(MirrorKind.HF_MIRROR,)), "auto") == every[1:2]
    test = replace(spec, url="http://127.0.0.1:8000/x.gguf")
    assert addresses(test, "modelscope") == (Address("http://127.0.0.1:8000/x.gguf", "127.0.0.1:8000"),)


@pytest.mark.parametrize("own_host", ["", "example.org", "http://example.org", "https://", "ftp://127.0.0.1"])
def test_an_own_host_that_is_none(content: bytes, own_host: str) -> None:
    with pytest.raises(UserFacingError, match="own host is missing or wrong"):
        addresses(spec_of(content, None), "own", own_host)


def test_a_mirror_without_the_model(content: bytes) -> None:
    spec = replace(spec_of(content, None), mirrors=(MirrorKind.HUGGING_FACE,))
    with pytest.raises(UserFacingError, match="does not have this model"):
        addresses(spec, "modelscope")


def test_memory() -> None:
    memory, first, second = MirrorMemory(), Address("https://a/x", "a"), Address("https://b/x", "b")
    assert memory.sort((first, second)) == (first, second)
    memory.remember("b")
    assert memory.sort((first, second)) == (second, first)
    assert memory.knows(second) and not memory.knows(first)
    memory.forget("a")
    assert memory.knows(second)
    memory.forget("b")
    assert not memory.knows(second)


def test_auto_takes_the_first_that_answers(run: Run, hosts: Hosts, content: bytes) -> None:
    run.options["timing"] = NO_HEAD_START
    hosts.huggingface.always(HF, Fault(stall_before=True))
    hosts.modelscope.always(MODELSCOPE, Fault(stall_before=True))
    assert run.go().read_bytes() == content
    assert _ranges(hosts.hf_mirror) == ["bytes=0-63", None]
    assert {report.host for report in run.reports if report.state is DownloadState.RUNNING} == {"hf-mirror.com"}
    assert _ranges(hosts.huggingface) == ["bytes=0-63"], "the silent ones were only asked whether they answer"


def test_auto_does_not_take_a_login_page_for_an_answer(run: Run, hosts: Hosts, content: bytes) -> None:
    run.options["timing"] = NO_HEAD_START
    hosts.huggingface.always(HF, LOGIN_PAGE)
    hosts.hf_mirror.always(HF, Fault(status=404))
    assert run.go().read_bytes() == content
    assert _ranges(hosts.modelscope) == ["bytes=0-63", None]


def test_who_answered_is_remembered(run: Run, hosts: Hosts, content: bytes) -> None:
    run.options |= {"memory": MirrorMemory(), "timing": NO_HEAD_START}
    hosts.huggingface.always(HF, Fault(status=503))
    hosts.modelscope.always(MODELSCOPE, Fault(status=503))
    run.go()
    asked = len(hosts.huggingface.requests)
    run.again(folder=run.folder / "second").go()
    assert len(hosts.huggingface.requests) == asked
    assert _ranges(hosts.hf_mirror)[2:] == [None]


def test_a_fixed_mirror_is_the_only_one_asked(run: Run, hosts: Hosts) -> None:
    run.options["mirror"] = "hf-mirror"
    hosts.hf_mirror.always(HF, Fault(status=404))
    with pytest.raises(UserFacingError, match="does not have this file"):
        run.go()
    assert hosts.huggingface.requests == hosts.modelscope.requests == []


def test_the_next_host_goes_on_where_the_first_one_broke(run: Run, hosts: Hosts, content: bytes) -> None:
    hosts.huggingface.script(HF, Fault(), Fault(cut_after=300_000), Fault(status=404))
    assert run.go().read_bytes() == content
    assert _ranges(hosts.huggingface) == ["bytes=0-63", None, "bytes=300000-"]
    assert _ranges(hosts.hf_mirror)[-1] == "bytes=300000-"
    assert hosts.hf_mirror.requests[-1].if_range is None, "the ETag of one host means nothing to another"
    assert {report.host for report in run.reports} == {"", "huggingface.co", "hf-mirror.com"}


def test_a_host_that_fails_without_giving_anything_yields_its_turn(run: Run, hosts: Hosts, content: bytes) -> None:
    hosts.huggingface.script(HF, Fault(), Fault(status=503))
    assert run.go().read_bytes() == content
    assert _ranges(hosts.huggingface) == ["bytes=0-63", None]


def test_a_host_that_starts_over_is_asked_last(run: Run, hosts: Hosts, content: bytes) -> None:
    """A long way into a file, one host that ignores ranges must not cost what is there while others can go on."""
    run.options["mirror"] = "auto"
    hosts.huggingface.script(HF, Fault(), Fault(cut_after=500_000))
    hosts.huggingface.always(HF, Fault(ignore_ranges=True))
    assert run.go().read_bytes() == content
    assert _ranges(hosts.hf_mirror)[-1] == "bytes=500000-"


def test_where_every_host_starts_over_so_do_we(run: Run, hosts: Hosts, content: bytes) -> None:
    hosts.huggingface.script(HF, Fault(), Fault(cut_after=500_000))
    for server, path in zip(hosts, (HF, HF, MODELSCOPE), strict=True):
        server.always(path, Fault(ignore_ranges=True))
    assert run.go().read_bytes() == content


def test_a_host_with_another_file_is_skipped(run: Run, hosts: Hosts, content: bytes) -> None:
    run.options["timing"] = NO_HEAD_START
    hosts.huggingface.always(HF, Fault(redirect="/x", headers=(("X-Linked-Etag", '"' + "ab" * 32 + '"'),)))
    assert run.go().read_bytes() == content


def test_when_all_fail_each_is_named(run: Run, hosts: Hosts) -> None:
    hosts.huggingface.always(HF, Fault(stall_before=True))
    hosts.hf_mirror.always(HF, Fault(status=404))
    hosts.modelscope.always(MODELSCOPE, Fault(status=503))
    run.options |= {"source": detour(bases(hosts), quick_silence(*hosts)), "timing": NO_HEAD_START}
    with pytest.raises(UserFacingError) as caught:
        run.go()
    assert caught.value.title == "The server does not have this file.", "the most definite answer"
    for server in hosts:
        assert server.host in caught.value.detail
