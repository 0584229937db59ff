"""Real size: a millimetre of the image on a millimetre of the screen, and what that rests on."""

from __future__ import annotations

from core.settings import Table
from viewer.comparison import Comparison
from viewer.language import tr
from viewer.screen_scale import scale_of


def show_real_size(comparison: Comparison, rows: Table) -> str:
    """Show the image in real size, as far as that is known; the sentence for the reader.

    `rows`: measures of screens in the settings. Without the size of the screen, or without a pixel spacing,
    nothing changes, and the sentence says why.
    """
    scale = scale_of(comparison.screen(), rows)
    spacing = comparison.spacing
    if not spacing.known:
        return tr("Real size is not possible: the file states no pixel spacing.")
    if scale is None:
        return tr(
            "Real size is not possible: this screen does not say how large it is. Measure it with a bank "
            "card under File, Settings, Screen."
        )
    comparison.real_size(scale.px_per_mm)
    of_screen = tr("measured by you") if scale.measured else tr("as it says of itself, not measured")
    told = tr("Real size. Spacing of the image: {source}; size of the screen: {screen}.").format(
        source=tr(spacing.source.value), screen=of_screen
    )
    return f"{told} {spacing.note}".strip()
