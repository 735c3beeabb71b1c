"""One connection to a mail server by SMTP over TLS, bounded in time; what goes wrong is a sentence.

Outside this machine nothing is sent without TLS. The password is never written anywhere.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

from data.errors import ConfigError
from data.settings import Settings
from ingest.outbound.http_post import LOOPBACK
from ingest.outbound.sending import DRY, SendResult

PASSWORD = "SMTP_PASSWORD"
TLS_PORT, SUBMISSION_PORT = 465, 587
TIMEOUT_S = 10.0  # between two words of the server
TOTAL_S = 60.0  # for all that is sent in one go
SAID = 120  # characters of the server's own words


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Where mail is handed in, as whom, and to whom it goes."""

    host: str
    port: int
    user: str | None
    sender: str
    to: tuple[str, ...]

    @property
    def is_dry(self) -> bool:
        """Whether nothing is to be sent."""
        return self.host == DRY


class MailError(Exception):
    """Why the server takes nothing now, in words for the page."""


def read_account(settings: Settings) -> MailAccount | None:
    """The account of the settings, checked; none where no server is set."""
    if not settings.smtp_server:
        return None
    if settings.smtp_server == DRY:
        return MailAccount(DRY, 0, None, settings.mail_from or "", settings.mail_to)
    host, _, port = settings.smtp_server.rpartition(":")
    if not host:
        host, port = settings.smtp_server, str(SUBMISSION_PORT)
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ConfigError(
            f"SMTP_SERVER={settings.smtp_server[:80]!r}: expected a server and its port, e.g. "
            f"mail.example.org:587, or {DRY}"
        )
    sender = _address("MAIL_FROM", settings.mail_from or "")
    to = tuple(_address("MAIL_TO", address) for address in settings.mail_to)
    if not to:
        raise ConfigError("MAIL_TO is not set: name the addresses that get the mail")
    return MailAccount(host, int(port), settings.smtp_user, sender, to)


def _address(name: str, text: str) -> str:
    found = parseaddr(text)[1]
    if found != text or "@" not in found or not found.isascii() or " " in found:
        raise ConfigError(f"{name}={text[:80]!r}: expected an address such as desk@example.org")
    return found


@contextmanager
def connected(account: MailAccount, password: str | None) -> Iterator[smtplib.SMTP]:
    """A server that listens to us, over TLS and logged in; a MailError says why there is none."""
    with _bounded(account) as server:
        try:
            _greet(server, account, password)
        except smtplib.SMTPAuthenticationError as error:
            raise MailError(
                f"the mail server refused user and password ({error.smtp_code}); correct "
                f"SMTP_USER and {PASSWORD}"
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(_why(error)) from None
        yield server


@contextmanager
def _bounded(account: MailAccount) -> Iterator[smtplib.SMTP]:
    """The connection, cut after a while: each word of the server starts its own limit anew."""
    name = account.sender.rpartition("@")[2]
    server: smtplib.SMTP
    if account.port == TLS_PORT:
        context = ssl.create_default_context()
        server = smtplib.SMTP_SSL(local_hostname=name, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(local_hostname=name, timeout=TIMEOUT_S)
    # The class connects at once where it is given a host, before there is anything to cut.
    server._host = account.host  # type: ignore[attr-defined]  # what TLS compares names with
    timer = threading.Timer(TOTAL_S, _cut, (server,))
    timer.daemon = True
    timer.start()
    try:
        yield server
    finally:
        timer.cancel()
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _greet(server: smtplib.SMTP, account: MailAccount, password: str | None) -> None:
    code, text = server.connect(account.host, account.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, text)
    server.ehlo()
    is_near = account.host in LOOPBACK
    if account.port != TLS_PORT and (server.has_extn("starttls") or not is_near):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if account.user and password:
        server.login(account.user, password)


def send(server: smtplib.SMTP, account: MailAccount, message: EmailMessage) -> SendResult:
    """Hand one message in; a mailbox that refuses it is named with the server's own words."""
    try:
        refused = server.send_message(message, account.sender, list(account.to))
    except smtplib.SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _ in error.recipients.values())
        return SendResult(False, _refusals(error.recipients), is_final)
    except smtplib.SMTPSenderRefused as error:
        words = f"the mail server refused the sender {account.sender} ({_said(error)})"
        return SendResult(False, words, error.smtp_code >= 500)
    except smtplib.SMTPResponseException as error:
        words = f"the mail server refused the message ({_said(error)})"
        return SendResult(False, words, error.smtp_code >= 500)
    except (smtplib.SMTPException, OSError) as error:
        return SendResult(False, _why(error))
    return SendResult(True, _refusals(refused))


def compose(
    account: MailAccount, subject: str, text: str, *, key: str, html: str | None = None
) -> EmailMessage:
    """A message; `key` names it, so that a repetition can be known."""
    message = EmailMessage()
    message["From"] = account.sender
    message["To"] = ", ".join(account.to)
    message["Subject"] = " ".join(subject.split())[:200]
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{key}@{account.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def _refusals(recipients: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(
        f"mailbox {address} refused the message ({_words(code, text)})"
        for address, (code, text) in sorted(recipients.items())
    )


def _said(error: smtplib.SMTPResponseException) -> str:
    return _words(error.smtp_code, error.smtp_error)


def _words(code: int, text: bytes | str) -> str:
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    printable = "".join(letter if letter.isprintable() else " " for letter in told)
    return f"{code} {' '.join(printable.split())[:SAID]}".strip()


def _why(error: Exception) -> str:
    """One sentence of our own for what smtplib or the network met."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate of the mail server is not trusted"
    if isinstance(error, ssl.SSLError):
        return "the mail server failed to set up TLS"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server offers no TLS or no login, so nothing is sent to it"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"the mail server did not answer within {TIMEOUT_S:g} s"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the mail server closed the connection"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server is not ready ({_said(error)})"
    return "the mail server cannot be reached"
