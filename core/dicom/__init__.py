"""DICOM in: which files belong together, in which order, and their pixels."""
