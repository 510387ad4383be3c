"""What detection raises."""


class DetectionError(RuntimeError):
    """A text could not be searched to its end. The message never holds any of it."""
