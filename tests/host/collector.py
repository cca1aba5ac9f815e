# SPDX-License-Identifier: BSD-2-Clause
"""A collector in the network that does what a test wants, by HTTP or HTTPS; and certificates for it."""
import gzip
import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import threading


def certificates(directory):
    """{name: path}: a CA, certificates of a server and of a client by it, one that has expired, and a stranger's."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)

    extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    for name in ("ca", "stranger"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                f"{name}-key.pem", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN=test {name}")
    with open(os.path.join(directory, "extensions"), "w", encoding="ascii") as file:
        file.write(extensions + "\n")
    for name, days in (("server", "2"), ("client", "2"), ("expired", "-1")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                f"{name}-key.pem", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
                "-out", f"{name}.pem", "-days", days, "-extfile", "extensions")
    for path in os.listdir(directory):
        os.chmod(os.path.join(directory, path), 0o600 if "key" in path else 0o644)
    return {name[:-len(".pem")]: os.path.join(directory, name) for name in os.listdir(directory)
            if name.endswith(".pem")}


class Collector:
    """Takes requests on a port of its own; answer(path, headers, body) says (status, headers, body) of each."""

    def __init__(self, answer=None, tls=None, port=0, host="localhost"):
        self.answer = answer or (lambda *_: (200, {}, b""))
        self.requests = []  # (path, headers, body) of those that were answered with 200 to 299
        self.lock = threading.Lock()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.serve(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a connection that ends

            def finish_request(self, request, address):
                # In a thread of its own: who connects and says nothing holds nobody up.
                super().finish_request(tls.wrap_socket(request, server_side=True) if tls else request, address)

        self.server = Server((socket.gethostbyname(host), port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with self.lock:
            status, headers, text = self.answer(handler.path, handler.headers, body)
            if 200 <= status < 300:
                self.requests.append((handler.path, dict(handler.headers), body))
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def events(self):
        with self.lock:
            return [json.loads(line) for _, _, body in self.requests for line in body.splitlines()]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Proxy:
    """An HTTP proxy that passes on what it is given, and knows what was asked of it."""

    def __init__(self):
        self.asked = []  # the first line of each connection
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                method, where, _ = self.rfile.readline().decode("ascii").split()
                proxy.asked.append((method, where))
                host, port = where.removeprefix("http://").split("/")[0].rsplit(":", 1)
                with socket.create_connection((host, int(port))) as there:
                    if method == "CONNECT":
                        while self.rfile.readline().strip():
                            pass
                        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                    else:
                        there.sendall(f"{method} /{where.split('/', 3)[3]} HTTP/1.1\r\n".encode("ascii"))
                    threading.Thread(target=self.back, args=(there,), daemon=True).start()
                    while data := self.rfile.read1():
                        there.sendall(data)

            def back(self, there):
                try:
                    while data := there.recv(1 << 16):
                        self.connection.sendall(data)
                    self.connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # a connection that ends

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def tls_of(certificate, key, client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context
