// An openid-client that has everything encrypted to it: signed answers (JARM), ID token, UserInfo, introspection.
// Makes its own keys, says the public halves, and checks every signature against the provider's published keys.
import { createInterface } from "node:readline/promises";
import * as client from "openid-client";

const [issuer, clientId, secret, redirectUri] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const hear = async () => (await lines.next()).value;

const RSA = { name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const EC = { name: "ECDH", namedCurve: "P-256" };
const made = async (kid, alg, algorithm, uses) => {
  const pair = await crypto.subtle.generateKey(algorithm, true, uses);
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { key: pair.privateKey, alg, kid, jwk: { kty, crv, x, y, n, e, kid, alg, use: "enc" } };
};
const keys = [
  await made("rsa", "RSA-OAEP-256", RSA, ["encrypt", "decrypt"]),
  await made("direct", "ECDH-ES", EC, ["deriveBits"]),
  await made("wrapped", "ECDH-ES+A256KW", EC, ["deriveBits"]),
];
say({ keys: keys.map(({ jwk }) => jwk) });
await hear();

const config = await client.discovery(
  new URL(issuer), clientId, {
    id_token_signed_response_alg: "PS256",
    userinfo_signed_response_alg: "RS256",
    introspection_signed_response_alg: "ES256",
    authorization_signed_response_alg: "ES256",
  },
  client.ClientSecretBasic(secret),
  // The issuer of this test is plain http on this machine.
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks, client.useJwtResponseMode] },
);
client.enableDecryptingResponses(config, ["A256GCM", "A128CBC-HS256", "A256CBC-HS512"], ...keys);
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

const tokens = await client.authorizationCodeGrant(config, new URL(await hear()), {
  pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce,
});
const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
const living = await client.tokenIntrospection(config, refreshed.access_token);
await client.tokenRevocation(config, refreshed.refresh_token);
const dead = await client.tokenIntrospection(config, refreshed.access_token);
say({
  sub: tokens.claims().sub, again: refreshed.claims().sub, userinfo, living: living.active, dead: dead.active,
  parts: tokens.id_token.split(".").length,
});
input.close();
