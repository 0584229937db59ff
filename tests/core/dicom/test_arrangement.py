from __future__ import annotations

import pytest

from core.dicom.arrangement import Arrangement, SortBy


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Arrangement(), ""),
        (Arrangement(merged=True), ""),
        (Arrangement(by=SortBy.NUMBER), "by instance number"),
        (Arrangement(by=SortBy.TIME, backwards=True), "by acquisition time, backwards"),
        (Arrangement(backwards=True), "backwards"),
    ],
)
def test_only_another_order_is_told(wish: Arrangement, words: str) -> None:
    assert wish.order_words == words
