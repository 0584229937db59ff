"""From a frame to a calibrated result."""
