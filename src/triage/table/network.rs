//! Names, connections, certificates and proxies.

use crate::triage::signature::signatures;

signatures! {
    "network.dns_temporary" Network Certain ["Temporary failure in name resolution"],
    "no name can be resolved",
    "look at the machine's or the container's DNS (`/etc/resolv.conf`), and whether the network is `none`",
    yes "pip._vendor.urllib3.exceptions.NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
    no "a temporary failure of the test";

    "network.dns_unknown" Network Likely ["Name or service not known"],
    "a host's name cannot be resolved",
    "a service is reached by its label from containers of its network, and by `localhost` from the runner",
    yes "psycopg2.OperationalError: could not translate host name \"db\" to address: Name or service not known",
    no "unit file of the service is not known";

    "network.no_such_host" Network Likely ["dial tcp: lookup", "no such host"],
    "a host's name cannot be resolved",
    "look at its spelling and at the DNS of the machine",
    yes "dial tcp: lookup registry.example.org on 127.0.0.11:53: no such host",
    no "dial tcp: lookup registry.example.org succeeded";

    "network.curl_resolve" Network Likely ["Could not resolve host"],
    "a host's name cannot be resolved",
    "look at its spelling and at the DNS of the machine",
    yes "curl: (6) Could not resolve host: api",
    no "curl: (7) Failed to connect to api port 80";

    "network.npm_resolve" Network Likely ["getaddrinfo", "EAI_AGAIN"],
    "a host's name cannot be resolved for now",
    "try again; if it stays, look at the DNS of the machine",
    yes "npm error getaddrinfo EAI_AGAIN registry.npmjs.example",
    no "getaddrinfo answered";

    "network.unreachable" Network Certain ["Network is unreachable"],
    "there is no way to the network that is asked for",
    "look whether the container has a network, and whether an IPv6 address is tried where there is none",
    yes "OSError: [Errno 101] Network is unreachable",
    no "the network is unreachable by design in this test case";

    "network.no_route" Network Certain ["No route to host"],
    "there is no way to the host",
    "look at the address and at firewalls between",
    yes "OSError: [Errno 113] No route to host",
    no "routes to hosts are listed";

    "network.apt_resolve" Network Certain ["Temporary failure resolving '"],
    "apt cannot resolve the name of its mirror",
    "look at the DNS of the machine, and at the proxy that apt is given",
    yes "Err:1 http://deb.example.org bookworm InRelease  Temporary failure resolving 'deb.example.org'",
    no "resolving 'deb.example.org'";

    "network.tls_timeout" Network Certain ["net/http: TLS handshake timeout"],
    "a server did not answer in time",
    "try again; if it stays, look at the proxy and at the MTU of the network",
    yes "Error response from daemon: Get \"https://registry-1.example/v2/\": net/http: TLS handshake timeout",
    no "net/http: TLS handshake done";

    "network.client_timeout" Network Likely ["Client.Timeout exceeded while awaiting headers"],
    "a server did not answer in time",
    "try again; if it stays, look at the way to it",
    yes "Get \"https://registry-1.example/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
    no "headers came in time";

    "network.read_timeout" Network Likely ["Read timed out."],
    not ["host='localhost'", "host='127.0.0.1'"],
    "a server did not answer in time",
    "try again; if it stays, look at the way to it",
    yes "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.example', port=443): Read timed out.",
    no "the read timed out in the test, as expected";

    "network.max_retries" Network Possible ["Max retries exceeded with url:"],
    not ["Connection refused", "CERTIFICATE_VERIFY_FAILED", "SSLError"],
    "a server could not be reached",
    "the reason stands at the end of the line",
    yes "HTTPSConnectionPool(host='api.example', port=443): Max retries exceeded with url: / (Caused by NewConnectionError)",
    no "max retries: 3";

    "tls.python" Certificates Certain ["CERTIFICATE_VERIFY_FAILED"],
    "the certificate of a server is not trusted",
    "give the image or the build the CA bundle of the network (`SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`, `PIP_CERT`)",
    yes "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:992)",
    no "certificate verified";

    "tls.x509" Certificates Certain ["x509: certificate signed by unknown authority"],
    "the certificate of a server is not trusted",
    "put the CA of the network where the program looks: `/etc/docker/certs.d/HOST/ca.crt` for the daemon",
    yes "Error response from daemon: Get \"https://registry.corp/v2/\": x509: certificate signed by unknown authority",
    no "x509: certificate is valid";

    "tls.x509_expired" Certificates Certain ["x509: certificate has expired or is not yet valid"],
    "a certificate has expired, or the clock is wrong",
    "look at the date of the machine, then renew the certificate",
    yes "x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is before 2026-02-01T00:00:00Z",
    no "the certificate has expired in the fixture";

    "tls.curl" Certificates Certain ["curl: (60)"],
    "the certificate of a server is not trusted",
    "install `ca-certificates` in the image, and the CA of the network",
    yes "curl: (60) SSL certificate problem: unable to get local issuer certificate",
    no "curl: (6) Could not resolve host: x";

    "tls.git" Certificates Certain ["server certificate verification failed. CAfile:"],
    "git does not trust the certificate of a server",
    "install `ca-certificates` in the image, and the CA of the network",
    yes "fatal: unable to access 'https://git.corp/x.git/': server certificate verification failed. CAfile: none CRLfile: none",
    no "server certificate verified";

    "tls.node" Certificates Certain ["SELF_SIGNED_CERT_IN_CHAIN"],
    "Node does not trust the certificate of a server",
    "set NODE_EXTRA_CA_CERTS to the CA of the network",
    yes "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN",
    no "self signed certificates are refused";

    "proxy.auth" Certificates Certain ["407 Proxy Authentication Required"],
    "the proxy asks for a login",
    "give HTTPS_PROXY with user and password, as a secret",
    yes "curl: (56) Received HTTP code 407 Proxy Authentication Required from proxy after CONNECT",
    no "the proxy answered 200";

    "proxy.connect" Certificates Certain ["Cannot connect to proxy."],
    "the proxy cannot be reached",
    "look at HTTPS_PROXY; in a container `localhost` is the container itself",
    yes "ProxyError('Cannot connect to proxy.', NewConnectionError('Failed to establish a new connection'))",
    no "connected to proxy";

    "connection.refused_python" Connection Likely ["Connection refused"],
    not ["curl:", "connection to server at"],
    "nobody listens at the address",
    "look whether the service is up, and under which name: in a container `localhost` is the container itself",
    yes "ConnectionRefusedError: [Errno 111] Connection refused",
    no "a refused connection is expected here";

    "connection.refused_go" Connection Likely ["connect: connection refused"],
    not ["Error response from daemon: Get"],
    "nobody listens at the address",
    "look whether the service is up, and under which name",
    yes "dial tcp 127.0.0.1:5432: connect: connection refused",
    no "dial tcp 127.0.0.1:5432: connected";

    "connection.refused_curl" Connection Likely ["curl: (7) Failed to connect to"],
    "nobody listens at the address",
    "look whether the service is up; wait for its health instead of a time",
    yes "curl: (7) Failed to connect to localhost port 8000 after 0 ms: Connection refused",
    no "curl: (6) Could not resolve host: x";

    "connection.reset" Connection Likely ["Connection reset by peer"],
    not ["curl: (", "Connection broken: "],
    "the other side broke the connection",
    "read the log of the service: it may have ended or run out of memory",
    yes "ConnectionResetError: [Errno 104] Connection reset by peer",
    no "the connection was reset to its defaults";

    "connection.node_refused" Connection Likely ["connect ECONNREFUSED"],
    "nobody listens at the address",
    "look whether the service is up, and under which name",
    yes "Error: connect ECONNREFUSED 127.0.0.1:6379",
    no "ECONNREFUSED is caught";

    "tls.x509_name" Certificates Certain ["x509: certificate is valid for"],
    "a server's certificate is of another name",
    "reach it by the name that the certificate has",
    yes "Get \"https://10.0.0.5/v2/\": x509: certificate is valid for registry.corp, not 10.0.0.5",
    no "x509: certificate is valid";

    "tls.pip" Certificates Certain ["There was a problem confirming the ssl certificate"],
    "pip does not trust the certificate of its index",
    "give the image or the build the CA bundle of the network (`PIP_CERT`)",
    yes "Could not fetch URL https://pypi.corp/simple/x/: There was a problem confirming the ssl certificate: certificate verify failed - skipping",
    no "the ssl certificate is confirmed";

    "tls.rust" Certificates Certain ["invalid peer certificate"],
    "the certificate of a server is not trusted",
    "give uv the CA bundle of the network: `SSL_CERT_FILE`, or `--native-tls`",
    yes "  Caused by: invalid peer certificate: UnknownIssuer",
    no "the peer's certificate is valid";

    "tls.node_codes" Certificates Certain ["DEPTH_ZERO_SELF_SIGNED_CERT"],
    "Node does not trust the certificate of a server",
    "set NODE_EXTRA_CA_CERTS to the CA of the network",
    yes "npm error code DEPTH_ZERO_SELF_SIGNED_CERT",
    no "a self signed certificate of depth 0";

    "tls.node_leaf" Certificates Certain ["UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    "Node does not trust the certificate of a server",
    "set NODE_EXTRA_CA_CERTS to the CA of the network",
    yes "npm error code UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    no "the signature of the leaf is verified";

    "tls.node_issuer" Certificates Certain ["UNABLE_TO_GET_ISSUER_CERT"],
    "Node does not trust the certificate of a server",
    "set NODE_EXTRA_CA_CERTS to the CA of the network",
    yes "Error: unable to get local issuer certificate { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' }",
    no "the issuer is known";

    "tls.no_bundle_curl" Certificates Certain ["error setting certificate"],
    "curl's bundle of certificates is not there",
    "correct CURL_CA_BUNDLE and SSL_CERT_FILE, or install `ca-certificates` in the image",
    yes "curl: (77) error setting certificate verify locations:  CAfile: /etc/pki/tls/certs/ca-bundle.crt",
    no "setting the certificate";

    "tls.no_bundle_requests" Certificates Certain ["Could not find a suitable TLS CA certificate bundle"],
    "the bundle of certificates that a variable names is not there",
    "correct REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE: a container has its own files",
    yes "OSError: Could not find a suitable TLS CA certificate bundle, invalid path: /etc/ssl/corp.pem",
    no "found a suitable bundle";

    "proxy.name" Certificates Certain ["Could not resolve proxy"],
    "the name of the proxy cannot be resolved",
    "look at HTTPS_PROXY and HTTP_PROXY",
    yes "curl: (5) Could not resolve proxy: proxy.corp",
    no "resolved proxy.corp";

    "proxy.tunnel" Certificates Certain ["unnel", "407"],
    "the proxy asks for a login",
    "give HTTPS_PROXY with user and password, as a secret",
    yes "curl: (56) CONNECT tunnel failed, response 407",
    no "the tunnel has 40 metres";

    "proxy.status" Certificates Certain ["The requested URL returned error: 407"],
    "the proxy asks for a login",
    "give HTTPS_PROXY with user and password, as a secret",
    yes "curl: (22) The requested URL returned error: 407",
    no "curl: (22) The requested URL returned error: 404";

    "connection.refused_asyncio" Connection Likely ["Connect call failed ("],
    "nobody listens at the address",
    "look whether the service is up, and under which name: in a container `localhost` is the container itself",
    yes "ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 6379)",
    no "the call to connect failed over";

    "connection.empty_reply" Connection Likely ["Empty reply from server"],
    "the other side ended the connection without an answer",
    "read the log of the service",
    yes "curl: (52) Empty reply from server",
    no "the server replied";

    "connection.closed" Connection Likely ["Remote end closed connection without response"],
    "the other side ended the connection without an answer",
    "read the log of the service",
    yes "http.client.RemoteDisconnected: Remote end closed connection without response",
    no "the remote end closed";

    "connection.closed_postgres" Connection Likely ["server closed the connection unexpectedly"],
    "PostgreSQL ended the connection",
    "read the log of the service: it may have ended or run out of memory",
    yes "psycopg2.OperationalError: server closed the connection unexpectedly",
    no "the server closed at 12";

    "network.node_notfound" Network Likely ["ENOTFOUND"],
    "a host's name cannot be resolved",
    "look at its spelling and at the DNS of the machine",
    yes "Error: getaddrinfo ENOTFOUND api.example",
    no "the host was found";

    "network.gaierror" Network Likely ["gaierror:"],
    not ["Temporary failure", "Name or service"],
    "a host's name cannot be resolved",
    "look at its spelling and at the DNS of the machine",
    yes "socket.gaierror: [Errno -5] No address associated with hostname",
    no "the address is known";

    "network.timed_out" Network Likely ["Connection timed out"],
    "a server did not answer in time",
    "look at firewalls between, and at the proxy",
    yes "OSError: [Errno 110] Connection timed out",
    no "the connection is timed";

    "network.io_timeout" Network Likely ["i/o timeout"],
    "a server did not answer in time",
    "look at firewalls between, and at the proxy",
    yes "dial tcp 10.0.0.1:443: i/o timeout",
    no "i/o is quick";

    "network.node_timeout" Network Likely ["ETIMEDOUT"],
    "a server did not answer in time",
    "look at firewalls between, and at the proxy",
    yes "Error: connect ETIMEDOUT 10.0.0.1:443",
    no "the timer is out";

    "network.curl_timeout" Network Likely ["curl: (28)"],
    "a server did not answer in time",
    "look at firewalls between, and at the proxy",
    yes "curl: (28) Connection timed out after 5001 milliseconds",
    no "curl: (7) Failed";

    "tls.issuer" Certificates Likely ["nable to get local issuer certificate"],
    not ["curl: (60)", "CERTIFICATE_VERIFY_FAILED"],
    "the certificate of a server is not trusted",
    "install `ca-certificates` in the image, and the CA of the network",
    yes "error: unable to get local issuer certificate",
    no "the issuer is local";

    "tls.self_signed" Certificates Likely ["self-signed certificate"],
    not ["curl: (60)", "CERTIFICATE_VERIFY_FAILED"],
    "the certificate of a server is not trusted",
    "install the CA of the network in the image",
    yes "error: self-signed certificate in certificate chain",
    no "a certificate";

    "tls.bundle" Certificates Likely ["NO_CERTIFICATE_OR_CRL_FOUND"],
    "a bundle of certificates holds none",
    "look at the file that SSL_CERT_FILE and the like name",
    yes "ssl.SSLError: [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found",
    no "a certificate was found";

    "connection.node_reset" Connection Likely ["ECONNRESET"],
    not ["npm "],
    "the other side broke the connection",
    "read the log of the service",
    yes "Error: read ECONNRESET",
    no "the connection is kept";

    "connection.socket_hang_up" Connection Likely ["socket hang up"],
    "the other side ended the connection without an answer",
    "read the log of the service",
    yes "Error: socket hang up",
    no "the socket is up";

    "connection.broken_pipe" Connection Likely ["Broken pipe"],
    "the other side ended the connection or the pipe",
    "look at what it says before",
    yes "BrokenPipeError: [Errno 32] Broken pipe",
    no "the pipe is whole";

    "tls.wget" Certificates Certain ["ERROR: cannot verify ", "'s certificate"],
    "wget does not trust the certificate of a server",
    "install `ca-certificates` in the image, and the CA of a proxy that is in between",
    yes "ERROR: cannot verify example.org's certificate, issued by 'CN=R3':",
    no "the certificate is verified";

    "time.read_local" Timeout Likely ["host='localhost'", "Read timed out."],
    "a server of the job itself did not answer in time",
    "read its log: it may wait for something else; a longer time-out where it only is slow",
    yes "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='localhost', port=8123): Read timed out. (read timeout=1)",
    no "HTTPSConnectionPool(host='files.example', port=443): Read timed out.";

    "network.poetry" Network Certain ["All attempts to connect to ", " failed."],
    "poetry does not reach a package index",
    "is the address right, and a proxy needed? `poetry source show` tells the indexes",
    yes "All attempts to connect to pypi.example failed.",
    no "All attempts to connect failed";
}
