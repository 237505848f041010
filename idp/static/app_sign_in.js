/* The screen that waits for the e-ID app: asks every two seconds how things stand. Without it the page reloads itself. */
"use strict";
(() => {
  const screen = document.querySelector("[data-screen]");
  if (!screen) return;
  const part = (name) => screen.querySelector(`[data-part="${name}"]`);
  const show = (state) => {
    for (const name of ["shown", "taken"]) part(name).hidden = name !== state;
    screen.dataset.screen = state;
  };
  const look = async () => {
    const reply = await fetch(screen.dataset.state, { credentials: "same-origin", cache: "no-store" });
    if (!reply.ok) throw new Error("state");
    const told = await reply.json();
    if (told.state === "shown") {
      const picture = part("shown").querySelector("[data-qr]");
      const code = part("shown").querySelector("[data-code]");
      if (picture) picture.innerHTML = told.qr;
      if (code) code.textContent = told.code;
      show("shown");
    } else if (told.state === "taken") {
      part("taken").querySelector("[data-number]").textContent = told.number;
      show("taken");
    } else {
      location.replace(screen.dataset.here);
      return false;
    }
    return true;
  };
  const wait = async () => {
    let on = true;
    try {
      if (!document.hidden) on = await look();
    } catch {
      /* the network may come back; the next look says */
    }
    if (on) setTimeout(wait, 2000);
  };
  setTimeout(wait, 2000);
})();
