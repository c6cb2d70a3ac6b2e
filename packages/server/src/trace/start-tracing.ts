import { type Logger, TraceRing } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { Parts } from "../parts.ts";
import type { Settings } from "../settings.ts";
import { answerTrace, type TraceAnswer } from "./answer.ts";
import { OtlpExporter } from "./otlp.ts";
import { trace } from "./traced.ts";

export interface Tracing extends AsyncDisposable {
  /** undefined: nothing is traced. */
  readonly ring: TraceRing | undefined;
  /** Whose commits are traced: for the writer. */
  readonly store: Store;
  answer(query: URLSearchParams): TraceAnswer;
}

/** Before the roles start: they share the broker, whose calls are traced from then on. */
export function startTracing(
  settings: Settings,
  { broker, store }: Pick<Parts, "broker" | "store">,
  log: Logger,
): Tracing {
  const { TRACE_EVERY: every, NODE_NAME: node, OTLP_URL: url } = settings;
  const ring = every === 0 ? undefined : new TraceRing(every);
  const exporter = ring === undefined || url === undefined ? null : new OtlpExporter({ url, node, log });
  if (ring !== undefined && exporter !== null) ring.onStep = (step) => exporter.add(step);
  return {
    ring,
    store: ring === undefined ? store : trace(broker, store, ring),
    answer: (query) => answerTrace(node, every, ring, query),
    async [Symbol.asyncDispose]() {
      await exporter?.[Symbol.asyncDispose]();
    },
  };
}
