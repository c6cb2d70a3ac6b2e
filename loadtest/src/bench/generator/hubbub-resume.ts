import { peekEventHead, type ServerFrame } from "@hubbub/protocol";
import { clientFrame } from "./frame-template.ts";
import { hubbubDialect } from "./hubbub-dialect.ts";
import type { Answer, ResumeDialect } from "./resume-dialect.ts";

export const hubbubResume: ResumeDialect = {
  path: hubbubDialect.path,
  subprotocol: hubbubDialect.subprotocol,
  lines: hubbubDialect.lines,

  greeting: (token) => clientFrame(JSON.stringify({ type: "hello", ref: 1, token })),

  subscription: (room, since) =>
    clientFrame(JSON.stringify({ type: "subscribe", ref: 2, room, ...(since === null ? {} : { since }) })),

  read(bytes, start, end): Answer {
    if (hubbubDialect.kindOf(bytes, start) === "event") {
      return { kind: "event", ...peekEventHead(bytes.subarray(start, end)) };
    }
    const frame = JSON.parse(bytes.toString("utf8", start, end)) as ServerFrame;
    switch (frame.type) {
      case "ready":
        return { kind: "greeted" };
      case "subscribed":
        return {
          kind: "live",
          head: { seq: frame.head, epoch: frame.epoch },
          recovered: frame.recovered,
          seqs: [],
        };
      case "gap":
        return { kind: "gap", to: frame.to };
      case "error":
        return { kind: "refused" };
      default:
        return { kind: "other" };
    }
  },
};
