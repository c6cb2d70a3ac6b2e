import { clockAt } from "../figures-words.ts";
import type { Live } from "../use-live.ts";

/** Whether what is shown is of now. */
export function Freshness({ live: { value, at, error } }: { live: Live<unknown> }) {
  if (error === "") return <p className="freshness">{value === undefined ? "Loading…" : "Live"}</p>;
  return (
    <p className="freshness error" role="alert">
      {error} {value === undefined ? "" : `These figures are of ${clockAt(at)}.`}
    </p>
  );
}
