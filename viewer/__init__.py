"""Everything the user touches; Qt lives only here, and neither torch nor pydicom is imported."""
