// Signing in where `config.json` names an issuer: OpenID Connect's code flow with PKCE. The token stays in this page's memory.
import * as oauth from "oauth4webapi";

/** What has to outlive the way to the issuer and back; of no use to anyone without the code that comes back. */
const PENDING = "fidelog-sign-in";

let settings;

/** `sign_in` of `config.json`: `issuer`, `client_id`, and `scope` if not `openid`. */
export function configure(from) {
  settings = from;
}

export const isConfigured = () => settings !== undefined;

/** An issuer on this machine, for those who try things out, may do without TLS. */
function insecure(issuer) {
  return { [oauth.allowInsecureRequests]: ["localhost", "127.0.0.1"].includes(issuer.hostname) };
}

async function discover() {
  const issuer = new URL(settings.issuer);
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure(issuer)));
  return { issuer, server, client: { client_id: settings.client_id }, scope: settings.scope ?? "openid" };
}

/** Leaves for the issuer's page. */
export async function leave() {
  const { server, client, scope } = await discover();
  const pending = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const url = new URL(server.authorization_endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code", client_id: client.client_id, redirect_uri: here(), scope, state: pending.state, nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier), code_challenge_method: "S256",
  })) url.searchParams.set(name, value);
  location.assign(url);
}

/** Back from the issuer's page: the access token; undefined if this is an ordinary visit. */
export async function arrive() {
  const stored = sessionStorage.getItem(PENDING);
  const url = new URL(location.href);
  if (!settings || !stored || !url.searchParams.has("state")) return undefined;
  // A code works once: neither it nor what belongs to it stays.
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", here());
  const { verifier, state, nonce } = JSON.parse(stored);
  const { issuer, server, client, scope } = await discover();
  const answer = oauth.validateAuthResponse(server, client, url, state);
  const response = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), answer, here(), verifier, insecure(issuer));
  const options = scope.split(" ").includes("openid") ? { expectedNonce: nonce, requireIdToken: true } : {};
  return (await oauth.processAuthorizationCodeResponse(server, client, response, options)).access_token;
}

/** The page's address as the issuer knows it. */
function here() {
  return location.origin + location.pathname;
}
