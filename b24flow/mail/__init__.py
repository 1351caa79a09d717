"""Outgoing e-mail: the letter as MIME, and the dialogue with the mail server. The only home of `smtplib`."""
