"""AWS's request signatures, by botocore (extra `aws`)."""

from __future__ import annotations

from typing import Any, Optional
from urllib.parse import urlsplit

from ._http import Sign

# Proxies may change these.
_UNSIGNED = {"user-agent", "accept-encoding", "connection"}


def signer(url: str, session: Optional[Any] = None) -> Sign:
    """Signs with the usual credentials (environment, profile, role) or those of a given botocore or boto3 session."""
    try:
        import botocore.session
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
    except ImportError as error:
        raise ImportError("aws=True needs botocore: pip install 'fidelog[aws]'") from error
    session = session if session is not None else botocore.session.Session()
    service, region = scope(urlsplit(url).hostname or "")
    if region is None:
        # boto3's sessions have the one, botocore's the other.
        region = session.region_name if hasattr(session, "region_name") else session.get_config_variable("region")
    if region is None:
        raise ValueError("no AWS region is known: set AWS_DEFAULT_REGION")
    if session.get_credentials() is None:
        raise ValueError("no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret")

    def sign(method: str, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        signed = {name: value for name, value in headers.items() if name.lower() not in _UNSIGNED}
        request = AWSRequest(method=method, url=url, headers=signed, data=body)
        # Asked for each time: a role's credentials expire, and botocore renews them.
        SigV4Auth(session.get_credentials(), service, region).add_auth(request)
        return dict(request.headers.items())

    return sign


def scope(host: str) -> tuple[str, Optional[str]]:
    """The service and region that a host name says: API Gateway's, or a function URL's."""
    labels = host.split(".")
    for service, label in (("execute-api", "execute-api"), ("lambda", "lambda-url")):
        if label in labels[:-1]:
            return service, labels[labels.index(label) + 1]
    return "execute-api", None
