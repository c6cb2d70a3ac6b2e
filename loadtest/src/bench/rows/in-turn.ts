import type { Bench } from "../bench.ts";
import type { MachineUse } from "../measure/machine-load.ts";
import { type BenchRow, compare, type Target } from "../measure/result.ts";
import { UNGATHERED_NAME } from "../under-test/hubbub.ts";

/** Names of contenders. */
export const HUBBUB = "Hubbub";
export const HUBBUB_UNGATHERED = `Hubbub ${UNGATHERED_NAME}`;
export const CENTRIFUGO = "Centrifugo";
export const CENTRIFUGO_ONE = "Centrifugo GOMAXPROCS=1";
export const SOCKET_IO = "Socket.IO";
export const BARE_UWS = "bare uWS";
export const BARE_ACCEPT = "bare uWS + Redis";

export interface Contender<Result> {
  readonly name: string;
  /** Started, loaded, stopped. */
  run(): Promise<Result>;
}

/** Results by name of the contender, one for each round. */
export type Runs<Result> = ReadonlyMap<string, readonly Result[]>;

/** Rounds of one run of each contender that takes part. */
export async function runInTurn<Result>(
  bench: Bench,
  what: string,
  contenders: readonly Contender<Result>[],
): Promise<Runs<Result>> {
  const wanted = contenders.filter(({ name }) => bench.wants(name));
  const runs = new Map<string, Result[]>(wanted.map(({ name }) => [name, []]));
  for (let round = 1; round <= bench.extent.rounds; round++) {
    for (const contender of wanted) {
      bench.say(`${what}, round ${round}: ${contender.name}`);
      runs.get(contender.name)?.push(await contender.run());
    }
  }
  return runs;
}

/** Two contenders to compare. `baseline` is null if the row only compares Hubbub with a value. */
export interface Pair {
  readonly hubbub: string;
  readonly baseline: string | null;
  readonly target: Target | null;
}

export interface Measured<Result> {
  readonly what: string;
  readonly unit: string;
  value(results: readonly Result[]): number;
  /** What is wrong on Hubbub's side, or null. */
  loss(results: readonly Result[]): string | null;
  print(value: number): string;
}

/** A row for each pair of which both took part; one that has to reach a value needs no baseline. */
export function rowsOfPairs<Result extends { readonly machine: MachineUse }>(
  runs: Runs<Result>,
  pairs: readonly Pair[],
  { what, unit, value, loss, print }: Measured<Result>,
): BenchRow[] {
  return pairs.flatMap(({ hubbub, baseline, target }) => {
    const own = runs.get(hubbub);
    const others = baseline === null ? undefined : runs.get(baseline);
    const standsAlone = baseline === null || (target !== null && "value" in target);
    if (own === undefined || (others === undefined && !standsAlone)) return [];
    return compare({
      what: hubbub === HUBBUB ? what : `${what}, ${UNGATHERED_NAME}`,
      unit,
      hubbub: { value: value(own), runs: own },
      baseline: others === undefined ? null : { name: baseline ?? "", value: value(others), runs: others },
      target,
      loss: loss(own),
      print,
    });
  });
}

export const atLeast = (factor: number): Target => ({ direction: "at least", factor });
export const atMost = (factor: number): Target => ({ direction: "at most", factor });
export const valueAtMost = (value: number): Target => ({ direction: "at most", value });
