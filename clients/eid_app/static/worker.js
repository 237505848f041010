/* Keeps the shell of the app for times without network: style, script, picture and one page without anybody's data. */
"use strict";
const NAME = "eid-shell-" + SHELL.join("|").length + "-" + SHELL.filter((each) => each.startsWith("/static/")).join("|");
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((each) => each !== NAME).map((each) => caches.delete(each))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/offline")));
  } else if (SHELL.includes(address.pathname)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
