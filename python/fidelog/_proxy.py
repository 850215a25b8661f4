"""Which proxy stands before a server: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, as other clients read them."""

from __future__ import annotations

import http.client
import ssl
from base64 import b64encode
from typing import Optional
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass


class Proxy:
    """A proxy, and how a server is reached through it."""

    def __init__(self, url: str, server: SplitResult, tls: Optional[ssl.SSLContext]) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        #: Its address as messages show it: without a password.
        self.name = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the proxy {self.name} (of HTTP_PROXY, HTTPS_PROXY or ALL_PROXY) is no http:// one")
        if parts.scheme == "https" and tls is not None:
            raise ValueError(f"the proxy {self.name}: an https:// server is reached through an http:// proxy only")
        self._host, self._port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = tls or (ssl.create_default_context() if parts.scheme == "https" else None)
        self._server = server
        self._authorization = {}
        if parts.username is not None:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._authorization["Proxy-Authorization"] = f"Basic {b64encode(user).decode()}"
        # What goes to an https:// server is nothing that a proxy reads.
        self._is_tunnel = server.scheme == "https"
        #: What comes before a request's path, and the headers for the proxy.
        self.prefix = "" if self._is_tunnel else f"http://{server.netloc}"
        self.headers = {} if self._is_tunnel else self._authorization

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        """A connection to the proxy, or through it."""
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=timeout)
            if self._tls is None
            else http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        )
        if self._is_tunnel:
            connection.set_tunnel(self._server.hostname or "", self._server.port or 443, self._authorization)
        return connection


def proxy_of(server: SplitResult, tls: Optional[ssl.SSLContext]) -> Optional[Proxy]:
    """The proxy that the environment (or the system, on Windows and macOS) names for a server."""
    proxies = getproxies()
    url = proxies.get(server.scheme) or proxies.get("all")
    if not url or proxy_bypass(server.netloc):
        return None
    return Proxy(url, server, tls)
