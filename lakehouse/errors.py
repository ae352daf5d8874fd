"""One tree of errors; each class carries the exit code that ``observatory`` returns for it."""

from __future__ import annotations


class ObservatoryError(Exception):
    """Base of every error we raise; raised itself only for a bug."""

    exit_code = 1


class ConfigurationError(ObservatoryError):
    """Raised when a setting, an argument or a file is missing or wrong; nothing was written."""

    exit_code = 2


class DatabaseUrlError(ConfigurationError):
    """Raised when a source's URL cannot be read."""


class SourceSchemaError(ConfigurationError):
    """Raised when a source has no such table or column; nothing was written."""


class SourceAccessError(ConfigurationError):
    """Raised when a source refuses the user, the password or a permission."""


class JavaError(ConfigurationError):
    """Raised when no Java 17 or 21 can be found or started."""


class WorkspaceError(ConfigurationError):
    """Raised when a Databricks workspace refuses a request or its credentials."""


class WorkspaceNotFoundError(WorkspaceError):
    """Raised when a Databricks workspace lacks what was asked for: the target is not deployed, or not whole."""


class TableDefinitionError(ObservatoryError):
    """Raised when a table or column of our own model lacks what every table and column must have."""


class SuiteError(ConfigurationError):
    """Raised when a rule file does not load."""


class DashboardError(ConfigurationError):
    """Raised when a dashboard file cannot be read or names what is not there."""


class ChoiceError(ConfigurationError):
    """Raised when a reader of a page or of the API asks for what cannot be asked for."""


class TransientError(ObservatoryError):
    """Raised when trying again later may help: host unreachable, time-out, disk full."""

    exit_code = 3


class WorkspaceUnavailableError(TransientError):
    """Raised when a Databricks workspace cannot be reached, is overloaded, or answers with an error of its own."""


class DataGateError(ObservatoryError):
    """Raised when data failed a critical rule or a source's required column changed; nothing was published."""

    exit_code = 4


class DeliveryError(DataGateError):
    """Raised when a delivered file cannot be read as what it claims to be; none of its rows was written."""


class ReconciliationError(ObservatoryError):
    """Raised when rows read or written differ from the source's own count or checksum."""

    exit_code = 5


class LockedError(ObservatoryError):
    """Raised when another run holds the lakehouse's lock."""

    exit_code = 6


class IntegrityError(ObservatoryError):
    """Raised when the lakehouse's own files contradict each other."""

    exit_code = 7


class TargetMissedError(ObservatoryError):
    """Raised when a measured figure misses the target that was set for it."""

    exit_code = 8
