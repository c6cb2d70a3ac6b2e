import { ConfigError } from "@hubbub/runtime";
import { z } from "zod";
import { type Figures, MEASURED } from "./figures.ts";

const bench = z.object({
  machine: z.object({ cpu: z.string(), cores: z.number(), memoryGiB: z.number() }),
  groups: z.array(
    z.object({
      name: z.string(),
      date: z.string(),
      rows: z.array(z.object({ what: z.string(), unit: z.string(), hubbub: z.string() })),
      notes: z.array(z.string()),
    }),
  ),
});
type Bench = z.infer<typeof bench>;

const SUFFIX: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6 };

/** What a bench.json has of the figures; the others stay. @throws ConfigError */
export function readBench(text: string): Figures {
  const parsed = bench.safeParse(asJson(text));
  if (!parsed.success) throw new ConfigError(["--bench: this is no bench.json of `npm run bench`"]);
  const { machine, groups } = parsed.data;
  const used = [
    rowOf(parsed.data, "deliveriesPerCpuSecond", /^fan-out, .* 300 msg\/s$/, 1),
    rowOf(parsed.data, "writerRowsPerSecond", /^store, /, 1),
    rowOf(parsed.data, "connectionBytes", /^idle connection .* after 60 s$/, 1_024),
    postgresOf(parsed.data),
    ...(["gateway", "redis"] as const).map((name) => costsOf(parsed.data, name)),
  ].filter((found) => found !== null);
  const newest =
    groups
      .map(({ date }) => date.slice(0, "2026-11-26".length))
      .sort()
      .at(-1) ?? "";
  const names = used.flatMap((found) => Object.keys(found)).join(", ");
  const origin = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; from the file: ${names || "nothing"}`;
  return { ...MEASURED, ...Object.assign({}, ...used), date: newest, machine: origin };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function rowOf({ groups }: Bench, name: keyof Figures, what: RegExp, factor: number): Partial<Figures> | null {
  const row = groups.flatMap(({ rows }) => rows).find((one) => what.test(one.what));
  const [, number, suffix = ""] = /^([\d.]+) ?([kM]?)$/.exec(row?.hubbub ?? "") ?? [];
  return number === undefined ? null : { [name]: Number(number) * (SUFFIX[suffix] ?? 1) * factor };
}

function postgresOf({ groups }: Bench): Partial<Figures> | null {
  const found = groups
    .flatMap(({ notes }) => notes)
    .join("\n")
    .match(/CPU per row: writer [\d.]+ µs, Postgres ([\d.]+) µs/);
  return found === null ? null : { postgresMicros: Number(found[1]) };
}

/** `8000 acked/s; gateway 69 µs + Redis 38 µs per message`, for Hubbub as it is set by default. */
function costsOf({ groups }: Bench, name: "gateway" | "redis"): Partial<Figures> | null {
  const notes = groups.filter((group) => group.name === "accept").flatMap((group) => group.notes);
  const points = notes.flatMap((note) => {
    const found = /, Hubbub: .*?(\d+) acked\/s; gateway ([\d.]+) µs \+ Redis ([\d.]+) µs/.exec(note);
    return found === null ? [] : [{ perSecond: Number(found[1]), micros: Number(found[name === "gateway" ? 2 : 3]) }];
  });
  return points.length < 2 ? null : { [name]: points.sort((a, b) => a.perSecond - b.perSecond) };
}
