import { type FileId, isUuid, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import type { MiddlewareHandler } from "hono";
import type { ApiContext, ApiEnv } from "../context.ts";
import { LINK_MAX_LENGTH, linkedFile } from "../files/links.ts";
import type { Caller } from "./bearer.ts";

export type FileReader = MiddlewareHandler<
  ApiEnv & { Variables: { readonly caller: Caller; readonly reader: { readonly id: UserId } } }
>;

/** For the routes that send a file: the reader is named by a link in the query, or by the header as everywhere. */
export function fileReader({ files, signedIn }: Pick<ApiContext, "files" | "signedIn">): FileReader {
  return async (c, next) => {
    const link = c.req.query("link");
    if (link === undefined || files === undefined) {
      // The same request, seen with fewer variables.
      return signedIn(c as unknown as Parameters<typeof signedIn>[0], async () => {
        c.set("reader", { id: c.var.caller.user.id });
        await next();
      });
    }
    const [room = "", file = ""] = [c.req.param("id"), c.req.param("file")];
    const linked = linkedFile(room as RoomId, file as FileId);
    const isOurs = link.length <= LINK_MAX_LENGTH && isUuid(room) && isUuid(file);
    const id = isOurs ? files.links.verify(linked, link) : null;
    if (id === null) throw new ProtocolError("bad_token", "the link is wrong or over; ask for a new one");
    c.set("reader", { id });
    return next();
  };
}
