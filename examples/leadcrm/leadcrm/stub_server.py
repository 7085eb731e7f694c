"""A stand-in for the external APIs, for tests and for work without network.

Run it with ``python -m leadcrm.stub_server --port 5010``. Answers depend only on
the request, so that tests can rely on them:

* domains that start with ``unknown`` are not found, ``busy`` answers 503;
* addresses that start with ``bounce`` are undeliverable, ``risky`` are risky.
"""

from __future__ import annotations

import argparse
import json
import logging
import zlib
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from leadcrm import __version__
from leadcrm.validation import DISPOSABLE_DOMAINS, email_domain

log = logging.getLogger(__name__)

INDUSTRIES = ("software", "finance", "healthcare", "manufacturing", "retail", "education")
COUNTRIES = ("DE", "FR", "NL", "PL", "US")
COMPANY_PREFIX = "/enrichment/v1/companies/"
CHECK_PATH = "/verification/v1/check"

Answer = tuple[HTTPStatus, dict[str, object]]


def company_answer(domain: str) -> Answer:
    """A made-up but stable profile for a domain."""
    if domain.startswith("unknown"):
        return HTTPStatus.NOT_FOUND, {"error": "no such company"}
    if domain.startswith("busy"):
        return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "try again later"}
    number = zlib.crc32(domain.encode())
    return HTTPStatus.OK, {
        "domain": domain,
        "name": domain.split(".")[0].replace("-", " ").title(),
        "industry": INDUSTRIES[number % len(INDUSTRIES)],
        "employees": 1 + number % 3000,
        "country": COUNTRIES[number % len(COUNTRIES)],
    }


def check_answer(email: str) -> Answer:
    """The verification result for an address."""
    if "@" not in email:
        return HTTPStatus.BAD_REQUEST, {"error": "email is missing or malformed"}
    if email.startswith("bounce"):
        result = "undeliverable"
    elif email.startswith("risky") or email_domain(email) in DISPOSABLE_DOMAINS:
        result = "risky"
    else:
        result = "deliverable"
    return HTTPStatus.OK, {"email": email, "result": result}


class StubHandler(BaseHTTPRequestHandler):
    """Routes the requests of both external APIs."""

    server_version = f"leadcrm-stub/{__version__}"

    def do_GET(self) -> None:
        status, body = self._route()
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(data)

    def _route(self) -> Answer:
        url = urlsplit(self.path)
        if url.path == "/health":
            return HTTPStatus.OK, {"status": "ok", "service": "stub", "version": __version__}
        is_company = url.path.startswith(COMPANY_PREFIX)
        if not is_company and url.path != CHECK_PATH:
            return HTTPStatus.NOT_FOUND, {"error": "no such path"}
        if not self.headers.get("X-Api-Key"):
            return HTTPStatus.UNAUTHORIZED, {"error": "X-Api-Key is missing"}
        if is_company:
            return company_answer(unquote(url.path.removeprefix(COMPANY_PREFIX)).lower())
        return check_answer(parse_qs(url.query).get("email", [""])[0].lower())

    def log_message(self, format: str, *args: object) -> None:
        log.info("%s %s", self.address_string(), format % args)


class StubServer(ThreadingHTTPServer):
    """One thread per request, and room for many clients that connect at once."""

    request_queue_size = 128


def make_server(host: str = "127.0.0.1", port: int = 0) -> StubServer:
    """Bind a server; port 0 picks a free one (see `server_port`)."""
    return StubServer((host, port), StubHandler)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line entry point: serve until interrupted."""
    parser = argparse.ArgumentParser(prog="leadcrm.stub_server", description="External API stubs")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5010)
    parser.add_argument("--verbose", action="store_true", help="log every request")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    with make_server(options.host, options.port) as server:
        print(f"stub server listens on http://{options.host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stub server stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
