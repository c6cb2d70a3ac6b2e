import type { TraceRing, TraceStep } from "@hubbub/runtime";

/** What a process answers at `/trace?room=ID&seq=N` to operators. */
export interface TraceAnswer {
  readonly node: string;
  /** 0: this process traces nothing. */
  readonly every: number;
  /** Whether this event is one of those that are traced. */
  readonly isTraced: boolean;
  readonly steps: readonly TraceStep[];
}

export function answerTrace(
  node: string,
  every: number,
  ring: TraceRing | undefined,
  query: URLSearchParams,
): TraceAnswer {
  const seq = Number(query.get("seq"));
  const isTraced = ring?.isTraced(seq) ?? false;
  return { node, every, isTraced, steps: isTraced ? (ring?.find(query.get("room") ?? "", seq) ?? []) : [] };
}
