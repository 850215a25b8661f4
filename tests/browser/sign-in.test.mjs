// The console from a bucket, before an API that asks for a token: signing in at a made-up issuer that checks what it is told.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { launch, openPage, root, shoot } from "./harness.mjs";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml" };
const TOKEN = "an-access-token";
const CLIENT = "console";

/** What the issuer does next time, and what it and the API were told. */
let issuer;
beforeEach(() => (issuer = { nonce: undefined, state: undefined, refuse: false, codes: new Map(), asked: [], authorizations: [] }));

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const server = createServer(async (request, response) => {
  const url = new URL(request.url, base);
  const json = (status, value) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  if (url.pathname === "/config.json") return json(200, { api: "", sign_in: { issuer: `${base}/issuer`, client_id: CLIENT } });
  if (url.pathname.startsWith("/v1/")) {
    issuer.authorizations.push(request.headers.authorization);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return json(401, { title: "Unauthorized", code: "unauthorized" });
    return json(200, { table: "logs", version: 1, schema: {}, columns: [{ name: "n", column: "n", type: "bigint", encoding: "integer" }] });
  }
  if (url.pathname === "/issuer/.well-known/openid-configuration") {
    return json(200, { issuer: `${base}/issuer`, authorization_endpoint: `${base}/issuer/authorize`, token_endpoint: `${base}/issuer/token`, response_types_supported: ["code"], code_challenge_methods_supported: ["S256"] });
  }
  if (url.pathname === "/issuer/authorize") {
    const asked = Object.fromEntries(url.searchParams);
    issuer.asked.push(asked);
    const back = new URL(asked.redirect_uri);
    back.searchParams.set("state", issuer.state ?? asked.state);
    if (issuer.refuse) {
      back.searchParams.set("error", "access_denied");
      back.searchParams.set("error_description", "not for you");
    } else {
      const code = randomUUID();
      issuer.codes.set(code, asked);
      back.searchParams.set("code", code);
    }
    return response.writeHead(302, { Location: String(back) }).end();
  }
  if (url.pathname === "/issuer/token") {
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const asked = issuer.codes.get(form.get("code"));
    issuer.codes.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier")).digest("base64url");
    const isRight = asked && asked.code_challenge === challenge && form.get("redirect_uri") === asked.redirect_uri && form.get("client_id") === CLIENT && form.get("grant_type") === "authorization_code";
    if (!isRight) return json(400, { error: "invalid_grant" });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: `${base}/issuer`, sub: "someone", aud: CLIENT, iat: now, exp: now + 60, nonce: issuer.nonce ?? asked.nonce };
    return json(200, { access_token: TOKEN, token_type: "Bearer", expires_in: 60, id_token: `${part({ alg: "RS256" })}.${part(claims)}.${part("signature")}` });
  }
  try {
    const file = readFileSync(join(root, "wasm/console/dist", url.pathname === "/" ? "index.html" : url.pathname));
    response.setHeader("Content-Type", TYPES[extname(url.pathname === "/" ? ".html" : url.pathname)] ?? "text/html").end(file);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await launch();
after(async () => {
  await browser.close();
  server.close();
});

async function signIn(page) {
  await page.locator("#token[open]").waitFor();
  await page.getByRole("button", { name: "Sign in" }).click();
}

const kept = (page) => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));

test("who signs in is let in, and the token is kept nowhere", async () => {
  const page = await openPage(browser, `${base}/`);
  await page.locator("#token[open]").waitFor();
  await shoot(page, "sign-in");
  await signIn(page);
  await page.locator("#schema", { hasText: "bigint" }).waitFor();
  assert.equal(await page.locator("#token[open]").count(), 0);
  const [asked] = issuer.asked;
  assert.equal(asked.response_type, "code");
  assert.equal(asked.code_challenge_method, "S256");
  assert.equal(asked.scope, "openid");
  assert.equal(asked.client_id, CLIENT);
  assert.equal(asked.redirect_uri, `${base}/`);
  assert.equal(issuer.authorizations.at(-1), `Bearer ${TOKEN}`);
  const left = await kept(page);
  assert.ok(!left.includes(TOKEN) && !left.includes("code=") && !left.includes("verifier"), left);
  // With the page goes the token.
  await page.reload();
  await page.locator("#token[open]").waitFor();
  assert.equal(issuer.authorizations.at(-1), undefined);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

for (const [what, change, why] of [
  ["an issuer that refuses", { refuse: true }, /not for you/],
  ["an answer to someone else's question", { state: "another" }, /state/],
  ["a token for someone else's question", { nonce: "another" }, /nonce/],
]) {
  test(`${what} lets no one in, and the page says why`, async () => {
    const page = await openPage(browser, `${base}/`);
    Object.assign(issuer, change);
    await signIn(page);
    await page.locator("#sign-in-problem", { hasText: "Signing in failed" }).waitFor();
    assert.match(await page.locator("#sign-in-problem").textContent(), why);
    assert.ok(issuer.authorizations.every((header) => header === undefined));
    assert.ok(!(await kept(page)).includes("verifier"));
    await page.context().close();
  });
}

test("an answer that nobody asked for is not followed", async () => {
  const page = await openPage(browser, `${base}/?code=stolen&state=made-up`);
  await page.locator("#token[open]").waitFor();
  assert.equal(await page.locator("#sign-in-problem").isHidden(), true);
  assert.deepEqual(issuer.authorizations, [undefined]);
  await page.context().close();
});
