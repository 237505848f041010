// A portal that is one page: npm oidc-client-ts does everything, and the test looks at what it says.
// One page serves the callback, the hidden frame of a silent sign-in, the front-channel logout and the way back.
"use strict";
const { UserManager, WebStorageStateStore, IndexedDbDPoPStore } = oidc;
const here = location.origin;
const heard = [];

async function opened() {
  const { dpop, ...settings } = await (await fetch("/settings.json")).json();
  const manager = new UserManager({
    redirect_uri: `${here}/callback`,
    silent_redirect_uri: `${here}/callback`,
    post_logout_redirect_uri: `${here}/bye`,
    userStore: new WebStorageStateStore({ store: localStorage }),
    loadUserInfo: true,
    checkSessionIntervalInSeconds: 0.1,
    ...settings,
    ...(dpop && { dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() } }),
  });
  manager.events.addUserSignedOut(() => heard.push("signed out"));
  manager.events.addUserSessionChanged(() => heard.push("session changed"));
  manager.events.addSilentRenewError((error) => heard.push(String(error)));
  if (location.pathname === "/callback") await manager.signinCallback();
  if (location.pathname === "/bye") heard.push((await manager.signoutCallback()).userState);
  if (location.pathname === "/front-channel") {
    const user = await manager.getUser();
    const asked = new URLSearchParams(location.search);
    if (asked.get("iss") === user?.profile.iss && asked.get("sid") === user?.profile.sid) await manager.removeUser();
  }
  return manager;
}

// What the provider's frame answers, beside the library's own listener.
addEventListener("message", ({ data }) => ["unchanged", "error"].includes(data) && heard.push(data));
const opening = opened();

// What the tests call.
const portal = {
  async signIn(extra = {}) {
    await (await opening).signinRedirect(extra);
  },
  async user() {
    return (await opening).getUser();
  },
  async renewed(extra = {}) {
    return (await opening).signinSilent(extra);
  },
  async revoke() {
    await (await opening).revokeTokens();
  },
  async signOut() {
    await (await opening).signoutRedirect({ state: "from the portal" });
  },
  // UserInfo with the token as the library holds it: its own loader knows bearer tokens only.
  async userinfo(scheme, nonce) {
    const manager = await opening;
    const user = await manager.getUser();
    const url = await manager.metadataService.getUserInfoEndpoint();
    const headers = { authorization: `${scheme ?? user.token_type} ${user.access_token}` };
    if (manager.settings.dpop && scheme !== "Bearer") headers.dpop = await manager.dpopProof(url, user, "GET", nonce);
    const answer = await fetch(url, { headers });
    const challenge = answer.headers.get("dpop-nonce");
    if (answer.status === 401 && challenge && !nonce) return portal.userinfo(scheme, challenge);
    if (nonce) heard.push("nonce");
    return { status: answer.status, challenge: answer.headers.get("www-authenticate"), claims: await answer.json() };
  },
  heard: () => heard,
};
