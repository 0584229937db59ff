"""What the reader can understand and act on; everything else is a bug.

A `ProductError` says what happened in one sentence that names the file, and what to do about it.
Catch the kind you can handle; let the rest travel to the window or the command line.
"""


class ProductError(Exception):
    """Something that the reader can understand: what happened (`message`) and what to do (`hint`)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[type["ProductError"], tuple[str, str]]:
        # Errors cross the border of the decoding process; the default would lose the hint.
        return type(self), (self.message, self.hint)


class UnreadableFile(ProductError):
    """A file is corrupt, truncated, empty or too strange to show."""


class MissingDecoder(ProductError):
    """The pixels are compressed in a way for which no decoder is installed; names the package."""


class NoImages(ProductError):
    """Nothing that can be shown was found where the reader pointed."""


class ModelFileInvalid(ProductError):
    """A model file is not ours, is damaged, or does not match its own card."""


class ModelDoesNotFit(ProductError):
    """The image is not one that the model was made for."""


class OutOfMemory(ProductError):
    """The device or the machine has too little memory for what was asked."""


class DatasetTooSmall(ProductError):
    """A training or calibration folder holds too few usable images."""


class CannotWrite(ProductError):
    """A file could not be written: no space, no permission, no folder."""
