// An ordinary openid-client: discovery, code flow with PKCE, UserInfo, refresh, introspection, revocation, logout.
// Reads lines of JSON from standard input, writes lines of JSON to standard output.
import { createInterface } from "node:readline/promises";
import * as client from "openid-client";

const [issuer, clientId, secret, redirectUri] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const hear = async () => (await lines.next()).value;

const config = await client.discovery(
  new URL(issuer), clientId, {}, client.ClientSecretBasic(secret),
  // The issuer of this test is plain http on this machine.
  { execute: [client.allowInsecureRequests] },
);
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: "openid profile",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
say({ url: url.href });

const callback = new URL(await hear());
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce,
});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
const living = await client.tokenIntrospection(config, refreshed.access_token);
await client.tokenRevocation(config, refreshed.refresh_token);
const dead = await client.tokenIntrospection(config, refreshed.access_token);
const logout = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token });
say({ claims, userinfo, living: living.active, dead: dead.active, logout: logout.href });
input.close();
