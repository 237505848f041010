"""A real child process for the tests of the supervisor: answers 200, has a child of its own, dies when told."""

import http.server
import subprocess
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every path; ``/die`` ends the process with last words."""

    def do_GET(self) -> None:
        """Answer, or die."""
        if self.path == "/die":
            sys.stdout.write("these are my last words\n")
            sys.stdout.flush()
            raise SystemExit(3)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(http.server.HTTPServer):
    """Lets SystemExit through instead of logging it."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Die of any error."""
        raise SystemExit(3)


if __name__ == "__main__":
    grandchild = subprocess.Popen(["sleep", "1000"])
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
