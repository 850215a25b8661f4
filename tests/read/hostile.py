"""Random bytes on every route of a server: `hostile.py URL SECONDS [SEED]`. It must answer none with 5xx, and go on.

What is sent is made from a seed, which is printed: the same seed sends the same."""

import random
import socket
import sys
import time
import urllib.parse
import urllib.request

ROUTES = ("/v1/queries", "/v1/queries/{}", "/v1/queries/{}/results", "/v1/query", "/v1/schema", "/v1/health", "/v1/openapi.json", "/", "/{}")
METHODS = ("GET", "POST", "DELETE", "PUT", "OPTIONS", "HEAD", "PATCH", "TRACE", "{}")
NAMES = ("sql", "query", "cursor", "limit", "{}")
HEADERS = ("Accept", "Accept-Encoding", "Idempotency-Key", "If-None-Match", "Content-Type", "Authorization", "Origin", "Range", "Expect", "Transfer-Encoding")
WORDS = (b"SELECT * FROM logs", b'{"sql":', b'{"sql":"SELECT ?","params":[', b"9" * 40, b"%00%ff", b"application/json; block=base64", b"gzip;q=0.5", b"'", b'"', b"\\ud800", b"\xff\xfe", b"\0")


class Dice(random.Random):
    def bytes(self, most):
        """Random bytes, and words that lead deeper."""
        parts = (self.choice(WORDS) if self.random() < 0.4 else self.randbytes(self.randrange(1, 40)) for _ in range(self.randrange(4)))
        return b"".join(parts)[:most]

    def text(self, pattern):
        return pattern.replace("{}", urllib.parse.quote(self.bytes(60), safe="") if self.random() < 0.9 else "x" * self.randrange(9_000))

    def request(self, host):
        if self.random() < 0.05:
            return self.randbytes(self.randrange(1, 4_000))
        query = "&".join(f"{self.text(self.choice(NAMES))}={urllib.parse.quote(self.bytes(200))}" for _ in range(self.randrange(3)))
        target = self.text(self.choice(ROUTES)) + ("?" + query if query else "")
        body = self.bytes(400) if self.random() < 0.9 else self.randbytes(self.randrange(3_000_000))
        head = [f"{self.text(self.choice(METHODS)) or 'GET'} {target} HTTP/1.1".encode(), b"Host: " + host.encode(), b"Connection: close"]
        for name in self.sample(HEADERS, self.randrange(4)):
            head.append(name.encode() + b": " + self.bytes(80).replace(b"\n", b"").replace(b"\r", b""))
        length = len(body) if self.random() < 0.95 else self.randrange(1 << 20)
        head.append(b"Content-Length: %d" % length)
        return b"\r\n".join(head) + b"\r\n\r\n" + body


def status(host, port, request):
    """The answer's status; none if the server just closed the connection."""
    with socket.create_connection((host, port), 30) as stream:
        stream.settimeout(30)
        try:
            stream.sendall(request)
            stream.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It has refused already; its answer may be there.
        answer = b""
        try:
            while len(answer) < 12 and (more := stream.recv(4096)):
                answer += more
        except ConnectionResetError:
            pass
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else None


def main(url, seconds, seed):
    print(f"random bytes for {seconds} s, seed {seed}")
    dice, counts = Dice(seed), {}
    host, port = url.removeprefix("http://").split(":")
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        request = dice.request(f"{host}:{port}")
        code = status(host, int(port), request)
        counts[code] = counts.get(code, 0) + 1
        assert code is None or code < 500, (code, request[:2_000])
    with urllib.request.urlopen(f"{url}/v1/health", timeout=30) as answer:
        assert answer.status == 200
    print(", ".join(f"{count} times {code or 'closed'}" for code, count in sorted(counts.items(), key=str)))
    assert len(counts) > 3, counts


main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32))
