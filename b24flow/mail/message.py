"""A letter as MIME (RFC 5322, RFC 2047, RFC 2231): the same letter always gives the same bytes.

Nothing in it depends on the attempt: a letter that goes out a second time is the same one, and a mail
program that has it already can tell by its Message-ID.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from b24flow.core.addresses import wire
from b24flow.core.ports import Mail
from b24flow.mail.server import Sender


def compose(mail: Mail, sender: Sender) -> bytes:
    """Return the letter in 7-bit ASCII with CRLF at every line's end."""
    message = EmailMessage(policy=SMTP)
    origin = wire(sender.address)
    message["From"] = Address(display_name=sender.name, addr_spec=origin)
    message["To"] = [Address(addr_spec=wire(one)) for one in mail.to]
    if mail.reply_to:
        message["Reply-To"] = Address(addr_spec=wire(mail.reply_to))
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.id}@{origin.rpartition('@')[2]}>"
    message.set_content(mail.text, charset="utf-8", cte="base64")
    for one in mail.files:
        main, _, sub = one.mime.partition("/")
        message.add_attachment(one.content, maintype=main or "application", subtype=sub or "octet-stream",
                               filename=one.name)
    if mail.files:
        message.set_boundary(f"b24flow-{mail.id}")
    return message.as_bytes()
