"""Checks the signature of a webhook with nothing but Python's standard library.

    event = verify(request.headers, request.get_data(), "whsec_...")

Give it the bytes exactly as they came: a body that was parsed and written again has another signature.
"""

import base64
import hashlib
import hmac
import json
import time


class InvalidSignature(Exception):
    """Answer 400. Its message says why."""


def verify(headers, body, secret, tolerance=300, now=None):
    """The event. `headers` is a mapping, `body` bytes, `secret` the endpoint's `signing_secret` as it was shown."""
    headers = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split(" ")
        age = (time.time() if now is None else now) - int(timestamp)
    except (KeyError, ValueError) as error:
        raise InvalidSignature("malformed_header") from error
    if abs(age) > tolerance:
        raise InvalidSignature("timestamp_out_of_tolerance")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise InvalidSignature("invalid_signature")
    return json.loads(body)


def verify_short(header, body, secret, tolerance=300, now=None):
    """The same by the one header `QairoPay-Signature`, whose key is the secret as it is shown."""
    parts = [part.partition("=") for part in header.split(",")]
    timestamps = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(timestamps) != 1 or not timestamps[0].isdigit() or not signatures:
        raise InvalidSignature("malformed_header")
    if abs((time.time() if now is None else now) - int(timestamps[0])) > tolerance:
        raise InvalidSignature("timestamp_out_of_tolerance")
    expected = hmac.new(secret.encode(), f"{timestamps[0]}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise InvalidSignature("invalid_signature")
    return json.loads(body)
