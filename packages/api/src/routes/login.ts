import { ProtocolError } from "@hubbub/protocol";
import * as contract from "../contract/accounts.ts";
import type { ApiApp, Parts } from "../parts.ts";
import { isWeak } from "../passwords.ts";

export function routeLogin(app: ApiApp, { store, limits, passwords, sessions, signedIn, ending }: Parts): void {
  app.openapi(contract.login, async (c) => {
    const { username, password } = c.req.valid("json");
    const { signal } = c.req.raw;
    limits.login(username, c.env.address);
    const user = await store.users.findByUsername(username);
    const known = user?.passwordHash ?? null;
    // One answer in one time for an unknown user, a guest and a wrong password.
    const matches = await passwords.verify(known, password, signal);
    if (user === null || known === null || !matches) throw new ProtocolError("bad_credentials");
    if (isWeak(known)) await store.users.updatePasswordHash(user.id, await passwords.hash(password, signal));
    return c.json(await sessions.start(user), 200);
  });

  app.openapi(contract.refresh, async (c) => {
    return c.json(await sessions.refresh(c.req.valid("json").refreshToken), 200);
  });

  app.openapi({ ...contract.logout, middleware: ending }, async (c) => {
    await sessions.end(c.var.caller.session);
    return c.body(null, 204);
  });

  app.openapi({ ...contract.me, middleware: signedIn }, (c) => {
    const { user, session } = c.var.caller;
    return c.json({ user, sessionId: session }, 200);
  });
}
