"""Films of drawn patients with roles, once a session: enough to train, calibrate and measure."""

from __future__ import annotations

import pytest
from film_folders import FilmLists, write_film_lists


@pytest.fixture(scope="session")
def film_lists(tmp_path_factory: pytest.TempPathFactory) -> FilmLists:
    """24 healthy films to train on, 4 + 50 to calibrate, 6 to watch; 30 with a lesion; 16 to measure on."""
    return write_film_lists(tmp_path_factory.mktemp("film-lists"))
