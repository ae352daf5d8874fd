"""Database URLs as LiteLLM users have them; no message and no repr ever shows the password."""

from __future__ import annotations

import pytest

from lakehouse.errors import DatabaseUrlError
from lakehouse.io.database import parse_url

SECRET = "hunter2-CANARY"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_parts(scheme: str) -> None:
    """Both schemes; without a port it is PostgreSQL's."""
    url = parse_url(f"{scheme}://reader:{SECRET}@db.example.org/litellm")
    assert (url.host, url.port, url.database, url.user) == ("db.example.org", 5432, "litellm", "reader")
    assert url.password.get_secret_value() == SECRET
    assert (url.schema, url.sslmode, url.sslrootcert, url.ignored) == (None, "prefer", None, ())
    assert url.place == "db.example.org:5432/litellm"


def test_reserved_characters_are_percent_encoded() -> None:
    """In user, password and database."""
    url = parse_url("postgresql://a%40b:p%40ss%2Fw%3Ard%25@[::1]:6543/my%20db")
    assert (url.user, url.password.get_secret_value(), url.database) == ("a@b", "p@ss/w:rd%", "my db")
    assert (url.host, url.port) == ("::1", 6543)


def test_password_may_be_missing() -> None:
    """Other ways to log in need none."""
    assert parse_url("postgresql://u@h/d").password.get_secret_value() == ""


def test_prismas_parameters_are_ignored_and_named() -> None:
    """Ours count."""
    url = parse_url(
        "postgresql://u:p@h/d?connection_limit=5&pool_timeout=10&pgbouncer=true&schema=llm&sslmode=verify-full"
        "&sslrootcert=/etc/ca.pem&sslaccept=strict"
    )
    assert url.ignored == ("connection_limit", "pgbouncer", "pool_timeout", "sslaccept")
    assert (url.schema, url.sslmode, url.sslrootcert) == ("llm", "verify-full", "/etc/ca.pem")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"mysql://u:{SECRET}@h/d", "starts with 'mysql'"),
        (f"u:{SECRET}@h/d", "it must look like"),
        (f"postgresql://u:{SECRET}@h:port/d", "cannot be read"),
        (f"postgresql://u:{SECRET}@h:70000/d", "cannot be read"),
        (f"postgresql://u:{SECRET}@h:5432", "lacks its user, host or database"),
        (f"postgresql://u:{SECRET}@h/", "lacks its user, host or database"),
        (f"postgresql://:{SECRET}@h/d", "lacks its user, host or database"),
        (f"postgresql://u:{SECRET}@/d", "lacks its user, host or database"),
        (f"postgresql://u:{SECRET}@h/d?sslmod=require", "unknown parameters in the database URL: sslmod; remove"),
        (f"postgresql://u:{SECRET}@h/d?sslmode=maybe", "sslmode=maybe is none of allow, disable"),
        (f"postgresql://u:{SECRET}@[::1/d", "cannot be read"),
        ("", "no scheme"),
    ],
)
def test_what_cannot_be_read_is_named_without_the_password(text: str, named: str) -> None:
    """With the form that it must have or the parameter to remove."""
    with pytest.raises(DatabaseUrlError) as caught:
        parse_url(text)
    assert named in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.exit_code == 2


def test_no_repr_shows_the_password() -> None:
    """Neither does the JDBC address, which Spark logs."""
    url = parse_url(f"postgresql://u:{SECRET}@h:6543/d?sslmode=verify-ca&sslrootcert=/ca.pem")
    assert SECRET not in repr(url) + str(url) + f"{url}" + url.jdbc_url + url.place
    assert url.jdbc_url == "jdbc:postgresql://h:6543/d?sslmode=verify-ca&sslrootcert=/ca.pem"


def test_no_part_ends_the_jdbc_address_or_adds_to_it() -> None:
    """Neither a database's name nor a path; an IPv6 host keeps its brackets."""
    url = parse_url("postgresql://u:p@[::1]/a%20b%3Fuser%3Dx?sslrootcert=%2Fmy%20ca%26user%3Dx.pem")
    path = "/my+ca%26user%3Dx.pem"
    assert url.jdbc_url == f"jdbc:postgresql://[::1]:5432/a%20b%3Fuser%3Dx?sslmode=prefer&sslrootcert={path}"


@pytest.mark.parametrize(
    ("text", "jdbc"),
    [
        ("postgresql://u:p@[::1]/d", "jdbc:postgresql://[::1]:5432/d?sslmode=prefer"),
        ("postgresql://u:p@h/my%20db%3Fx", "jdbc:postgresql://h:5432/my%20db%3Fx?sslmode=prefer"),
        (
            "postgresql://u:p@h/d?sslrootcert=/my%20ca%26user%3Droot.pem",
            "jdbc:postgresql://h:5432/d?sslmode=prefer&sslrootcert=/my+ca%26user%3Droot.pem",
        ),
    ],
)
def test_jdbc_address_is_encoded_again(text: str, jdbc: str) -> None:
    """A name cannot smuggle an option in; an IPv6 address keeps its brackets."""
    assert parse_url(text).jdbc_url == jdbc
