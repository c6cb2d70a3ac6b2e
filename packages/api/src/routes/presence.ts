import { createRoute } from "@hono/zod-openapi";
import { tellUser } from "@hubbub/chat";
import { person, personStatus, presenceBody, presenceList, statusBody } from "@hubbub/protocol/http-unread";
import type { StatusShown } from "@hubbub/store";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, json, refusals } from "./shapes.ts";

const tags = ["people"];
const common = ["bad_request", "bad_token", "session_revoked"] as const;

export const contract = {
  setStatus: createRoute({
    method: "patch",
    path: "/me/status",
    tags,
    summary: "Say what others see: away, a status with an end, and whether they see when the caller was last seen",
    security: bearer,
    request: { body: json(statusBody) },
    responses: { 200: answer("what others see now", personStatus), default: refusals(...common) },
  }),
  presence: createRoute({
    method: "post",
    path: "/presence",
    tags,
    summary: "Of at most 200 users, who is online, away or busy. Users that share no room with the caller are left out",
    security: bearer,
    request: { body: json(presenceBody) },
    responses: {
      200: answer("in any order", presenceList.extend({ people: person.meta({ id: "Person" }).array() })),
      default: refusals(...common),
    },
  }),
};

/** Nobody needs to know to the minute when somebody was here. */
const LAST_SEEN_ROUND_MS = 600_000;

/** Without a frame that a person caused. Gateways tell of activity once a minute. */
const AWAY_MS = 660_000;

export function route(app: ApiApp, { store, broker, logOrStore, limits, pageTurns, signedIn }: ApiContext): void {
  app.openapi({ ...contract.setStatus, middleware: signedIn }, async (c) => {
    const { id: user } = c.var.caller.user;
    const { away, lastSeen, status } = c.req.valid("json");
    limits.post(c.var.caller.user, "");
    const wish = {
      isAway: away,
      hidesLastSeen: lastSeen === undefined ? undefined : !lastSeen,
      status: status && { emoji: status.emoji, text: status.text, until: status.until },
    };
    const shown = toStatus(await store.statuses.set(user, wish));
    await tellUser(broker, user, { kind: "status", ...shown });
    return c.json(shown, 200);
  });

  app.openapi({ ...contract.presence, middleware: signedIn }, async (c) => {
    const { id: user } = c.var.caller.user;
    const page = await pageTurns.read({ user, address: c.env.address }, async () => {
      const people = await store.statuses.among(user, [...new Set(c.req.valid("json").users)]);
      const active = await logOrStore.ask<readonly (number | undefined)[]>(
        () => broker.presence.activeAt(people.map((one) => one.user)),
        async () => [],
      );
      return {
        people: people.map(({ user: id, lastSeen, ...status }, at) => ({
          user: id,
          online: active[at] !== undefined,
          ...toStatus({ ...status, isAway: status.isAway || isIdle(active[at]) }),
          ...(lastSeen === undefined ? {} : { lastSeen: lastSeen - (lastSeen % LAST_SEEN_ROUND_MS) }),
        })),
      };
    });
    return c.json(page, 200);
  });
}

/** Activity that is not known is none of an idle user. */
function isIdle(activeAt = 0): boolean {
  return activeAt > 0 && Date.now() - activeAt > AWAY_MS;
}

export function toStatus({ isAway: away, emoji, text, until }: StatusShown) {
  if (emoji === undefined && text === undefined) return { away };
  return { away, status: { emoji, text, until } };
}
