"""An HTTP proxy that counts: what a run asks of S3, Glue, Kinesis or Fidelog's own API."""

import collections
import http.client
import http.server
import threading
import urllib.parse


class Counting:
    """Forwards to one address; `counts` says how many requests there were of each kind."""

    def __init__(self, target):
        self.counts = collections.Counter()
        address = urllib.parse.urlsplit(target)
        counts = self.counts

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service, _, action = self.headers.get("X-Amz-Target", "").partition(".")
                counts[f"{service.split('_')[0]} {action}" if action else f"HTTP {self.command}"] += 1
                upstream = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
                upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    upstream.putheader(name, value)
                upstream.endheaders(body)
                answer = upstream.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", length or str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                upstream.close()

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = forward

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
