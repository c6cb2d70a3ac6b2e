import { centrifugoDialect, offsetOf, PING_LENGTH, PONG_FRAME } from "./centrifugo-dialect.ts";
import { clientFrame } from "./frame-template.ts";
import type { Answer, ResumeDialect } from "./resume-dialect.ts";

const GREETING_ID = 1;
const SUBSCRIPTION_ID = 2;

interface Reply {
  readonly error?: unknown;
  readonly connect?: unknown;
  readonly subscribe?: {
    readonly epoch: string;
    readonly offset?: number;
    readonly recovered?: boolean;
    readonly publications?: readonly { readonly offset: number }[];
  };
}

export const centrifugoResume: ResumeDialect = {
  path: centrifugoDialect.path,
  subprotocol: centrifugoDialect.subprotocol,
  lines: centrifugoDialect.lines,

  greeting: (token) => clientFrame(JSON.stringify({ id: GREETING_ID, connect: { token } })),

  subscription(channel, since) {
    const recovery = since === null ? {} : { recover: true, offset: since.seq, epoch: since.epoch };
    return clientFrame(JSON.stringify({ id: SUBSCRIPTION_ID, subscribe: { channel, ...recovery } }));
  },

  read(bytes, start, end): Answer {
    if (end - start === PING_LENGTH) return { kind: "ping", answer: PONG_FRAME };
    const text = bytes.toString("utf8", start, end);
    if (centrifugoDialect.kindOf(bytes, start) === "event") return { kind: "event", seq: offsetOf(text) };
    const { error, connect, subscribe } = JSON.parse(text) as Reply;
    if (error !== undefined) return { kind: "refused" };
    if (connect !== undefined) return { kind: "greeted" };
    if (subscribe === undefined) return { kind: "other" };
    const { epoch, offset = 0, recovered = false, publications = [] } = subscribe;
    const seqs = publications.map((publication) => publication.offset);
    // The offset of the answer is where the missed ones begin.
    return { kind: "live", head: { seq: seqs.at(-1) ?? offset, epoch }, recovered, seqs };
  },
};
