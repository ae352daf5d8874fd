"""Delivers texts to a webhook or by e-mail; the standard library does both."""

from __future__ import annotations

import json
import smtplib
import urllib.error
import urllib.request
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from lakehouse.errors import ConfigurationError, TransientError

TIMEOUT_S = 20
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def post(url: str, text: str, alerts: Sequence[dict[str, object]]) -> None:
    """POST `{"text": …, "alerts": […]}`, which Slack, Teams and most others take.

    Args:
        url: A secret: whoever has it may post. https, or http on loopback.
        text: For people.
        alerts: The same for programs.

    Raises:
        ConfigurationError: The URL is none, is not encrypted, or is refused (4xx).
        TransientError: Nobody answers, or the other side fails (5xx, 429).
    """
    parts = _parts(url, ("https", "http"), "webhook")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigurationError("alerts: the webhook's URL must begin with https://")
    body = json.dumps({"text": text, "alerts": list(alerts)}, default=str).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  scheme is checked
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  scheme is checked
            answer.read()
    except urllib.error.HTTPError as error:
        kind = ConfigurationError if 400 <= error.code < 500 and error.code not in (408, 429) else TransientError
        raise kind(f"alerts: the webhook at {parts.hostname} answers {error.code}") from error
    except (OSError, urllib.error.URLError) as error:
        raise TransientError(f"alerts: the webhook at {parts.hostname} does not answer") from error


def mail(url: str, sender: str, recipients: Sequence[str], subject: str, text: str) -> None:
    """Send one e-mail.

    Args:
        url: `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS unless it is on loopback.
        sender: Address.
        recipients: Addresses.
        subject: One line.
        text: Plain.

    Raises:
        ConfigurationError: The URL is none, the login or a recipient is refused, or the server cannot encrypt.
        TransientError: Nobody answers.
    """
    parts = _parts(url, ("smtp", "smtps"), "mail server")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients), " ".join(subject.split())
    message.set_content(text)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(str(parts.hostname), parts.port or 0, timeout=TIMEOUT_S) as server:
            if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as error:
        raise ConfigurationError(f"alerts: the mail server {parts.hostname} refuses: {type(error).__name__}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise TransientError(f"alerts: the mail server {parts.hostname} fails: {type(error).__name__}") from error


def _parts(url: str, schemes: tuple[str, ...], what: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in schemes and parts.hostname is not None and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ConfigurationError(f"alerts: the {what}'s URL must be {' or '.join(f'{s}://host' for s in schemes)}")
    return parts
