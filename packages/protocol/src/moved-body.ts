import { WAS_MAX } from "./limits.ts";

/** The body of an event, as `encodeEventBody` writes it, that had these seqs before, by rising seq. */
export function encodeMovedBody(body: string, was: readonly number[]): string {
  return `${body.slice(0, -1)},"was":[${was.slice(-WAS_MAX).join()}]}`;
}
