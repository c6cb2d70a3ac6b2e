import { createRoute } from "@hono/zod-openapi";
import { isDerivedRoom, ProtocolError, type RoomId } from "@hubbub/protocol";
import { filterCheck, watchBody, watchInfo } from "@hubbub/protocol/http-streams";
import type { FieldTable } from "@hubbub/query";
import type { Caller } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { headsOf } from "../room-heads.ts";
import { answer, bearer, inRoom, inRoomRefusals, json, permittedRefusals, refusals } from "../routes/shapes.ts";
import { fieldsOf, identityOf, readFilter, requireFilter } from "./filters.ts";

const tags = ["streams"];

export const contract = {
  watch: createRoute({
    method: "post",
    path: "/rooms/{id}/watches",
    tags,
    summary: "A standing query on a room: a room of its own with what matches from now on. Ask again to keep it",
    security: bearer,
    request: { params: inRoom, body: json(watchBody) },
    responses: {
      200: answer("subscribe to `room`", watchInfo.meta({ id: "Watch" })),
      default: refusals(...permittedRefusals, "filter_type", "too_costly", "too_many_queries"),
    },
  }),
  checkFilter: createRoute({
    method: "post",
    path: "/rooms/{id}/filters/check",
    tags,
    summary: "What is wrong with a filter, and what it costs",
    security: bearer,
    request: { params: inRoom, body: json(watchBody) },
    responses: {
      200: answer("`faults` is empty if the filter can be used", filterCheck.meta({ id: "FilterCheck" })),
      default: refusals(...inRoomRefusals),
    },
  }),
};

/** Wanted standing queries on one room. */
const QUERIES_PER_SOURCE = 200;
const WANTED_MS = 900_000;

export function route(app: ApiApp, context: ApiContext): void {
  const { store, broker, limits, membership, signedIn } = context;

  app.openapi({ ...contract.watch, middleware: signedIn }, async (c) => {
    const { id: source } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.room(user);
    await requireSource(context, source, c.var.caller);
    const model = await store.flows.model(source);
    const { where, cost, filter, text } = requireFilter(c.req.valid("json").where, fieldsOf(model), user);
    const modelVersion = model?.version ?? 0;
    const { hash, room } = identityOf(source, modelVersion, text);
    const [now] = await headsOf({ store, log: broker }, [source]);
    const wantedUntil = new Date(Date.now() + WANTED_MS);
    const query = { room, source, hash, modelVersion, filter, since: now?.seq ?? 0, wantedUntil };
    const { since } = await store.flows.want(query, QUERIES_PER_SOURCE);
    const [head] = await headsOf({ store, log: broker }, [room]);
    const position = { head: head?.seq ?? 0, epoch: head?.epoch ?? 0 };
    return c.json({ room, source, where, cost, since, ...position, wantedUntil: wantedUntil.getTime() }, 200);
  });

  app.openapi({ ...contract.checkFilter, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { user } = c.var.caller;
    limits.post(user, "");
    await membership.require(id, user);
    const fields = fieldsOf(await store.flows.model(id));
    const read = readFilter(c.req.valid("json").where, fields, user);
    const known = { fields: toFields(fields) };
    if ("faults" in read) return c.json({ faults: [...read.faults], ...known }, 200);
    return c.json({ faults: [], where: read.where, cost: read.cost, ...known }, 200);
  });
}

async function requireSource(
  { membership }: ApiContext,
  source: RoomId,
  { user }: Pick<Caller, "user">,
): Promise<void> {
  if (isDerivedRoom(source)) throw new ProtocolError("forbidden", "this room is what a standing query found");
  const { settings } = await membership.require(source, user);
  if (settings?.history === "joined")
    throw new ProtocolError("forbidden", "the room hides its history from newcomers, so nothing is derived from it");
}

function toFields(fields: FieldTable) {
  return Object.fromEntries(
    [...fields].map(([name, { type, values }]) => [
      name,
      values === undefined ? { type } : { type, values: [...values] },
    ]),
  );
}
