"""What a desk of client.py signs its proofs with: ES256 (ECDSA over P-256), with the standard library only.

For tests: nothing here keeps the secret from somebody who measures time.
"""

import base64
import hashlib
import json
import secrets
import time

# The curve P-256 (FIPS 186-5), as far as signing needs it.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def times(k, point):
    total = None
    while k:
        if k & 1:
            total = plus(total, point)
        point, k = plus(point, point), k >> 1
    return total


def plus(a, b):
    if a is None:
        return b
    slope = (3 * (a[0] ** 2 - 1) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


class Key:
    """The key of a desk; makes its proofs (DPoP, RFC 9449, with ES256)."""

    def __init__(self):
        self.secret = secrets.randbelow(N - 1) + 1
        x, y = (b64(value.to_bytes(32, "big")) for value in times(self.secret, G))
        self.jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def proof(self, url, nonce, offset, token):
        claims = {"jti": secrets.token_urlsafe(18), "htm": "POST", "htu": url, "iat": int(time.time() + offset)}
        claims |= {"nonce": nonce} if nonce else {}
        claims |= {"ath": b64(hashlib.sha256(token.encode()).digest())} if token else {}
        text = b64({"alg": "ES256", "typ": "dpop+jwt", "jwk": self.jwk}) + "." + b64(claims)
        return text + "." + b64(self.sign(text))

    def signed(self, text):
        """The key and its signature of a text, as a delivery of events has them."""
        x, y = (base64.urlsafe_b64decode(self.jwk[half] + "=") for half in "xy")
        return {"key": b64(x + y), "value": b64(self.sign(text))}

    def sign(self, text):
        once, digest = secrets.randbelow(N - 1) + 1, int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
        r = times(once, G)[0] % N
        s = pow(once, -1, N) * (digest + r * self.secret) % N
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
