"""Why a file cannot be read, each with what to do about it."""

from regulars.core.errors import DomainError


class UnreadableFile(DomainError):
    """The file is not a table, or it is damaged. The kinds below say it more precisely."""

    code = "unreadable_file"


class EmptyFile(UnreadableFile):
    """There is nothing in the file."""

    code = "empty_file"


class HeaderOnly(UnreadableFile):
    """There are column names and no rows."""

    code = "header_only"


class EncryptedFile(UnreadableFile):
    """The file asks for a password."""

    code = "encrypted_file"


class UnknownEncoding(UnreadableFile):
    """The text is neither UTF-8, UTF-16 with its mark, nor GB18030."""

    code = "unknown_encoding"


class TooLarge(UnreadableFile):
    """More rows, columns or bytes than one import takes, packed or unpacked."""

    code = "file_too_large"


class TruncatedFile(UnreadableFile):
    """The file ends in the middle."""

    code = "truncated_file"
