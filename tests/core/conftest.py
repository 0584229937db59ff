from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small networks are no faster on two threads, and a hundred times slower beside other work."""
    import torch  # which most tests do without

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr("core.inference.analyze.set_cpu_threads", lambda: None)
    yield
    torch.set_num_threads(before)
