"""Which way the patient lies in a frame: letters from Patient Orientation, else from direction cosines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.imaging.volume import direction_letters

if TYPE_CHECKING:
    from core.dicom.grey_scale import FunctionalGroups
    from core.dicom.tags import Attributes

DIRECTION_KEYWORDS = ("PatientOrientation", "ImageOrientationPatient")


def patient_directions(attributes: Attributes, groups: FunctionalGroups) -> tuple[str, str]:
    """Letters towards the right of a row and the bottom of a column (PS3.3 C.7.6.1.1.1); "" if not known.

    What the file says in letters goes first; slices say it in cosines (C.7.6.2.1.1), those of enhanced
    objects for each frame.
    """
    said = (*attributes.texts("PatientOrientation"), "", "")[:2]
    if any(said):
        return said[0].upper(), said[1].upper()
    plane = groups.item("PlaneOrientationSequence") or attributes
    cosines = np.array(plane.numbers("ImageOrientationPatient"), np.float64)
    if cosines.size != 6 or min(np.linalg.norm(cosines[:3]), np.linalg.norm(cosines[3:])) < 0.5:
        return "", ""
    return direction_letters(cosines[:3]), direction_letters(cosines[3:])
