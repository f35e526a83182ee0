"""Sends letters by SMTP (RFC 5321), one connection each, with timeouts; the outbox tries again what did not leave."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from idp.core.clock import Clock, epoch
from idp.core.errors import Unavailable
from idp.core.ids import new_id
from idp.documents.mail import render
from idp.services.post import KIND, Letter, Post

if TYPE_CHECKING:
    from email.message import EmailMessage
    from smtplib import SMTP

__all__ = ["KIND", "Deliveries"]

_SECONDS = 20
_log = logging.getLogger(__name__)


class Deliveries:
    """The handler of outbox items of kind KIND. `url` is IDP_SMTP_URL, `sender` IDP_MAIL_FROM, `site` our address."""

    def __init__(self, clock: Clock, post: Post, url: str, sender: str, *, site: str, ca_file: str = "") -> None:
        self._clock = clock
        self._post = post
        self._url = urlsplit(url)
        self._sender = sender
        self._site = site
        self._ca_file = ca_file

    def __call__(self, data: Mapping[str, Any]) -> None:
        """Raises Unavailable to be tried again. A code that is over by now is not sent any more, and what the server
        will never take is not offered twice."""
        if not self._url.hostname:
            raise Unavailable("no mail can be sent", detail="IDP_SMTP_URL is not set")
        letter = self._post.open(data)
        if letter.until and letter.until <= epoch(self._clock.now()):
            return
        self._send(self._message(letter))

    def _message(self, letter: Letter) -> EmailMessage:
        from email.message import EmailMessage
        from email.policy import SMTP
        from email.utils import format_datetime

        mail = render(letter.letter, letter.language, {**letter.values, "site": self._site})
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{new_id()}@{urlsplit(self._site).hostname}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no holiday notice comes back.
        message["Content-Language"] = letter.language
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message

    def _send(self, message: EmailMessage) -> None:
        from smtplib import SMTPException, SMTPRecipientsRefused

        try:
            with self._connect() as server:
                server.send_message(message)
        except SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            if any(code < 500 for code in codes):
                raise Unavailable("the mail server put the letter off", detail=f"codes {codes}") from None
            _log.warning("no such mailbox", extra={"codes": codes})
        except (SMTPException, OSError) as error:
            # Its own text may hold the address, and with a wrong password the server's words about it.
            raise Unavailable("the letter did not leave", detail=type(error).__name__) from None

    def _connect(self) -> SMTP:
        import ssl
        from smtplib import SMTP, SMTP_SSL

        url, host = self._url, str(self._url.hostname)
        trust = ssl.create_default_context()
        if self._ca_file:
            trust.load_verify_locations(self._ca_file)
        if url.scheme == "smtps":
            server: SMTP = SMTP_SSL(host, url.port or 465, timeout=_SECONDS, context=trust)
        else:
            server = SMTP(host, url.port or (587 if url.query else 25), timeout=_SECONDS)
        try:
            if url.query:
                server.starttls(context=trust)
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
        except BaseException:
            server.close()
            raise
        return server
