"""The only place that opens connections to source databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg
import psycopg_pool
from pydantic import SecretStr

from lakehouse.errors import DatabaseUrlError, SourceAccessError, SourceSchemaError, TransientError

POOL_SIZE = 4  # one control connection and three readers: what the read-only role is allowed
CONNECT_TIMEOUT_S = 10
# Prisma's own parameters, which LiteLLM users have in DATABASE_URL; libpq and JDBC know none of them.
PRISMA = {"connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size"}
PRISMA |= {"sslaccept", "connect_timeout"}
SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with reserved characters of the password percent-encoded"


@dataclass(frozen=True)
class DatabaseUrl:
    """A source's address in parts; the password shows in no repr. `ignored` names parameters left out."""

    host: str
    port: int
    database: str
    user: str
    password: SecretStr = field(repr=False)
    schema: str | None = None
    sslmode: str = "prefer"
    sslrootcert: str | None = None
    ignored: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Address without user and password, for messages."""
        return f"{self.host}:{self.port}/{self.database}"

    @property
    def jdbc_url(self) -> str:
        """JDBC address; user and password travel as properties. No part of it can end it or add a parameter."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        options = {"sslmode": self.sslmode} | ({"sslrootcert": self.sslrootcert} if self.sslrootcert else {})
        database = quote(self.database, safe="")
        return f"jdbc:postgresql://{host}:{self.port}/{database}?{urlencode(options, safe='/')}"


def parse_url(text: str) -> DatabaseUrl:
    """Read a URL as LiteLLM users have it.

    Args:
        text: ``postgres://`` or ``postgresql://``; Prisma's parameters are ignored and named in the result.

    Raises:
        DatabaseUrlError: The scheme, host, database, port or a parameter is missing or unknown. The message never
            repeats the URL, since it holds the password.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or 5432
    except ValueError:
        raise DatabaseUrlError(f"the database URL cannot be read; it must look like {FORM}") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise DatabaseUrlError(
            f"the database URL starts with {parts.scheme or 'no scheme'!r}; it must look like {FORM}"
        )
    database = unquote(parts.path.lstrip("/"))
    if not parts.hostname or not database or not parts.username:
        raise DatabaseUrlError(f"the database URL lacks its user, host or database; it must look like {FORM}")
    options = dict(parse_qsl(parts.query))
    known = {name: options.pop(name) for name in ("schema", "sslmode", "sslrootcert") if name in options}
    if unknown := sorted(set(options) - PRISMA):
        raise DatabaseUrlError(f"unknown parameters in the database URL: {', '.join(unknown)}; remove them")
    if known.get("sslmode", "prefer") not in SSL_MODES:
        raise DatabaseUrlError(f"sslmode={known['sslmode']} is none of {', '.join(sorted(SSL_MODES))}")
    return DatabaseUrl(
        host=parts.hostname,
        port=port,
        database=database,
        user=unquote(parts.username),
        password=SecretStr(unquote(parts.password or "")),
        schema=known.get("schema"),
        sslmode=known.get("sslmode", "prefer"),
        sslrootcert=known.get("sslrootcert"),
        ignored=tuple(sorted(options)),
    )


@cache
def _pool(url: DatabaseUrl) -> psycopg_pool.ConnectionPool[psycopg.Connection[tuple[object, ...]]]:
    arguments = {
        "host": url.host,
        "port": url.port,
        "dbname": url.database,
        "user": url.user,
        "password": url.password.get_secret_value(),
        "sslmode": url.sslmode,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "observatory",
    }
    if url.sslrootcert:
        arguments["sslrootcert"] = url.sslrootcert
    with translated(url):  # one plain attempt first: the pool would hide why it cannot connect
        psycopg.connect(**arguments).close()  # type: ignore[arg-type]
    return psycopg_pool.ConnectionPool(kwargs=arguments, min_size=0, max_size=POOL_SIZE, open=True)


@contextmanager
def get_connection(url: DatabaseUrl) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Lend a connection from the one bounded pool; commits at the end, rolls back on an exception.

    Raises:
        SourceAccessError: User, password or a permission is refused.
        SourceSchemaError: The database, schema, table or a column does not exist.
        TransientError: The host cannot be reached or broke off.
    """
    with translated(url), _pool(url).connection(timeout=CONNECT_TIMEOUT_S) as connection:
        yield connection


def close_connections(url: DatabaseUrl) -> None:
    """Close the pool, before the server stops or a session ends."""
    _pool(url).close()
    _pool.cache_clear()


@contextmanager
def translated(url: DatabaseUrl) -> Iterator[None]:
    """Turn the driver's errors into ours, with what to do and without values.

    Raises:
        SourceAccessError: Wrong user or password, or a missing grant.
        SourceSchemaError: Something named does not exist.
        TransientError: Everything about the connection itself.
    """
    try:
        yield
    except (psycopg.errors.InvalidPassword, psycopg.errors.InvalidAuthorizationSpecification) as error:
        raise SourceAccessError(f"{url.place} refuses user {url.user!r}: check user and password in the URL") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise SourceAccessError(
            f"{url.place}: user {url.user!r} may not read: {_first_line(error)}; grant SELECT"
        ) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName) as error:
        raise SourceSchemaError(f"{url.place}: {_first_line(error)}") from error
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable) as error:
        raise TransientError(f"{url.place} is too busy to answer: {_first_line(error)}; try again later") from error
    except psycopg.OperationalError as error:
        raise _connection_error(url, error) from error
    except psycopg_pool.PoolTimeout as error:
        raise TransientError(f"{url.place}: no connection within {CONNECT_TIMEOUT_S} s; try again later") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _connection_error(
    url: DatabaseUrl, error: psycopg.OperationalError
) -> SourceAccessError | SourceSchemaError | TransientError:
    """Tell a refused password and a missing database from the rest; the driver reports all as connection failures."""
    text = str(error)
    if "password authentication failed" in text or "no password supplied" in text or "role " in text:
        return SourceAccessError(f"{url.place} refuses user {url.user!r}: check user and password in the URL")
    if "does not exist" in text:
        return SourceSchemaError(f"{url.place}: there is no database {url.database!r}; check the URL's path")
    return TransientError(f"{url.place} cannot be reached: check host, port and network, then try again")
