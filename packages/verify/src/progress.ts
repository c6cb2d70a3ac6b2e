import { LOOKED_AT, type LookedAt } from "./checks.ts";

const EVERY_MS = 2_000;

/** A line on `stream` every two seconds, of what has been looked at so far. */
export function watchProgress(stream: NodeJS.WritableStream) {
  const seen = new Map<LookedAt, number>();
  const tell = (): void => {
    const parts = [...seen].map(([what, count]) => `${count.toLocaleString("en-US")} ${LOOKED_AT[what]}`);
    stream.write(`verify: ${parts.join(", ")} …\n`);
  };
  const timer = setInterval(tell, EVERY_MS);
  return {
    onCount: (what: LookedAt, count: number): void => void seen.set(what, (seen.get(what) ?? 0) + count),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
