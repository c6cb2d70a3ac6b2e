import { ProtocolError } from "@hubbub/protocol";
import * as contract from "../contract/accounts.ts";
import type { ApiApp, Parts } from "../parts.ts";

export function routeLogin(app: ApiApp, parts: Parts): void {
  const { store, limits, loginGuard, passwords, sessions, signedIn, ending, securityLog } = parts;

  app.openapi(contract.login, async (c) => {
    const { username, password } = c.req.valid("json");
    const { address } = c.env;
    const asker = { address, signal: c.req.raw.signal };
    const user = await store.users.findByUsername(username);
    const isKnown = async () => user !== null && (await store.sessions.isKnownAddress(user.id, address));
    const attempt = await loginGuard.admit(username, address, user?.id, isKnown);
    const known = user?.passwordHash ?? null;
    // One answer in one time for an unknown user, a guest and a wrong password.
    const verdict = await passwords.verify(known, password, asker);
    if (user === null || known === null || verdict === "wrong") {
      securityLog({ event: "login", outcome: "refused", address, user: user?.id, reason: "bad_credentials" });
      throw new ProtocolError("bad_credentials");
    }
    attempt.succeeded();
    if (verdict === "outdated") {
      await store.users.updatePasswordHash(user.id, await passwords.hash(password, asker), known);
    }
    const tokens = await sessions.start(user, { address, agent: c.req.header("user-agent") });
    securityLog({ event: "login", outcome: "success", address, user: user.id });
    return c.json(tokens, 200);
  });

  app.openapi(contract.refresh, async (c) => {
    limits.refresh(c.env.address);
    return c.json(await sessions.refresh(c.req.valid("json").refreshToken, c.env.address), 200);
  });

  app.openapi({ ...contract.logout, middleware: ending }, async (c) => {
    const { user, session } = c.var.caller;
    await sessions.end(session);
    securityLog({ event: "logout", outcome: "success", address: c.env.address, user: user.id, session });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.me, middleware: signedIn }, (c) => {
    const { user, session } = c.var.caller;
    return c.json({ user, sessionId: session }, 200);
  });
}
