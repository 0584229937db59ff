"""Training, calibration and evaluation on local folders."""
