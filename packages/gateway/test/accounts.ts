import type { TestGateway } from "./test-gateway.ts";

const ACCOUNTS = ["events_delivered_total", "events_repaired_total", "gap_events_total"];

/** What became of the events of all rooms of a gateway: delivered, repaired, announced as missing. */
export async function accountsOf(gateway: TestGateway): Promise<readonly number[]> {
  const lines = (await gateway.metrics()).split("\n");
  return ACCOUNTS.map((name) =>
    lines
      .filter((line) => line.startsWith(`hubbub_${name}`))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0),
  );
}
