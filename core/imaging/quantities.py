"""What a stored value means beside its modality value, real-world or uptake, and how numbers are written.

For the read-out only: windows and models work on modality values. A number is given where the file says how
it comes about, and else the reason why there is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class RealWorldMapping:
    """Stored values from `first` to `last`, both included, in real-world units (PS3.3 C.7.6.16.2.11).

    `values`: one for each stored value of the range; None: `stored * slope + intercept`.
    """

    first: float
    last: float
    units: str = ""
    label: str = ""
    slope: float = 1.0
    intercept: float = 0.0
    values: NDArray[np.float64] | None = None

    def value(self, stored: float) -> float | None:
        """The real-world value of a stored one; None where the mapping says nothing."""
        if not self.first <= stored <= self.last:
            return None
        if self.values is None:
            answer = stored * self.slope + self.intercept
        else:
            place = round(stored - self.first)
            if place >= self.values.size:
                return None
            answer = float(self.values[place])
        return answer if math.isfinite(answer) else None


@dataclass(frozen=True, slots=True)
class Uptake:
    """SUVbw of a PET image: modality value times `factor`, in g/ml; without a factor the reason why.

    `basis`: in words, what the factor was made from, or what was assumed on the way.
    """

    factor: float | None = None
    reason: str = ""
    basis: str = ""


def number_words(value: float, sign: str = "-") -> str:
    """A modality value in as many digits as a reader can use: whole from 1000 on, never in powers of ten."""
    if not math.isfinite(value):
        return "–"
    digits = 0 if abs(value) >= 1000 or value == round(value) else 1 if abs(value) >= 10 else 3
    if 0 < abs(value) < 0.01:  # diffusion in mm²/s, say: three digits that say something
        digits = min(2 - math.floor(math.log10(abs(value))), 15)
    rounded = round(value, digits) + 0.0
    return f"{rounded:{sign}.{digits}f}"
