"""What can go wrong with the embedded server, each with what to do about it."""

from regulars.core.errors import DomainError

LOG_TAIL_CHARACTERS = 4000
TELLING = ("FATAL", "PANIC", "ERROR", "error", "invalid", "could not", "HINT")


class PostgresError(DomainError):
    """The embedded PostgreSQL did not do what was asked."""

    code = "postgres_failed"


class PlatformUnsupported(PostgresError):
    """No PostgreSQL programs come with this platform's wheel, or they do not run here."""

    code = "postgres_platform_unsupported"


class PortTaken(PostgresError):
    """Something else listens where the server has to."""

    code = "postgres_port_taken"


class DiskFull(PostgresError):
    """Too little room on the disk for the server."""

    code = "postgres_disk_full"


class VersionDiffers(PostgresError):
    """The data folder was written by another major version."""

    code = "postgres_version_differs"


class AccessDenied(PostgresError):
    """The data folder belongs to somebody else."""

    code = "postgres_access_denied"


def failure(what: str, said: str) -> PostgresError:
    """The error that fits what PostgreSQL said."""
    if "No space left on device" in said:
        return DiskFull("The disk of the data folder is full: make room, then start again.")
    if "Address already in use" in said:
        return PortTaken("Another program took the port of the embedded PostgreSQL: start again to use another one.")
    if "Permission denied" in said:
        return AccessDenied(f"The embedded PostgreSQL {what}: permission denied. {_last_words(said)}")
    return PostgresError(f"The embedded PostgreSQL {what}. {_last_words(said)}")


def _last_words(said: str) -> str:
    """The complaints at the end of the log, without their time stamps; the last one often only sums up."""
    lines = [line.strip() for line in said[-LOG_TAIL_CHARACTERS:].splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in TELLING)]
    words = [line.rpartition("] ")[2] for line in (telling or lines)[-2:]]
    return " ".join(words) or "It said nothing."
