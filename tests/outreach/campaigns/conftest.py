"""The town is there for every test of campaigns."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import LazySettings

if TYPE_CHECKING:
    from tests.outreach.campaigns.town import Town


@pytest.fixture
def town(db: None, tmp_path: Path, settings: LazySettings) -> "Town":
    """A business in Shanghai that speaks Chinese, with nobody in town yet."""
    from tests.outreach.campaigns.town import found

    settings.LAKE_DIR = tmp_path
    return found(tmp_path)
