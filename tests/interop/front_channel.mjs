// An old openid-client: a hybrid sign-in (code id_token) whose c_hash it checks, then an implicit one (id_token).
import { createInterface } from "node:readline/promises";
import * as client from "openid-client";

const [issuer, clientId, secret, redirectUri] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const hear = async () => new URL((await lines.next()).value);

// The issuer of this test is plain http on this machine.
const configured = (responseType) => client.discovery(
  new URL(issuer), clientId, { id_token_signed_response_alg: "RS256" }, client.ClientSecretBasic(secret),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks, responseType] },
);
const state = client.randomState();
const nonce = client.randomNonce();
const request = { redirect_uri: redirectUri, scope: "openid profile", state, nonce };

const hybrid = await configured(client.useCodeIdTokenResponseType);
const verifier = client.randomPKCECodeVerifier();
say({ url: client.buildAuthorizationUrl(hybrid, {
  ...request,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
}).href });
const tokens = await client.authorizationCodeGrant(hybrid, await hear(), {
  pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce,
});

const implicit = await configured(client.useIdTokenResponseType);
say({ url: client.buildAuthorizationUrl(implicit, request).href });
const claims = await client.implicitAuthentication(implicit, await hear(), nonce, { expectedState: state });

const out = client.buildEndSessionUrl(implicit, { id_token_hint: tokens.id_token });
say({ hybrid: tokens.claims().sub, implicit: claims.sub, name: claims.name, out: out.href });
input.close();
