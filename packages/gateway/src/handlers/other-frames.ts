import { type ClientFrame, type ClientFrameOf, FRAME_SCOPES, isAllowed, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";
import { change } from "./change.ts";
import type { HandlerResult } from "./handler-result.ts";
import { read } from "./read.ts";
import type { Replies } from "./replies.ts";
import type { Subscribe } from "./subscribe.ts";
import { subscribeMany } from "./subscribe-many.ts";
import { typing } from "./typing.ts";

/** Whether the frame asks for the events of one room. */
export function isOfEvents(frame: ClientFrameOf<"subscribe">): frame is Subscribe {
  return frame.room !== undefined && frame.mode !== "head";
}

/** A personal access token needs the scope of the frame. @throws ProtocolError insufficient_scope */
export function requireScope({ scopes }: Identity, { type }: Exclude<ClientFrame, { type: "hello" }>): void {
  if (scopes !== undefined && !isAllowed(scopes, FRAME_SCOPES[type])) throw new ProtocolError("insufficient_scope");
}

/** Handles the frames that are not on the path of a plain message. */
export function handleOther(
  context: Context,
  replies: Replies,
  connection: Connection,
  identity: Identity,
  frame: Exclude<ClientFrame, { type: "hello" | "publish" | "unsubscribe" | "ping" | "bye" }>,
): HandlerResult {
  switch (frame.type) {
    case "subscribe":
      return subscribeMany(context, replies, connection, identity, frame);
    case "typing":
      return typing(context, connection, identity, frame);
    case "read":
      return read(context, identity, frame);
    case "edit":
    case "delete":
    case "react":
    case "pin":
      return change(context, replies, connection, identity, frame);
    default:
      // A frame without a case above does not compile.
      frame satisfies never;
      return undefined;
  }
}
