/* The e-ID app: a key that never leaves this phone, and what is approved by it. Nothing personal is kept here. */
"use strict";
(() => {
  const root = document.querySelector("[data-eid]");
  if (!root) return;
  const issuer = root.dataset.issuer;
  const find = (selector, from = document) => from.querySelector(selector);
  const said = (name) => {
    const text = find(`[data-text="${name}"]`);
    return (text || find('[data-text="unexpected"]')).textContent;
  };

  /* ---------------------------------------------------------------- bytes, keys */
  const b64 = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const utf8 = (text) => new TextEncoder().encode(text);
  const random = () => b64(crypto.getRandomValues(new Uint8Array(16)));
  const kept = (mode, act) =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open("eid", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        const work = database.transaction("keys", mode);
        const asked = act(work.objectStore("keys"));
        work.oncomplete = () => { database.close(); resolve(asked.result); };
        work.onerror = () => reject(work.error);
      };
    });
  const own = () => kept("readonly", (store) => store.get("device"));
  const keep = (device) => kept("readwrite", (store) => store.put(device, "device"));
  const forget = () => kept("readwrite", (store) => store.delete("device"));
  const signed = async (device, typ, claims) => {
    const head = { alg: "ES256", typ, kid: device.id };
    const text = `${b64(utf8(JSON.stringify(head)))}.${b64(utf8(JSON.stringify(claims)))}`;
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, device.key, utf8(text));
    return `${text}.${b64(signature)}`;
  };

  /* ---------------------------------------------------------------- speaking with the provider */
  class Refused extends Error {
    constructor(told) { super(told.error); this.told = told; }
  }
  let ahead = 0;
  const post = async (path, body) => {
    let reply;
    try {
      reply = await fetch(issuer + path, {
        method: "POST", credentials: "omit", cache: "no-store",
        headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
    } catch {
      throw new Refused({ error: "offline" });
    }
    const told = await reply.json().catch(() => ({ error: "unexpected" }));
    if (!reply.ok) throw new Refused(told);
    return told;
  };
  const act = async (name, about = {}, pin = null, again = true) => {
    const device = await own();
    if (!device) throw new Refused({ error: "unknown_device" });
    const iat = Math.floor(Date.now() / 1000) + ahead;
    const claims = { ...about, aud: issuer, iat, jti: random(), act: name };
    const body = { signed: await signed(device, "eid-act+jwt", claims) };
    if (pin !== null) body.pin = pin;
    try {
      return await post("/eid/v1/device-acts", body);
    } catch (problem) {
      if (again && problem.told && problem.told.error === "wrong_clock") {
        ahead = problem.told.now - Math.floor(Date.now() / 1000);
        return act(name, about, pin, false);
      }
      throw problem;
    }
  };

  /* ---------------------------------------------------------------- registering this phone */
  const enrolling = find("form[data-enrol]");
  const problemAt = (form, code, told = {}) => {
    const place = find("[data-problem]", form);
    place.textContent = said(code).replace("{left}", told.left);
    place.hidden = false;
    place.focus();
  };
  const enrol = async (form) => {
    const fields = form.elements;
    if (fields.pin.value !== fields.again.value) throw new Refused({ error: "pins_differ" });
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    const id = b64(await crypto.subtle.digest("SHA-256", utf8(JSON.stringify({ crv, kty, x, y }))));
    const device = { id, key: pair.privateKey };
    const proof = await signed(device, "eid-device+jwt", { aud: issuer, challenge: form.dataset.challenge, sub: id });
    await post("/eid/v1/devices", {
      i: form.dataset.i, jwk: { kty, crv, x, y }, proof, pin: fields.pin.value, name: fields.name.value,
    });
    await keep(device);
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist().catch(() => false);
    location.replace("/");
  };
  if (enrolling) {
    enrolling.hidden = false;
    enrolling.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = find("button", enrolling);
      button.disabled = true;
      find("[data-problem]", enrolling).hidden = true;
      await enrol(enrolling).catch((problem) => problemAt(enrolling, problem.message, problem.told));
      button.disabled = false;
    });
    return;
  }

  /* ---------------------------------------------------------------- signing a consent */
  const consenting = find("form[data-sign]");
  const sign = async (pin) => {
    const statement = JSON.parse(consenting.dataset.sign);
    const chosen = [...consenting.querySelectorAll("[name=role]")]
      .filter((each) => each.type === "hidden" || each.checked).map((each) => each.value);
    statement.roles = Object.fromEntries(Object.entries(statement.roles).filter(([role]) => chosen.includes(role)));
    consenting.elements.signed.value = (await act("consent", { context: statement }, pin.value)).signed;
    pin.disabled = true;
    pin.value = "";
    const answer = Object.assign(document.createElement("input"), { type: "hidden", name: "answer", value: "yes" });
    consenting.append(answer);
    consenting.submit();
  };
  if (consenting) {
    const pin = consenting.elements.pin;
    own().then((device) => {
      pin.disabled = !device;
      find("[data-signing]").hidden = !device;
    });
    consenting.addEventListener("submit", async (event) => {
      const yes = event.submitter && event.submitter.value === "yes";
      if (pin.disabled) return;
      if (!yes) { pin.disabled = true; return; }
      event.preventDefault();
      find("[data-problem]", consenting).hidden = true;
      await sign(pin).catch((problem) => problemAt(consenting, problem.message, problem.told));
    });
    return;
  }

  /* ---------------------------------------------------------------- views */
  const views = [...document.querySelectorAll("[data-view]")];
  const show = (name) => {
    for (const each of views) each.hidden = each.dataset.view !== name;
    root.dataset.now = name;
    const heading = find(`[data-view="${name}"] h1`);
    if (heading) { heading.tabIndex = -1; heading.focus(); }
  };
  const ended = (code, good = false) => {
    find("[data-ended]").textContent = said(code);
    find('[data-view="ended"]').dataset.good = good;
    find("[data-lock-next]").hidden = code !== "reported";
    find("[data-silenced]").hidden = !current || current.kind !== "request";
    show("ended");
  };
  const failed = (problem) => {
    const code = problem.told ? problem.told.error : "unexpected";
    if (code === "unknown_device") { gone(); return; }
    ended(code);
  };
  const gone = async () => { await forget(); show("new"); find("[data-gone]").hidden = false; };
  const language = document.documentElement.lang;
  const moment = (seconds) => new Date(seconds * 1000).toLocaleString(language === "en" ? "en-GB" : "vi-VN");
  const service = (context) =>
    (language === "en" ? context.service_en : context.service_vi) || said("own_account");

  /* ---------------------------------------------------------------- what waits */
  let waitingNow = [];
  const card = (context) => {
    const made = find("template[data-card]").content.cloneNode(true);
    find("[data-service]", made).textContent = service(context);
    find("[data-message]", made).textContent = context.message || said("no_message");
    find("button", made).addEventListener("click", () => confirm(context, null));
    return made;
  };
  const look = async () => {
    if (root.dataset.now !== "ready" || document.hidden) return;
    try {
      const { requests } = await act("waiting");
      find("[data-offline]").hidden = true;
      if (JSON.stringify(requests) === JSON.stringify(waitingNow)) return;
      waitingNow = requests;
      find("[data-requests]").replaceChildren(...requests.map(card));
      find("[data-none]").hidden = requests.length > 0;
    } catch (problem) {
      if (problem.message === "unknown_device") await gone();
      else find("[data-offline]").hidden = false;
    }
  };

  /* ---------------------------------------------------------------- answering */
  let current = null;
  const row = (name, value) => {
    const place = find(`[data-row="${name}"]`);
    place.hidden = !value;
    find("dd", place).textContent = value || "";
  };
  const confirm = (context, near) => {
    current = context;
    const screen = context.kind === "screen";
    row("service", service(context));
    row("home", context.home);
    row("message", context.message);
    row("asked", (context.asked || []).join("; "));
    row("helper", context.helper);
    row("items", (context.items || []).map((each) => {
      const known = find(`[data-text="item.${each}"]`);
      return known ? known.textContent : each;
    }).join(", "));
    row("agent", screen ? context.agent || said("unknown") : "");
    row("network", screen ? `${context.network || said("unknown")} · ${said(near ? "near" : "far")}` : "");
    row("since", moment(context.since));
    find("[data-far]").hidden = !screen || near;
    find("[data-number]").hidden = !screen;
    const form = find("form[data-answer]");
    form.reset();
    form.elements.number.required = screen;
    find("[data-problem]", form).hidden = true;
    show("confirm");
  };
  const about = () => ({ kind: current.kind, request: current.request, context: current });
  const answer = find("form[data-answer]");
  answer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = event.submitter ? event.submitter.value : "approve";
    for (const each of answer.querySelectorAll("button")) each.disabled = true;
    try {
      if (wish === "approve") {
        const more = current.kind === "screen" ? { number: answer.elements.number.value.trim() } : {};
        await act("approve", { ...about(), ...more }, answer.elements.pin.value);
        ended("approved", true);
      } else {
        await act(wish, about());
        ended(wish === "deny" ? "denied" : "reported", true);
      }
    } catch (problem) {
      if (problem.message === "wrong_pin") problemAt(answer, "wrong_pin", problem.told);
      else failed(problem);
    }
    answer.elements.pin.value = "";
    for (const each of answer.querySelectorAll("button")) each.disabled = false;
  });

  /* ---------------------------------------------------------------- taking a code */
  let camera = null;
  const stop = () => {
    if (camera) for (const each of camera.getTracks()) each.stop();
    camera = null;
  };
  const take = async (code) => {
    stop();
    try {
      const told = await act("take", { code });
      confirm(told.context, told.same_network);
    } catch (problem) {
      failed(problem);
    }
  };
  const codeIn = (text) => {
    try {
      const address = new URL(text);
      return address.origin === location.origin && address.pathname === "/scan" ? address.hash.slice(1) : null;
    } catch {
      return null;
    }
  };
  const watch = async (detector, picture) => {
    while (camera) {
      const found = await detector.detect(picture).catch(() => []);
      if (found.length) {
        const code = codeIn(found[0].rawValue);
        if (code) { await take(code); return; }
        stop();
        ended("foreign_code");
        return;
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  };
  const scan = async () => {
    show("scan");
    const able = "BarcodeDetector" in window && navigator.mediaDevices;
    find("[data-camera]").hidden = !able;
    find("[data-no-camera]").hidden = Boolean(able);
    if (!able) return;
    try {
      camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const picture = find("video");
      picture.srcObject = camera;
      await picture.play();
      await watch(new window.BarcodeDetector({ formats: ["qr_code"] }), picture);
    } catch {
      stop();
      find("[data-camera]").hidden = true;
      find("[data-no-camera]").hidden = false;
    }
  };
  find("form[data-code]").addEventListener("submit", (event) => {
    event.preventDefault();
    take(event.target.elements.code.value);
  });

  /* ---------------------------------------------------------------- the card */
  const showing = find("form[data-show-card]");
  showing.addEventListener("submit", async (event) => {
    event.preventDefault();
    find("[data-problem]", showing).hidden = true;
    try {
      present(await act("card", {}, showing.elements.card_pin.value));
      showing.hidden = true;
      find("[data-card-shown]").hidden = false;
    } catch (problem) {
      if (problem.message === "wrong_pin") problemAt(showing, "wrong_pin", problem.told);
      else failed(problem);
    }
    showing.elements.card_pin.value = "";
  });
  let next = null;
  const present = (told) => {
    for (const each of document.querySelectorAll("[data-card-field]")) {
      each.textContent = told.card[each.dataset.cardField] || "–";
    }
    find("[data-card-qr]").innerHTML = told.qr;
    find("[data-card-made]").textContent = moment(told.made_at);
    next = setTimeout(() => act("card_again", { before: told.presentation }).then(
      (again) => { if (next) present(again); },
      (problem) => { if (next) { hide(); failed(problem); } },
    ), told.every * 1000);
  };
  const hide = () => {
    clearTimeout(next);
    next = null;
    for (const each of document.querySelectorAll("[data-card-field]")) each.textContent = "";
    find("[data-card-qr]").replaceChildren();
    find("[data-card-made]").textContent = "";
    find("[data-card-shown]").hidden = true;
    showing.hidden = false;
    if (root.dataset.now === "card") show("ready");
  };

  /* ---------------------------------------------------------------- buttons */
  const deeds = {
    scan,
    home: () => { stop(); hide(); history.replaceState(null, "", "/"); show("ready"); look(); },
    card: () => show("card"),
    settings: () => show("settings"),
    lock: async () => {
      await act("lock").then(() => ended("locked", true), failed);
    },
    give_up: async () => {
      await act("give_up").then(gone, failed);
    },
  };
  for (const each of document.querySelectorAll("[data-do]")) {
    each.addEventListener("click", () => deeds[each.dataset.do]());
  }
  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => { if (document.hidden) hide(); });

  const begin = async () => {
    if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => null);
    if (!window.indexedDB || !crypto.subtle) { show("cannot"); return; }
    const device = await own();
    if (!device) { show("new"); return; }
    const code = location.pathname === "/scan" ? location.hash.slice(1) : "";
    history.replaceState(null, "", location.pathname);
    show("ready");
    if (code) await take(code);
    else if (location.pathname === "/scan") await scan();
    else await look();
    setInterval(look, 4000);
  };
  begin();
})();
