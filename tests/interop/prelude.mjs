// What stands before every program of docs/clients.md: who the client is, and a person with a browser.
// Settings come as one JSON document in the environment; the person answers over standard input and output.
import { createInterface } from "node:readline/promises";
import { importJWK } from "jose";

const settings = JSON.parse(process.env.CLIENT);
export const { issuer, clientId, secret, redirectUri, registry, personalNumber } = settings;
export const key = settings.jwk && { key: await importJWK(settings.jwk, settings.jwk.alg), kid: settings.jwk.kid };
export const decryptionKey = settings.encryptionJwk
  && { key: await importJWK(settings.encryptionJwk, settings.encryptionJwk.alg), kid: settings.encryptionJwk.kid };

const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();

async function ask(question) {
  process.stdout.write(JSON.stringify(question) + "\n");
  return JSON.parse((await lines.next()).value);
}

// The person follows the address, signs in and agrees; where the browser was sent back to.
export const visit = async (url) => new URL((await ask({ visit: url.href ?? url })).back);
// Another person, in another browser.
export const visitAsDeputy = async (url) => new URL((await ask({ visit: url.href ?? url, deputy: true })).back);
// The person approves on another screen what waits for them there.
export const approve = async (what) => ask({ approve: what });
// The end of a program: what the test looks at.
export function done(result) {
  process.stdout.write(JSON.stringify({ done: result }) + "\n");
  input.close();
}
