import { createRoute } from "@hono/zod-openapi";
import {
  type FileInfo,
  HTTP_PREFIX,
  ProtocolError,
  type RoomId,
  requirePermission,
  type UploadedFile,
  type UserId,
} from "@hubbub/protocol";
import {
  downloadQuery,
  file,
  fileLink,
  fileLinks,
  fileLinksBody,
  thumbnailQuery,
  uploadQuery,
} from "@hubbub/protocol/http";
import { type FileRecord, toFileInfo } from "@hubbub/store";
import type { HonoRequest } from "hono";
import { fileReader } from "../auth/file-reader.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { askedOf } from "../files/downloads.ts";
import type { FileService } from "../files/file-service.ts";
import { linkedFile } from "../files/links.ts";
import { answer, bearer, bytes, contentOf, fileInRoom, inRoom, json, refusals } from "./shapes.ts";

const fileSchema = file.meta({ id: "File" });
const linkSchema = fileLink.meta({ id: "FileLink" });
const tags = ["files"];
const REFUSED = ["bad_request", "bad_token", "session_revoked", "unknown_room", "not_member", "unsupported"] as const;
const READING = [...REFUSED, "unknown_file", "overloaded"] as const;

export const contract = {
  uploadFile: createRoute({
    method: "put",
    path: "/rooms/{id}/files",
    tags,
    summary: "Upload a file to the room; a repeated `id` returns the same file",
    description:
      "The body is the content, as it is. A message of the caller in this room may then name the file; one that no message names is deleted after a day.",
    security: bearer,
    request: { params: inRoom, query: uploadQuery, body: bytes("the content of the file") },
    responses: {
      200: answer("was uploaded before", fileSchema),
      201: answer("the file", fileSchema),
      default: refusals(
        ...READING,
        "file_too_large",
        "quota_exceeded",
        "too_slow",
        "forbidden",
        "muted",
        "room_archived",
      ),
    },
  }),
  getFile: createRoute({
    method: "get",
    path: "/rooms/{id}/files/{file}",
    tags,
    summary: "The content of a file, or a range of it",
    description:
      "Pictures, video and sound may be shown in their place; everything else is an attachment. `link`: out of a `FileLink`, in place of the header.",
    security: [...bearer, {}],
    request: { params: fileInRoom, query: downloadQuery },
    responses: {
      200: contentOf("the whole content", "*/*"),
      206: contentOf("the range that was asked for", "*/*"),
      304: { description: "the client has it" },
      default: refusals(...READING, "bad_range"),
    },
  }),
  getThumbnail: createRoute({
    method: "get",
    path: "/rooms/{id}/files/{file}/thumbnail",
    tags,
    summary: "A picture within 320 or 1,280 pixels, as WebP",
    security: [...bearer, {}],
    request: { params: fileInRoom, query: thumbnailQuery },
    responses: {
      200: contentOf("the thumbnail", "image/webp"),
      304: { description: "the client has it" },
      default: refusals(...READING),
    },
  }),
  linkFiles: createRoute({
    method: "post",
    path: "/rooms/{id}/files/links",
    tags,
    summary: "Links to files of the room that need no header, for the caller and for a short time",
    security: bearer,
    request: { params: inRoom, body: json(fileLinksBody) },
    responses: {
      200: answer("the links; unknown files are left out", fileLinks.extend({ links: linkSchema.array() })),
      default: refusals(...REFUSED),
    },
  }),
  deleteFile: createRoute({
    method: "delete",
    path: "/rooms/{id}/files/{file}",
    tags,
    summary: "Delete a file: for its author, and for moderators of the room; messages keep its name",
    security: bearer,
    request: { params: fileInRoom },
    responses: {
      204: { description: "deleted" },
      default: refusals(...REFUSED, "unknown_file", "forbidden"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeContents(app, context);
  routeReading(app, context);
  routeLinks(app, context);
}

async function find({ store }: ApiContext, room: RoomId, id: FileInfo["id"], reader: UserId): Promise<FileRecord> {
  const found = await store.files.find(room, id, reader);
  if (found === null) throw new ProtocolError("unknown_file");
  return found;
}

function routeContents(app: ApiApp, context: ApiContext): void {
  const { store, limits, membership, signedIn } = context;

  app.openapi({ ...contract.uploadFile, middleware: signedIn }, async (c) => {
    const { uploads } = serviceOf(context);
    const { user } = c.var.caller;
    const { id: room } = c.req.valid("param");
    const { id: uploadId, name } = c.req.valid("query");
    limits.upload(user);
    await membership.permit(room, user, "post");
    const body = c.req.raw.body ?? new ReadableStream({ start: (controller) => controller.close() });
    const upload = { room, user: user.id, uploadId, name, length: lengthOf(c.req), body };
    const { file, isNew } = await uploads.take(upload);
    return c.json(toFile(file), isNew ? 201 : 200);
  });

  app.openapi({ ...contract.deleteFile, middleware: signedIn }, async (c) => {
    const { id, file } = c.req.valid("param");
    const { user } = c.var.caller;
    const standing = await membership.require(id, user);
    const found = await find(context, id, file, user.id);
    if (found.user !== user.id) requirePermission(standing, "delete-any");
    await store.files.delete(id, file);
    return c.body(null, 204);
  });
}

function routeReading(app: ApiApp, context: ApiContext): void {
  const { membership } = context;
  const readable = fileReader(context);

  app.openapi({ ...contract.getFile, middleware: readable }, async (c) => {
    const { downloads } = serviceOf(context);
    const { id, file } = c.req.valid("param");
    const { reader } = c.var;
    await membership.require(id, reader);
    return await downloads.file(await find(context, id, file, reader.id), reader.id, askedOf(c.req));
  });

  app.openapi({ ...contract.getThumbnail, middleware: readable }, async (c) => {
    const { downloads } = serviceOf(context);
    const { id, file } = c.req.valid("param");
    const { reader } = c.var;
    await membership.require(id, reader);
    return await downloads.thumbnail(
      await find(context, id, file, reader.id),
      c.req.valid("query").size,
      reader.id,
      askedOf(c.req),
    );
  });
}

function routeLinks(app: ApiApp, context: ApiContext): void {
  const { store, membership, signedIn } = context;

  app.openapi({ ...contract.linkFiles, middleware: signedIn }, async (c) => {
    const { links } = serviceOf(context);
    const { id: room } = c.req.valid("param");
    const { user } = c.var.caller;
    await membership.require(room, user);
    const expiresAt = links.expiry();
    const found = await store.files.findMany(room, c.req.valid("json").files, user.id);
    const linked = found.map(({ id: file, width }) => {
      const link = links.sign(linkedFile(room, file), user.id, expiresAt);
      const path = `${HTTP_PREFIX}/rooms/${room}/files/${file}`;
      const thumbnail = (size: string) => `${path}/thumbnail?size=${size}&link=${link}`;
      const thumbnails = { small: thumbnail("small"), large: thumbnail("large") };
      return { file, url: `${path}?link=${link}`, ...(width === null ? {} : { thumbnails }) };
    });
    return c.json({ links: linked, expiresAt }, 200);
  });
}

function serviceOf({ files }: ApiContext): FileService {
  if (files === undefined)
    throw new ProtocolError(
      "unsupported",
      "this server keeps no files; its operator can set FILES_DIR or FILES_S3_URL",
    );
  return files;
}

function toFile(record: FileRecord): UploadedFile {
  return { ...toFileInfo(record), room: record.room };
}

function lengthOf(request: Pick<HonoRequest, "header">): number | undefined {
  const length = request.header("content-length");
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}
