import type { ClusterProcess } from "@hubbub/testkit";

/** What gateways have counted since they started. */
class ReadCosts {
  /** Rooms that were asked for. */
  readonly resumes: number;
  /** Of log and store, for connections that missed something. */
  readonly reads: number;

  constructor(resumes: number, reads: number) {
    this.resumes = resumes;
    this.reads = reads;
  }

  since({ resumes, reads }: ReadCosts): ReadCosts {
    return new ReadCosts(this.resumes - resumes, this.reads - reads);
  }
}

/** Of all of them together. */
export async function readCosts(gateways: readonly ClusterProcess[]): Promise<ReadCosts> {
  const texts = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  const sum = (name: string) => texts.reduce((total, text) => total + figureIn(text, name), 0);
  return new ReadCosts(sum('frames_in_total{type="subscribe"}'), sum("timeline_reads_total{"));
}

/** All lines of a metric that begin so. */
function figureIn(text: string, name: string): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`hubbub_${name}`));
  return lines.reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
}
