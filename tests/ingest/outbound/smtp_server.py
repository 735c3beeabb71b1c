"""A real SMTP server on loopback that takes mail, refuses it, or is as slow as it is told to be."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class MailServer:
    """What it answers to each command, a list of answers used up one by one, and what it took."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    by_mailbox: dict[str, str] = field(default_factory=dict)
    greeting: bytes = b"220 mail.test ready\r\n"
    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    is_silent: bool = False
    drip_s: float = 0.0
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def answer(self, verb: str, usual: str) -> str:
        """The next answer of those given for a command, else the usual one."""
        waiting = self.answers.get(verb)
        return waiting.pop(0) if waiting else usual


class Session(socketserver.StreamRequestHandler):
    home: MailServer

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        if self.home.is_silent:
            self.home.let_go.wait(30)
            return
        if self.home.drip_s:
            for letter in self.home.greeting * 100:
                self.wfile.write(bytes([letter]) if letter not in b"\r\n" else b"x")
                if self.home.let_go.wait(self.home.drip_s):
                    return
        self.wfile.write(self.home.greeting)
        self.recipients: list[str] = []
        self.is_encrypted = False
        while line := self.rfile.readline():
            text = line.decode().strip()
            self.home.heard.append(text)
            verb = text.partition(" ")[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._answer(verb, text)

    def _answer(self, verb: str, text: str) -> None:
        home = self.home
        if verb == "EHLO":
            offered = [name for name in home.extensions if name != "STARTTLS" or home.tls]
            lines = ["mail.test", *offered]
            marks = ["-"] * (len(lines) - 1) + [" "]
            self._say("\r\n".join(f"250{m}{s}" for m, s in zip(marks, lines, strict=True)))
        elif verb == "STARTTLS":
            self._say("220 go on")
            assert home.tls is not None
            self.connection = home.tls.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self.is_encrypted = True
        elif verb == "RCPT":
            mailbox = text.partition("<")[2].partition(">")[0]
            answer = home.by_mailbox.get(mailbox) or home.answer("RCPT", "250 ok")
            self.recipients += [mailbox] if answer.startswith("250") else []
            self._say(answer)
        elif verb == "DATA":
            self._take()
        elif verb == "RSET":
            self.recipients = []
            self._say("250 ok")
        else:
            self._say(home.answer(verb, "235 welcome" if verb == "AUTH" else "250 ok"))

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = self.home.answer("DATA", "250 taken")
        if answer.startswith("250"):
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.home.mails.append(mail)
            self.home.envelopes.append(self.recipients)
            self.home.were_encrypted.append(self.is_encrypted)
        self.recipients = []
        self._say(answer)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server(server: MailServer | None = None) -> Iterator[MailServer]:
    """The server, listening."""
    home = server or MailServer()
    handler = type("HomeSession", (Session,), {"home": home})
    with Listener(("127.0.0.1", 0), handler) as listener:
        home.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield home
        finally:
            home.let_go.set()
            listener.shutdown()
            thread.join()


def self_made(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own making, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem
