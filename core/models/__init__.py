"""The two networks, their parts, and the one file format that holds them."""
