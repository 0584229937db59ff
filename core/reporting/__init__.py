"""What leaves the program: reports as pages, PDF and DICOM objects."""
