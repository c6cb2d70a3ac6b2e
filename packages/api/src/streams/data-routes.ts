import { createRoute } from "@hono/zod-openapi";
import { admitMessage } from "@hubbub/chat";
import { encodeEventBody, ProtocolError } from "@hubbub/protocol";
import { postedMessage } from "@hubbub/protocol/http";
import { dataBody, modelBody, roomModelInfo } from "@hubbub/protocol/http-streams";
import { recordFault } from "@hubbub/query";
import type { RoomModel } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, inRoomRefusals, json, permittedRefusals, refusals } from "../routes/shapes.ts";
import { modelFields } from "./filters.ts";

const modelSchema = roomModelInfo.meta({ id: "RoomModel" });
const postedSchema = postedMessage.meta({ id: "PostedMessage" });
const tags = ["streams"];

export const contract = {
  model: createRoute({
    method: "get",
    path: "/rooms/{id}/model",
    tags,
    summary: "The fields of the records that the room takes",
    security: bearer,
    request: { params: inRoom },
    responses: { 200: answer("the model", modelSchema), default: refusals(...inRoomRefusals, "no_model") },
  }),
  setModel: createRoute({
    method: "put",
    path: "/rooms/{id}/model",
    tags,
    summary: "Set the fields of the records that the room takes. For admins of the room",
    security: bearer,
    request: { params: inRoom, body: json(modelBody) },
    responses: {
      200: answer("the model; its `version` rises if the fields changed", modelSchema),
      default: refusals(...permittedRefusals, "room_archived"),
    },
  }),
  postData: createRoute({
    method: "post",
    path: "/rooms/{id}/data",
    tags,
    summary: "Publish records, as one event; a repeated `id` within ten minutes returns the same seq",
    security: bearer,
    request: { params: inRoom, body: json(dataBody) },
    responses: {
      200: answer("was accepted before", postedSchema),
      201: answer("accepted", postedSchema),
      default: refusals(...permittedRefusals, "no_model", "muted", "slow_mode", "room_archived", "overloaded"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { acceptor, broker, store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.model, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    await membership.require(id, c.var.caller.user);
    return c.json(toInfo(await requireModel(context, id)), 200);
  });

  app.openapi({ ...contract.setModel, middleware: signedIn }, async (c) => {
    const { id } = c.req.valid("param");
    const { fields } = c.req.valid("json");
    limits.membership(c.var.caller.user);
    await membership.permit(id, c.var.caller.user, "change-room");
    assertModel({ version: 0, fields });
    return c.json(toInfo(await store.flows.setModel(id, fields, actingOf(c.var.caller))), 200);
  });

  app.openapi({ ...contract.postData, middleware: signedIn }, async (c) => {
    const { user } = c.var.caller;
    const { id, rows } = c.req.valid("json");
    const { id: room } = c.req.valid("param");
    limits.post(user, JSON.stringify(rows));
    const standing = await membership.require(room, user);
    const model = await requireModel(context, room);
    const fields = modelFields(model);
    for (const row of rows) {
      const fault = recordFault(row, fields);
      if (fault !== null) throw new ProtocolError("bad_request", fault);
    }
    await admitMessage(broker.turns, standing, { room, user: user.id, id });
    limits.event(room);
    const body = encodeEventBody({ by: user, kind: "data", id, rows });
    const { state, seq, epoch, at } = await acceptor.accept({ room, user: user.id, id, body });
    if (state === "duplicate") return c.json({ seq, epoch, at, duplicate: true as const }, 200);
    return c.json({ seq, epoch, at }, 201);
  });
}

async function requireModel({ store }: ApiContext, room: Parameters<typeof store.flows.model>[0]): Promise<RoomModel> {
  const model = await store.flows.model(room);
  if (model === null) throw new ProtocolError("no_model");
  return model;
}

function assertModel(model: RoomModel): void {
  try {
    modelFields(model);
  } catch (error) {
    if (error instanceof RangeError) throw new ProtocolError("bad_request", error.message);
    throw error;
  }
}

function toInfo({ version, fields }: RoomModel) {
  return { version, fields: fields as (typeof roomModelInfo)["_output"]["fields"] };
}
