/* Passkeys: shows the forms that need one, and fills in what the browser signed. Nothing else on a page needs it. */
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (each) => String.fromCharCode(each)).join(""))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const listed = (all) => (all || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const made = async (options) => {
    const key = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: listed(options.excludeCredentials),
      },
    });
    return {
      clientDataJSON: text(key.response.clientDataJSON),
      attestationObject: text(key.response.attestationObject),
      transports: key.response.getTransports ? key.response.getTransports() : [],
      of: key,
    };
  };
  const used = async (options) => {
    const key = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: listed(options.allowCredentials),
      },
    });
    return {
      clientDataJSON: text(key.response.clientDataJSON),
      authenticatorData: text(key.response.authenticatorData),
      signature: text(key.response.signature),
      userHandle: key.response.userHandle ? text(key.response.userHandle) : null,
      of: key,
    };
  };

  const answer = async (form) => {
    const fields = new URLSearchParams();
    for (const name of ["csrf_token", "i"]) if (form.elements[name]) fields.set(name, form.elements[name].value);
    const reply = await fetch(form.dataset.options, { method: "POST", body: fields, credentials: "same-origin" });
    if (!reply.ok) throw new Error("options");
    const told = await reply.json();
    const { of, ...response } = await (form.dataset.passkey === "create" ? made : used)(told.options);
    if (told.i) form.elements.i.value = told.i;
    form.elements.credential.value = JSON.stringify({
      id: of.id, rawId: text(of.rawId), type: of.type, response,
      clientExtensionResults: {}, authenticatorAttachment: of.authenticatorAttachment || null,
    });
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const problem = form.querySelector("[data-problem]");
    form.hidden = false;
    for (const each of document.querySelectorAll("[data-without-passkey]")) each.hidden = true;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      problem.hidden = true;
      try {
        await answer(form);
      } catch {
        problem.hidden = false;
        problem.focus();
      }
      button.disabled = false;
    });
  }
})();
