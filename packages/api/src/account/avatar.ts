import { createRoute } from "@hono/zod-openapi";
import { ProtocolError } from "@hubbub/protocol";
import { thumbnailQuery } from "@hubbub/protocol/http";
import { avatarParams, profile } from "@hubbub/protocol/http-accounts";
import type { ApiApp, ApiContext } from "../context.ts";
import { askedOf } from "../files/downloads.ts";
import type { FileService } from "../files/file-service.ts";
import { answer, bearer, bytes, contentOf, refusals } from "../routes/shapes.ts";
import { requireAccount } from "./own-password.ts";

const tags = ["accounts"];
const REFUSED = ["bad_request", "bad_token", "session_revoked"] as const;

export const contract = {
  setAvatar: createRoute({
    method: "put",
    path: "/me/avatar",
    tags,
    summary: "Set the picture of the caller",
    description:
      "The body is a picture of at most 8 MiB. It is encoded anew, within 320 and 1,280 pixels; nothing else of it is kept.",
    security: bearer,
    request: { body: bytes("the picture") },
    responses: {
      200: answer("the whole profile, with the new `avatar`", profile.meta({ id: "Profile" })),
      default: refusals(...REFUSED, "forbidden", "file_too_large", "too_slow", "overloaded", "unsupported"),
    },
  }),
  removeAvatar: createRoute({
    method: "delete",
    path: "/me/avatar",
    tags,
    summary: "Remove the picture of the caller",
    security: bearer,
    responses: {
      204: { description: "there is none; its content is removed within minutes" },
      default: refusals(...REFUSED),
    },
  }),
  getAvatar: createRoute({
    method: "get",
    path: "/users/{id}/avatar/{avatar}",
    tags,
    summary: "The present picture of the caller, or of a user who shares a room with the caller, as WebP",
    security: bearer,
    request: { params: avatarParams, query: thumbnailQuery },
    responses: {
      200: contentOf("the picture within 320 or 1,280 pixels", "image/webp"),
      304: { description: "the client has it" },
      default: refusals(...REFUSED, "unknown_user", "unknown_file", "overloaded", "unsupported"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, limits, signedIn, securityLog } = context;

  app.openapi({ ...contract.setAvatar, middleware: signedIn }, async (c) => {
    const { avatars } = serviceOf(context);
    const { user, session } = c.var.caller;
    limits.upload(user);
    await requireAccount(context, user.id);
    const body = c.req.raw.body ?? new ReadableStream({ start: (controller) => controller.close() });
    await avatars.take(user.id, body);
    securityLog({ event: "profile_change", outcome: "success", address: c.env.address, user: user.id, session });
    const { id, username, isGuest, ...whole } = (await store.profiles.find(user.id, user.id)) ?? { id: user.id };
    return c.json(whole, 200);
  });

  app.openapi({ ...contract.removeAvatar, middleware: signedIn }, async (c) => {
    const { user, session } = c.var.caller;
    limits.account(user.id);
    await store.profiles.setAvatar(user.id, null);
    securityLog({ event: "profile_change", outcome: "success", address: c.env.address, user: user.id, session });
    return c.body(null, 204);
  });

  app.openapi({ ...contract.getAvatar, middleware: signedIn }, async (c) => {
    const { downloads } = serviceOf(context);
    const { user } = c.var.caller;
    const { id, avatar } = c.req.valid("param");
    const found = await store.profiles.find(id, user.id);
    if (found === null) throw new ProtocolError("unknown_user");
    if (found.avatar !== avatar) throw new ProtocolError("unknown_file", "the user has another picture, or none");
    return await downloads.thumbnail({ hash: avatar, width: 1 }, c.req.valid("query").size, user.id, askedOf(c.req));
  });
}

function serviceOf({ files }: ApiContext): FileService {
  if (files === undefined)
    throw new ProtocolError("unsupported", "this server keeps no files, which avatars are; ask its operator");
  return files;
}
