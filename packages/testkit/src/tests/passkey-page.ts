import type { Browser, Page } from "playwright-core";

/** Not on the network: the browser's requests are handed to the server. Passkeys need https. */
export const PASSKEY_URL = "https://chat.example.com";

/** A page with an authenticator that checks its user. */
export async function passkeyPage(browser: Browser, serverUrl: string): Promise<Page> {
  const context = await browser.newContext();
  await context.route(`${PASSKEY_URL}/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${serverUrl}${pathname}${search}` }) });
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${PASSKEY_URL}/`);
  return page;
}

/** As a page does it, with nothing but what browsers have. */
export const PASSKEY_SCRIPT = `(async () => {
  const call = async (path, body, token) => {
    const headers = { "content-type": "application/json", ...(token ? { authorization: "Bearer " + token } : {}) };
    const response = await fetch("/api/v1" + path, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  };
  const account = { username: "passkey-ada", password: "tea at half past four" };
  const { accessToken } = await call("/auth/signup", account);
  const asked = await call("/me/passkeys/options", {}, accessToken);
  const created = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.options),
  });
  const passkey = { ticket: asked.ticket, name: "laptop", secondFactor: true, answer: created.toJSON() };
  const added = await call("/me/passkeys", passkey, accessToken);
  const answer = async ({ ticket, options }) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return { ticket, answer: (await navigator.credentials.get({ publicKey })).toJSON() };
  };
  const alone = await call("/auth/passkey", await answer(await call("/auth/passkey/options", {})));
  const { secondFactor } = await call("/auth/login", account);
  const { ticket } = secondFactor;
  const both = await call("/auth/second-factor", {
    ticket,
    passkey: await answer(await call("/auth/second-factor/passkey", { ticket })),
  });
  return { name: added.name, alone: alone.user.username, methods: secondFactor.methods, both: both.user.username };
})()`;
