"""Files that ship with the program; found through `core.resources.resource_path`."""
