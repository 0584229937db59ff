"""What an image is and how it is shown: numpy and SimpleITK only, no pydicom, no torch, no Qt."""
