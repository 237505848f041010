// An openid-client that proves who it is by its TLS certificate (RFC 8705), and then a thief with its tokens.
import { readFileSync } from "node:fs";
import { lookup } from "node:dns";
import { createInterface } from "node:readline/promises";
import { Agent, fetch } from "undici";
import * as client from "openid-client";

const { issuer, clientId, redirectUri, ca, own, other, method, pushed } = JSON.parse(process.argv[2]);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const hear = async () => (await lines.next()).value;

// The second name of the provider is this machine too, whether or not the resolver knows.
const here = (_, options, found) => lookup("localhost", options, found);
const agents = [];
function speaking(certificate) {
  const shown = certificate && { cert: readFileSync(certificate[0]), key: readFileSync(certificate[1]) };
  const dispatcher = new Agent({ connect: { ca: readFileSync(ca), lookup: here, ...shown } });
  agents.push(dispatcher);
  return (url, options) => fetch(url, { ...options, dispatcher });
}

const authentication = method === "tls_client_auth" ? client.TlsClientAuth() : client.None();
const config = await client.discovery(
  new URL(issuer), clientId, { use_mtls_endpoint_aliases: true }, authentication,
  { [client.customFetch]: speaking(own), execute: [client.enableNonRepudiationChecks] },
);
const expectedState = client.randomState();
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const parameters = {
  redirect_uri: redirectUri,
  scope: "openid profile",
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
  state: expectedState,
};
const build = pushed ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
const url = await build(config, parameters);
say({ url: url.href });
const back = new URL(await hear());
const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState });
const { sub } = tokens.claims();
const person = await client.fetchUserInfo(config, tokens.access_token, sub);
const later = await client.refreshTokenGrant(config, tokens.refresh_token);
// RFC 7662 2.1: only who can prove who they are may ask about tokens.
const asked = async () => (method === "none" ? {} : client.tokenIntrospection(config, later.access_token));
const living = await asked();

const { userinfo_endpoint: userinfo, token_endpoint: token } = config.serverMetadata().mtls_endpoint_aliases;
const headers = { authorization: `Bearer ${later.access_token}` };
const body = new URLSearchParams({
  grant_type: "refresh_token", client_id: clientId, refresh_token: later.refresh_token ?? tokens.refresh_token,
});
const thefts = [];
for (const speak of [speaking(), speaking(other)]) {
  const read = await speak(userinfo, { headers });
  const renewed = await speak(token, { method: "POST", body });
  thefts.push([read.status, read.headers.get("www-authenticate"), renewed.status, (await renewed.json()).error]);
}
await client.tokenRevocation(config, later.access_token);
const dead = await asked();
say({ sub, name: person.name, living, dead, thefts, userinfo });
input.close();
await Promise.all(agents.map((agent) => agent.close()));
