import type { TraceRing, TraceStep } from "@hubbub/runtime";
import { z } from "zod";

/** What a process answers at `/trace?room=ID&seq=N` to operators. */
export interface TraceAnswer {
  readonly node: string;
  /** 0: this process traces nothing. */
  readonly every: number;
  /** Whether this event is one of those that are traced. */
  readonly isTraced: boolean;
  readonly steps: readonly TraceStep[];
}

/** A step of a process of this or another build, which may have names that this one does not know. */
export type ToldStep = Omit<TraceStep, "name"> & { readonly name: string };

const NAME_MAX = 64;
/** What a process keeps of all events. */
const STEPS_MAX = 4_096;
const ANSWER_MAX_BYTES = 4_194_304;

const toldSchema = z.object({
  node: z.string().max(NAME_MAX),
  every: z.number(),
  isTraced: z.boolean(),
  steps: z
    .object({
      room: z.string().max(NAME_MAX),
      name: z.string().max(NAME_MAX),
      // As far as a Date goes.
      at: z.number().min(0).max(8.64e15),
      ...{ epoch: z.number(), seq: z.number(), ms: z.number(), count: z.number() },
    })
    .array()
    .max(STEPS_MAX),
});

/** @throws when another service answers */
export async function readTold(answer: Response): Promise<z.output<typeof toldSchema>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) throw new Error("its answer is too long for a process of Hubbub");
    chunks.push(chunk);
  }
  try {
    return toldSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
  } catch {
    throw new Error("its answer is not that of a process of Hubbub");
  }
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
