"""Messages by mail to bytes and back."""

import orjson

from idp.domain.writes import SendMail
from idp.storage.codecs.version import VERSION


def message(value: SendMail) -> bytes:
    """A message to send. Holds an address and perhaps a code: to be sealed."""
    return orjson.dumps((VERSION, value.to, value.template, value.locale, value.values))


def read_message(data: bytes) -> SendMail:
    """The opposite of :func:`message`."""
    _, to, template, locale, values = orjson.loads(data)
    return SendMail(to, template, locale, tuple((name, value) for name, value in values))
