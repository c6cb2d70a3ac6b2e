import { z } from "zod";
import { clientFrame } from "./client-frame.ts";
import { CLOSE } from "./close-codes.ts";
import { ERRORS } from "./error-codes.ts";
import { event } from "./event.ts";
import { personalFrame } from "./personal-frame.ts";
import { serverFrame } from "./server-frame.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL, WEBSOCKET_PATH } from "./version.ts";

/** Frames of the server that answer a frame of the client with the same `ref`. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  hello: ["ready"],
  subscribe: ["subscribed"],
  unsubscribe: ["unsubscribed"],
  publish: ["ack"],
  edit: ["ack"],
  delete: ["ack"],
  react: ["ack"],
  pin: ["ack"],
  ping: ["pong"],
};

/** Of a handshake with a ticket, which takes the place of the first hello. */
const QUERY = {
  type: "object",
  properties: { ticket: { type: "string" }, personal: { type: "string", enum: ["true"] } },
};

interface Frame {
  readonly name: string;
  readonly schema: z.ZodType;
}

/** The WebSocket as an AsyncAPI 3.0 document: frames, answers, error codes and close codes. Made of the schemas alone. */
export function describeWire() {
  const sent = clientFrame.options.map((schema) => toFrame(schema));
  const received = serverFrame.options.flatMap((schema): Frame[] => {
    const kinds = schema === event ? event.options : schema === personalFrame ? personalFrame.options : null;
    return kinds === null ? [toFrame(schema as FrameSchema)] : kinds.map((kind) => toFrame(kind));
  });
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Hubbub",
      version: String(PROTOCOL_VERSION),
      description: `Live delivery over the WebSocket, subprotocol \`${SUBPROTOCOL}\`. Frames are JSON text. A client ignores fields and types that it does not know. The rules are in docs/protocol.md.`,
      license: { name: "Apache-2.0" },
    },
    defaultContentType: "application/json",
    servers: { here: { host: "{host}", protocol: "wss", variables: { host: { default: "localhost:8080" } } } },
    channels: {
      socket: {
        address: WEBSOCKET_PATH,
        messages: Object.fromEntries([...sent, ...received].map(({ name }) => [name, refTo("messages", name)])),
        bindings: { ws: { method: "GET", query: QUERY } },
        "x-subprotocol": SUBPROTOCOL,
        "x-close-codes": CLOSE,
      },
    },
    operations: operations(sent, received),
    components: {
      messages: Object.fromEntries([...sent, ...received].map((frame) => [frame.name, toMessage(frame)])),
      schemas: { ErrorCode: { type: "string", enum: Object.keys(ERRORS), "x-codes": ERRORS } },
    },
  };
}

type FrameSchema = z.ZodObject<{ type: z.ZodLiteral<string>; kind?: z.ZodType }>;

/** `client.publish`, `server.ack`, `server.event.message`. */
function toFrame(schema: { readonly shape: { readonly type: z.ZodLiteral } } & z.ZodType): Frame {
  const { type, kind } = schema.shape as { type: z.ZodLiteral; kind?: z.ZodType };
  const side = (clientFrame.options as readonly z.ZodType[]).includes(schema) ? "client" : "server";
  const name = [side, type.value, ...(kind instanceof z.ZodLiteral ? [kind.value] : [])].join(".");
  return { name, schema };
}

function toMessage({ name, schema }: Frame) {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", target: "draft-7" });
  return { name: name.split(".").slice(1).join("."), payload };
}

function refTo(kind: string, name: string) {
  return { $ref: `#/components/${kind}/${name}` };
}

function inChannel({ name }: Pick<Frame, "name">) {
  return { $ref: `#/channels/socket/messages/${name}` };
}

/** `send` and `receive` are those of the server, as AsyncAPI describes an application. */
function operations(sent: readonly Frame[], received: readonly Frame[]) {
  const channel = { $ref: "#/channels/socket" };
  const asked = sent.map((frame) => {
    const type = frame.name.slice("client.".length);
    const answers = [...(ANSWERS[type] ?? []), "error"].map((name) => inChannel({ name: `server.${name}` }));
    const reply = { channel, messages: answers };
    return [`on.${type}`, { action: "receive", channel, messages: [inChannel(frame)], reply }];
  });
  return {
    ...Object.fromEntries(asked),
    deliver: { action: "send", channel, messages: received.map(inChannel) },
  };
}
