import { parseArgs } from "node:util";
import { UsageError } from "@hubbub/testkit";

export const USAGE = `Breaks a fresh cluster on this machine on purpose, under load, and judges what its clients saw.

  npm run drill -- <fault> [options]   one fault, with a timeline
  npm run drill -- all [options]       every fault, and docs/drills.md
  npm run drill -- costly-pages | guest-flood
                                       one user's attack beside a calm chat, embedded and on three gateways: the 99th
                                       percentile of a message must stay within 1.5 times of calm, or 2 ms more
  npm run drill -- --list              what there is

  npm run drill -- soak [--minutes N]  the same load for 30 minutes: memory and descriptors of every process must stay flat

  npm run drill -- restore-large [--stored N]
                                       restores a backup of N messages (1,000,000) beside its cluster: 60 s are allowed for a
                                       million, 5 minutes for ten

  --events N     events to send at least, for each fault (30000); a fault is repeated until then
  --rate N       events a second (800)
  --clients N    recording clients (40)
  --rooms N      rooms they are spread over (10)
  --from REF     of upgrade-forth-and-back: the tag or commit to begin with (the newest release before this one)
  --only TEXT    with all: only faults whose name contains it
  --again        with all: also those that have a result of this size already
  --help         this text

The exit code is 1 when anything was lost, doubled, reordered or otherwise not as promised.`;

export interface DrillArguments {
  readonly faults: { readonly kind: "one"; readonly name: string } | { readonly kind: "all"; readonly only: string };
  readonly isAgain: boolean;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly clients: number;
  readonly rooms: number;
  /** Of `restore-large`. */
  readonly stored: number;
  /** Of `upgrade-forth-and-back`. */
  readonly from: string | undefined;
  /** Of `soak`. */
  readonly minutes: number;
}

const countMax = 100_000_000;

/** @throws UsageError */
export function parseDrillArguments(args: readonly string[]): DrillArguments | "help" | "list" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  if (values.list) return "list";
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError("name one fault, or all");
  return {
    faults: name === "all" ? { kind: "all", only: values.only } : { kind: "one", name },
    stored: toCount("stored", values.stored),
    from: values.from,
    isAgain: values.again,
    events: toCount("events", values.events),
    eventsPerSecond: toCount("rate", values.rate),
    clients: toCount("clients", values.clients),
    rooms: toCount("rooms", values.rooms),
    minutes: toCount("minutes", values.minutes),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        events: { type: "string", default: "30000" },
        rate: { type: "string", default: "800" },
        clients: { type: "string", default: "40" },
        rooms: { type: "string", default: "10" },
        minutes: { type: "string", default: "30" },
        stored: { type: "string", default: "1000000" },
        from: { type: "string" },
        only: { type: "string", default: "" },
        again: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function toCount(name: string, text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1 && value <= countMax) return value;
  throw new UsageError(`--${name} must be a whole number from 1 to ${countMax}, not ${JSON.stringify(text)}`);
}
