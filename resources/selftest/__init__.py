"""One small drawn film in every transfer syntax that the program claims to read, and how it was made."""
