"""What independent implementations make of Web Push: http-ece, py-vapid, pywebpush.

    python3 web_push.py open    {"body", "private", "authentication", "authorization"} -> {"content", "claims"}
    python3 web_push.py seal    {"content", "public", "authentication"} -> {"body"}

JSON on standard input and output; bytes in the URL alphabet of base64, without padding.
"""

import base64
import json
import sys

import http_ece
import py_vapid
import pywebpush
from cryptography.hazmat.primitives.asymmetric import ec


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


given = json.load(sys.stdin)
if sys.argv[1] == "open":
    private = ec.derive_private_key(int.from_bytes(decode(given["private"]), "big"), ec.SECP256R1())
    content = http_ece.decrypt(
        decode(given["body"]), private_key=private, auth_secret=decode(given["authentication"]), version="aes128gcm")
    # It does not know the blank that the RFC's own example has.
    header = given["authorization"].replace(", k=", ",k=")
    if not py_vapid.Vapid02.verify(header):
        sys.exit("the token does not verify")
    claims = json.loads(decode(header.split("t=")[1].split(",")[0].split(".")[1]))
    print(json.dumps({"content": encode(content), "claims": claims}))
else:
    pusher = pywebpush.WebPusher({
        "endpoint": "https://push.example.net/x",
        "keys": {"p256dh": given["public"], "auth": given["authentication"]}})
    print(json.dumps({"body": encode(pusher.encode(decode(given["content"]), content_encoding="aes128gcm")["body"])}))
