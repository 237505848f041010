"""The page that clients keep in a hidden frame (Session Management 1.0, section 3.2): made once, the same for all.

Its one script reads the browser state, the only cookie of ours that scripts can read, and answers ``unchanged``,
``changed`` or ``error``. It may be framed by anybody, fetches nothing, and shows nothing.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from idp.endpoints.answers import Answer, Header

SCRIPT: Final = """"use strict";
const NAME = "%s";
const MESSAGE = /^(.{1,512}) ([0-9a-f]{64})\\.([A-Za-z0-9_-]{1,64})$/s;
function held() {
  const found = document.cookie.split("; ").find((part) => part.startsWith(NAME + "="));
  return found === undefined ? null : found.slice(NAME.length + 1);
}
async function judged(message, origin) {
  const parts = typeof message === "string" && message.length < 1024 ? MESSAGE.exec(message) : null;
  if (parts === null || !globalThis.crypto || !crypto.subtle) return "error";
  const state = held();
  // Nobody is signed in, or the browser hides our cookies in frames: only the first is a change.
  if (state === null) return !document.hasStorageAccess || (await document.hasStorageAccess()) ? "changed" : "error";
  const text = new TextEncoder().encode([parts[1], origin, state, parts[3]].join(" "));
  const bytes = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", text)));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("") === parts[2] ? "unchanged" : "changed";
}
addEventListener("message", async (event) => {
  if (!event.source || event.source === window || event.origin === "null") return;
  event.source.postMessage(await judged(event.data, event.origin), event.origin);
});
"""


def page(cookie: str) -> Answer:
    """The page for a provider whose browser state is in this cookie."""
    script = SCRIPT % cookie
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    head = '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Phiên</title>'
    body = f"{head}<script>{script}</script></html>"
    # Who frames it is judged by what it answers: without a session_state of its own origin a page learns nothing.
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    headers: tuple[Header, ...] = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode("ascii")),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"public, max-age=3600"),
    )
    return Answer(200, body.encode(), headers, safe=())
