"""What the actions of ``catnap models`` work with."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.cli.common import called
from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.models.download.downloader import Downloader, http_source
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.library import Library
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.settings.options import Settings
from desktop.system.keyring import open_keyring


@dataclass(frozen=True)
class Inventory:
    """The settings, the models on offer, and those that are here."""

    settings: Settings
    offer: Catalog
    library: Library
    paths: Paths
    accounts: ProxyAccounts = field(default_factory=lambda: ProxyAccounts(open_keyring))

    def downloader(self) -> Downloader:
        """Returns a downloader into the model folder, with the mirror of the settings."""
        return Downloader(
            self.library.folder,
            mirror=self.settings.mirror,
            own_host=self.settings.own_host,
            source=lambda timing: http_source(timing, self.accounts),
        )

    def spec(self, model_id: str) -> ModelSpec:
        """Returns a model of the catalogue; UserFacingError when it has none of that name."""
        spec = self.library.spec(model_id)
        if spec is None:
            raise UserFacingError("There is no such model.", f"{model_id}.", "See: catnap models list")
        return spec

    def model(self, model_id: str) -> InstalledModel:
        """Returns an installed model; UserFacingError when there is none of that id or name, or several."""
        found = called(model_id, self.library.installed())
        if found is None:
            raise UserFacingError("This model is not installed.", f"{model_id}.", "See: catnap models list")
        return found
