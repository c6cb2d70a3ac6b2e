import { createRoute, z } from "@hono/zod-openapi";
import {
  type DataExport,
  type ExportId,
  HTTP_PREFIX,
  isUuid,
  newId,
  ProtocolError,
  rateLimited,
  type UserId,
} from "@hubbub/protocol";
import { exportId } from "@hubbub/protocol/codec";
import { dataExport, dataExportLink, dataExportList } from "@hubbub/protocol/http-exports";
import { proofBody } from "@hubbub/protocol/http-signin";
import type { ExportRecord } from "@hubbub/store";
import type { MiddlewareHandler } from "hono";
import type { Caller } from "../auth/bearer.ts";
import type { ApiApp, ApiContext, ApiEnv } from "../context.ts";
import { askedOf } from "../files/downloads.ts";
import type { FileService } from "../files/file-service.ts";
import { LINK_MAX_LENGTH } from "../files/links.ts";
import { answer, bearer, contentOf, json, refusals } from "../routes/shapes.ts";
import { requireOwnProof } from "../signin/own-proof.ts";
import type { ExportService } from "./export-service.ts";

const exportSchema = dataExport.meta({ id: "DataExport" });
const inExport = z.object({ id: exportId });
const tags = ["accounts"];
const REFUSED = ["bad_request", "bad_token", "session_revoked", "insufficient_scope"] as const;
const PROOF = ["proof_required", "bad_credentials", "bad_code", "overloaded"] as const;
const HOUR_MS = 3_600_000;
/** A user has at most one a day, and rows are kept for a month. */
const LISTED_MAX = 50;

