"""Looking into repositories, on loopback servers that answer as Hugging Face, a mirror and ModelScope do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.gguf.kind import ModelKind, kind_of
from desktop.models.download.downloader import DownloadControl, Downloader
from desktop.models.download.mirrors import HubHost, hub_hosts
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.hub.client import HubClient, http_network
from desktop.models.hub.links import parse_reference
from desktop.models.hub.listing import HubRepo
from desktop.models.hub.places import spec_for
from desktop.models.types import DownloadProgress, DownloadState, MirrorKind
from tests.support.certificate import MIRRORS
from tests.support.downloads import FAST, model_bytes
from tests.support.fault_server import LOGIN_PAGE, Fault, serve
from tests.support.gguf_files import write_gguf
from tests.support.hub_server import COMMIT, FakeHub, serve_hub
from tests.support.proxy_server import ProxyFault, serve_proxy
from tests.support.split_models import split_model

REPO = "owner/Some-1B-Instruct-GGUF"
API = f"/api/models/{REPO}"
SMALL, LARGE = model_bytes(20_000, seed=1), model_bytes(50_000, seed=2)
FILES = {
    "README.md": b"hello",
    "Some-1B-Instruct-Q8_0.gguf": LARGE,
    "Some-1B-Instruct-Q4_K_M.gguf": SMALL,
    "mmproj-F16.gguf": SMALL,
    "imatrix.gguf": SMALL,
}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with serve_hub(tmp_path / "hub") as running:
        yield running


def client(
    *hubs: FakeHub, kinds: tuple[MirrorKind, ...] = (MirrorKind.HUGGING_FACE, MirrorKind.HF_MIRROR)
) -> HubClient:
    hosts = tuple(HubHost(hub.url, kind) for hub, kind in zip(hubs, kinds, strict=False))
    return HubClient(lambda: hosts, FAST)


def look(hub: FakeHub, text: str = REPO) -> HubRepo:
    return asyncio.run(client(hub).look(parse_reference(text)))


def refusal(hub: FakeHub, text: str = REPO) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        look(hub, text)
    assert caught.value.remedy
    return caught.value


def test_the_models_of_a_repository_with_size_and_what_they_are(hub: FakeHub) -> None:
    hub.publish(
        REPO, FILES, cardData={"license": "apache-2.0", "language": ["en", "zh"]}, gguf={"architecture": "llama",
        "context_length": 8192, "chat_template": "{{ messages }}", "total": 1_000_000_000},
    )  # fmt: skip
    found = look(hub)
    assert [(model.path, model.size, model.kind) for model in found.models] == [
        ("Some-1B-Instruct-Q4_K_M.gguf", len(SMALL), ModelKind.CHAT),
        ("Some-1B-Instruct-Q8_0.gguf", len(LARGE), ModelKind.CHAT),
        ("imatrix.gguf", len(SMALL), ModelKind.IMPORTANCE_MATRIX),
        ("mmproj-F16.gguf", len(SMALL), ModelKind.PROJECTOR),
    ]
    assert (found.licence, found.languages, found.architecture, found.context) == (
        "apache-2.0",
        ("en", "zh"),
        "llama",
        8192,
    )
    assert found.revision == COMMIT


def test_what_is_proposed_and_what_was_asked_for(hub: FakeHub) -> None:
    hub.publish(REPO, FILES)
    for text, path in (
        (REPO, "Some-1B-Instruct-Q4_K_M.gguf"),
        (f"{REPO}:Q8_0", "Some-1B-Instruct-Q8_0.gguf"),
        (f"{REPO}:q8_0", "Some-1B-Instruct-Q8_0.gguf"),
        (f"https://huggingface.co/{REPO}/blob/main/mmproj-F16.gguf", "mmproj-F16.gguf"),
    ):
        proposed = look(hub, text).proposed(parse_reference(text))
        assert proposed is not None and proposed.path == path
    with pytest.raises(UserFacingError, match="does not have this file") as caught:
        look(hub).proposed(parse_reference(f"{REPO}:Q2_K"))
    assert "Q4_K_M" in caught.value.detail


def test_parts_are_one_model_and_missing_ones_are_named(hub: FakeHub) -> None:
    parts = {f"BF16/big-0000{number}-of-00003.gguf": model_bytes(1000 * number) for number in (3, 1, 2)}
    hub.publish(REPO, parts)
    (model,) = look(hub).models
    assert (len(model.files), model.size, model.path) == (3, 6000, "BF16/big-00001-of-00003.gguf")
    assert model.is_complete and model.quantisation == ""
    del parts["BF16/big-00002-of-00003.gguf"]
    hub.publish(REPO, parts)
    (model,) = look(hub).models
    assert model.missing == ("BF16/big-00002-of-00003.gguf",) and not model.is_complete


def test_a_mirror_that_tells_no_sizes_is_asked_for_the_tree(hub: FakeHub) -> None:
    hub.publish(REPO, FILES, sizes=False)
    hub.publish_tree(REPO, [{"README.md": b"x"}, FILES])
    found = look(hub)
    assert [model.size for model in found.models] == [len(SMALL), len(LARGE), len(SMALL), len(SMALL)]
    assert all(model.is_complete for model in found.models)
    assert len(hub.server.of(f"{API}/tree/{COMMIT}")) == 2


def test_the_next_host_is_asked_where_one_fails(hub: FakeHub, tmp_path: Path) -> None:
    with serve_hub(tmp_path / "mirror") as mirror:
        hub.server.always(API, Fault(status=502))
        mirror.publish(REPO, FILES)
        found = asyncio.run(client(hub, mirror).look(parse_reference(REPO)))
    assert len(found.models) == 4


def test_modelscope_tells_in_its_own_words(hub: FakeHub) -> None:
    hub.publish_on_modelscope(REPO, FILES)
    asked = client(hub, kinds=(MirrorKind.MODELSCOPE,))
    found = asyncio.run(asked.look(parse_reference(f"https://modelscope.cn/models/{REPO}")))
    assert [model.size for model in found.models] == [len(SMALL), len(LARGE), len(SMALL), len(SMALL)]
    assert found.mirrors == (MirrorKind.MODELSCOPE,)
    assert all(model.is_complete for model in found.models)


def test_a_renamed_repository_is_followed_and_told_by_its_new_name(hub: FakeHub) -> None:
    hub.publish("new/Name-GGUF", FILES)
    hub.server.always(API, Fault(redirect="/api/models/new/Name-GGUF", status=307))
    assert look(hub).repo == "new/Name-GGUF"


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        (Fault(status=401, headers=(("X-Error-Code", "RepoNotFound"),)), "no such repository, or it is private"),
        (Fault(status=404), "no such repository, or it is private"),
        (Fault(status=403, headers=(("X-Error-Code", "GatedRepo"),)), "only to people who have signed in"),
        (Fault(status=401, headers=(("X-Error-Code", "GatedRepo"),)), "only to people who have signed in"),
        (Fault(status=429, headers=(("Retry-After", "300"),)), "asked too often"),
        (Fault(status=500), "cannot tell what the repository has"),
        (LOGIN_PAGE, "web page came"),
        (Fault(redirect="http://192.0.2.1/login?next=x"), "web page came"),
        (Fault(body=b"[" * 500_000), "unexpected answer"),
        (Fault(body=b'{"siblings": "many"}'), "unexpected answer"),
        (Fault(body=b"null"), "unexpected answer"),
        (Fault(body=b"\xff\xfe"), "unexpected answer"),
        (Fault(redirect="http://192.0.2.1/"), "insecure connection"),
        (Fault(redirect=API), "round in circles"),
        (Fault(body=b'{"siblings": [{"rfilename": "model.safetensors"}, 5, {"rfilename": 7}]}'), "no GGUF files"),
    ],
)
def test_every_refusal_is_a_sentence_with_a_remedy(hub: FakeHub, fault: Fault, title: str) -> None:
    hub.server.always(API, fault)
    problem = refusal(hub)
    assert title in problem.title
    assert "127.0.0.1" in problem.detail or REPO in problem.detail


def test_a_revision_that_is_not_there(hub: FakeHub) -> None:
    hub.publish(REPO, FILES)
    missing = Fault(status=404, headers=(("X-Error-Code", "RevisionNotFound"),))
    hub.server.always(f"{API}/revision/v9", missing)
    assert "does not have this version" in refusal(hub, f"https://huggingface.co/{REPO}/tree/v9").title


def test_offline_says_so(tmp_path: Path) -> None:
    with serve_hub(tmp_path / "hub") as hub:
        gone = client(hub)
    with pytest.raises(UserFacingError, match="cannot be reached"):
        asyncio.run(gone.look(parse_reference(REPO)))


def test_a_proxy_that_wants_an_account_is_told_as_such_and_then_passed(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a repository behind a proxy that wants an account
    certificate = tmp_path / "mirrors.pem"
    certificate.write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serve(hub.server.folder, certificate) as server, serve_proxy(server.host) as proxy:
        FakeHub(server).publish(REPO, FILES)
        proxy.fault = ProxyFault(account=("anna", "secret"))
        monkeypatch.setenv("https_proxy", proxy.url)
        hosts = (HubHost("https://models.example.org", MirrorKind.HUGGING_FACE),)
        accounts = ProxyAccounts()
        asked = HubClient(lambda: hosts, FAST, partial(http_network, accounts=accounts))
        # WHEN it is looked into THEN somebody can be asked for it
        with pytest.raises(ProxyAccountNeededError) as caught:
            asyncio.run(asked.look(parse_reference(REPO)))
        # WHEN it is entered THEN the proxy lets this through
        accounts.enter(caught.value.proxy, Account("anna", "secret"))
        assert len(asyncio.run(asked.look(parse_reference(REPO))).models) == 4
        assert set(proxy.asked) == {"models.example.org:443"}


def test_hostile_paths_and_hashes_are_passed_over(hub: FakeHub) -> None:
    hub.publish(REPO, {"ok.gguf": SMALL}, sizes=True)
    lfs = {"sha256": "not a hash", "size": 10}
    siblings = [
        {"rfilename": "../../evil.gguf", "size": 10, "lfs": lfs},
        {"rfilename": "a//b.gguf", "size": 10, "lfs": lfs},
        {"rfilename": "bad\n\u202e.gguf", "size": -5, "lfs": lfs},
        {"rfilename": "huge.gguf", "size": 1 << 80, "lfs": lfs},
        {"rfilename": "x" * 5000 + ".gguf", "size": 1, "lfs": None},
    ]
    hub.answer(API, {"siblings": siblings, "id": "../../x", "sha": "../.."})
    found = look(hub)
    assert (found.repo, found.revision) == (REPO, "main")
    assert sorted(model.path for model in found.models) == ["bad\n\u202e.gguf", "huge.gguf"]
    assert not any(model.is_complete for model in found.models)


def test_places_of_two_repositories_do_not_clash(hub: FakeHub) -> None:
    hub.publish(REPO, {"sub/CON.gguf": SMALL, "model-Q4_0.gguf": SMALL, "LOUD.GGUF": SMALL})
    repo = look(hub)
    found = {model.path: model for model in repo.models}
    model = found["model-Q4_0.gguf"]
    assert spec_for(repo, model, ()).file == "model-Q4_0.gguf"
    second = spec_for(repo, model, {"model-q4_0.gguf"})
    assert second.file == "owner--Some-1B-Instruct-GGUF--model-Q4_0.gguf"
    third = spec_for(repo, model, {"model-q4_0.gguf", second.file.lower()})
    assert third.file not in ("model-Q4_0.gguf", second.file)
    assert spec_for(repo, found["LOUD.GGUF"], ()).file == "LOUD.gguf"
    assert spec_for(repo, found["sub/CON.gguf"], ()).file == "owner--Some-1B-Instruct-GGUF--sub_CON.gguf"


def test_long_names_become_short_ones_that_stay_different(hub: FakeHub) -> None:
    names = [f"{'很长的名字' * 20}{number}.gguf" for number in (1, 2)]
    lfs = {"sha256": "0" * 64, "size": 10}
    hub.answer(API, {"siblings": [{"rfilename": name, "size": 10, "lfs": lfs} for name in names]})
    found = look(hub)
    first = spec_for(found, found.models[0], ())
    second = spec_for(found, found.models[1], {first.file.lower()})
    assert first.file != second.file
    assert max(len(spec.file.encode()) for spec in (first, second)) <= 200


def test_the_header_is_read_from_the_first_bytes(hub: FakeHub, tmp_path: Path) -> None:
    # GIVEN a model whose repository tells nothing about it, much larger than its header
    content = write_gguf(tmp_path / "x.gguf", architecture="qwen2", filler=3_000_000).read_bytes()
    hub.publish(REPO, {"x.gguf": content})
    repo = look(hub)
    # WHEN its header is wanted THEN a piece of the file is asked for
    header = asyncio.run(client(hub).read_header(repo, repo.models[0], "own", hub.url))
    assert kind_of(header) is ModelKind.CHAT
    assert (header.context_trained, header.file_size, header.n_layers) == (512, len(content), 2)
    ranges = [request.range for request in hub.server.of(f"/{REPO}/resolve/{COMMIT}/x.gguf")]
    assert ranges == [f"bytes=0-{(1 << 18) - 1}"]


def test_a_model_in_several_files_is_downloaded_goes_on_and_is_checked(
    hub: FakeHub, tmp_path: Path, tiny_model: Path
) -> None:
    # GIVEN a model of three files, the second of which breaks off
    parts = split_model(tiny_model, tmp_path / "source")
    hub.publish(REPO, {f"sub/{part.name}": part.read_bytes() for part in parts})
    repo = look(hub)
    spec = spec_for(repo, repo.models[0], ())
    downloader = Downloader(tmp_path / "models", mirror="own", own_host=hub.url, timing=FAST)
    second = f"/{REPO}/resolve/{COMMIT}/sub/{parts[1].name}"
    reports: list[DownloadProgress] = []
    hub.server.always(second, Fault(status=404))

    # WHEN it is downloaded THEN the first part stays, and what is there is told
    with pytest.raises(UserFacingError, match="does not have"):
        asyncio.run(downloader.download(spec, reports.append, DownloadControl()))
    assert downloader.partial(spec) == parts[0].stat().st_size
    assert reports[-1].state is DownloadState.FAILED and reports[-1].total == spec.size

    # WHEN it goes on THEN only the rest is fetched
    before = len(hub.server.of(f"/{REPO}/resolve/{COMMIT}/sub/{parts[0].name}"))
    hub.server.always(second, Fault())
    path = asyncio.run(downloader.download(spec, reports.append, DownloadControl()))
    assert path == tmp_path / "models" / parts[0].name
    assert len(hub.server.of(f"/{REPO}/resolve/{COMMIT}/sub/{parts[0].name}")) == before
    assert [(tmp_path / "models" / part.name).read_bytes() == part.read_bytes() for part in parts] == [True] * 3
    assert (reports[-1].state, reports[-1].done) == (DownloadState.DONE, spec.size)
    assert [report.done for report in reports if report.state is DownloadState.DONE] == [spec.size]
    assert downloader.partial(spec) == 0


def test_a_cancelled_download_leaves_none_of_its_files(hub: FakeHub, tmp_path: Path, tiny_model: Path) -> None:
    parts = split_model(tiny_model, tmp_path / "source")
    hub.publish(REPO, {part.name: part.read_bytes() for part in parts})
    repo = look(hub)
    spec = spec_for(repo, repo.models[0], ())
    downloader = Downloader(tmp_path / "models", mirror="own", own_host=hub.url, timing=FAST)
    control = DownloadControl()

    def stop(report: DownloadProgress) -> None:
        if report.done > parts[0].stat().st_size:
            control.cancel()

    with pytest.raises(Cancelled):
        asyncio.run(downloader.download(spec, stop, control))
    assert list((tmp_path / "models").iterdir()) == []


def test_the_hosts_of_a_setting() -> None:
    assert [host.host for host in hub_hosts("auto")] == ["huggingface.co", "hf-mirror.com", "modelscope.cn"]
    assert [host.host for host in hub_hosts("hf-mirror")] == ["hf-mirror.com"]
    assert hub_hosts("own", "https://models.example/hf/")[0].base == "https://models.example/hf"
    with pytest.raises(UserFacingError, match="own host"):
        hub_hosts("own", "http://models.example")
