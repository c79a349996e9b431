"""Failures that a caller can expect and act on."""


class DomainError(Exception):
    """An expected failure with a stable `code`; the API maps codes to problem details, the console to a message."""

    code = "error"

    def __init__(self, message: str = "", **context: object) -> None:
        super().__init__(message or self.code)
        self.context = context