export const contract = {
  askExport: createRoute({
    method: "post",
    path: "/me/exports",
    tags,
    summary: "Ask for an archive of the caller's own data; an export that is not done is answered again",
    security: bearer,
    request: { body: json(proofBody) },
    responses: {
      202: answer("the export, which is made in the background", exportSchema),
      default: refusals(...REFUSED, ...PROOF, "unsupported"),
    },
  }),
  listExports: createRoute({
    method: "get",
    path: "/me/exports",
    tags,
    summary: "The caller's exports, newest first",
    security: bearer,
    responses: {
      200: answer("the exports of the last 30 days", dataExportList.extend({ exports: exportSchema.array() })),
      default: refusals(...REFUSED),
    },
  }),
  getExport: createRoute({
    method: "get",
    path: "/me/exports/{id}",
    tags,
    summary: "State and progress of an export",
    security: bearer,
    request: { params: inExport },
    responses: { 200: answer("the export", exportSchema), default: refusals(...REFUSED, "unknown_export") },
  }),
  linkExport: createRoute({
    method: "post",
    path: "/me/exports/{id}/link",
    tags,
    summary: "A link to the archive that needs no header, for one to two hours",
    security: bearer,
    request: { params: inExport, body: json(proofBody) },
    responses: {
      200: answer("the link", dataExportLink),
      default: refusals(...REFUSED, ...PROOF, "unknown_export", "unsupported"),
    },
  }),
  getExportContent: createRoute({
    method: "get",
    path: "/me/exports/{id}/content",
    tags,
    summary: "The archive, or a range of it: with a link, or a login of the last ten minutes",
    security: [...bearer, {}],
    request: { params: inExport, query: z.object({ link: z.string().max(LINK_MAX_LENGTH).optional() }) },
    responses: {
      200: contentOf("the whole archive", "application/zip"),
      206: contentOf("the range that was asked for", "application/zip"),
      304: { description: "the client has it" },
      default: refusals(...REFUSED, "proof_required", "overloaded", "unknown_export", "unsupported", "bad_range"),
    },
  }),
  deleteExport: createRoute({
    method: "delete",
    path: "/me/exports/{id}",
    tags,
    summary: "End an export, or remove its archive",
    security: bearer,
    request: { params: inExport },
    responses: {
      204: { description: "the archive is gone for everybody; its content is removed within minutes" },
      default: refusals(...REFUSED, "unknown_export"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  routeAsking(app, context);
  routeReading(app, context);
  routeContent(app, context);
}

/** Every act on an export that matters to the user's safety. */
function note({ securityLog }: ApiContext, act: "asked" | "linked" | "removed", caller: Caller, address: string): void {
  const { user, session } = caller;
  securityLog({ event: "data_export", outcome: "success", reason: act, address, user: user.id, session });
}

async function find({ store }: ApiContext, user: UserId, id: ExportId): Promise<ExportRecord> {
  const found = await store.exports.find(user, id);
  if (found === null) throw new ProtocolError("unknown_export");
  return found;
}

function routeAsking(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, signedIn } = context;

  app.openapi({ ...contract.askExport, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    serviceOf(context);
    limits.account(caller.user.id);
    await requireOwnProof(context, caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    const asked = await store.exports.request(caller.user.id, newId(), settings.EXPORT_PAUSE_HOURS * HOUR_MS, address);
    if (typeof asked === "number") {
      const seconds = settings.EXPORT_PAUSE_HOURS * (HOUR_MS / 1_000);
      throw rateLimited({ name: "user_exports", count: 1, seconds }, asked, "you had an export a short time ago");
    }
    note(context, "asked", caller, address);
    return c.json(toWire(asked), 202);
  });

  app.openapi({ ...contract.deleteExport, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    limits.account(caller.user.id);
    if (!(await store.exports.expire(caller.user.id, c.req.valid("param").id)))
      throw new ProtocolError("unknown_export");
    note(context, "removed", caller, c.env.address);
    return c.body(null, 204);
  });
}

function routeReading(app: ApiApp, context: ApiContext): void {
  const { store, signedIn } = context;

  app.openapi({ ...contract.listExports, middleware: signedIn }, async (c) => {
    const found = await store.exports.list(c.var.caller.user.id, LISTED_MAX);
    return c.json({ exports: found.map(toWire) }, 200);
  });

  app.openapi({ ...contract.getExport, middleware: signedIn }, async (c) =>
    c.json(toWire(await find(context, c.var.caller.user.id, c.req.valid("param").id)), 200),
  );
}

function routeContent(app: ApiApp, context: ApiContext): void {
  const { limits, signedIn } = context;

  app.openapi({ ...contract.linkExport, middleware: signedIn }, async (c) => {
    const { caller } = c.var;
    const { address } = c.env;
    const { links } = serviceOf(context);
    const { id } = c.req.valid("param");
    const { user } = caller;
    limits.account(user.id);
    await requireOwnProof(context, caller, c.req.valid("json"), { address, signal: c.req.raw.signal });
    archiveOf(await find(context, user.id, id));
    const expiresAt = links.expiry();
    note(context, "linked", caller, address);
    const url = `${HTTP_PREFIX}/me/exports/${id}/content?link=${links.sign(id, user.id, expiresAt)}`;
    return c.json({ url, expiresAt }, 200);
  });

  app.openapi({ ...contract.getExportContent, middleware: exportReader(context) }, async (c) => {
    const { downloads } = serviceOf(context);
    const { reader } = c.var;
    const found = await find(context, reader, c.req.valid("param").id);
    return await downloads.archive(archiveOf(found), reader, askedOf(c.req));
  });
}

type ExportReader = MiddlewareHandler<ApiEnv & { Variables: { readonly caller: Caller; readonly reader: UserId } }>;

/** Named by a link in the query, or by a header with a login that is its own proof. */
function exportReader(context: ApiContext): ExportReader {
  return (c, next) => {
    const link = c.req.query("link");
    if (link === undefined) {
      // The same request, seen with fewer variables.
      return context.signedIn(c as unknown as Parameters<typeof context.signedIn>[0], async () => {
        const { caller } = c.var;
        await requireOwnProof(context, caller, {}, { address: c.env.address, signal: c.req.raw.signal });
        c.set("reader", caller.user.id);
        await next();
      });
    }
    const id = c.req.param("id") ?? "";
    const isOurs = link.length <= LINK_MAX_LENGTH && isUuid(id);
    const reader = isOurs ? serviceOf(context).links.verify(id, link) : null;
    if (reader === null) throw new ProtocolError("bad_token", "the link is wrong or over; ask for a new one");
    c.set("reader", reader);
    return next();
  };
}

/** @throws ProtocolError unknown_export where there is no archive, or none yet */
function archiveOf({ state, hash, bytes, requestedAt }: ExportRecord) {
  if (state !== "done" || hash === null) throw new ProtocolError("unknown_export", `the export is ${state}`);
  return { hash, bytes, name: `hubbub-export-${requestedAt.toISOString().slice(0, "2026-01-01".length)}.zip` };
}

function serviceOf({ exports, files }: ApiContext): Pick<ExportService, "links"> & Pick<FileService, "downloads"> {
  if (exports === undefined || files === undefined)
    throw new ProtocolError("unsupported", "this server keeps no files, which exports need; ask its operator");
  return { links: exports.links, downloads: files.downloads };
}

function toWire({
  id,
  state,
  requestedAt,
  doneAt,
  expiresAt,
  partsDone,
  partsTotal,
  bytes,
  reason,
}: ExportRecord): DataExport {
  return {
    id,
    state,
    requestedAt: requestedAt.getTime(),
    ...(doneAt === null ? {} : { doneAt: doneAt.getTime() }),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt.getTime() }),
    progress: { done: partsDone, total: partsTotal },
    bytes,
    ...(reason === null ? {} : { fault: reason }),
  };
}
