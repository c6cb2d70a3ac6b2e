import { Socket } from "node:net";
import pg from "pg";
import { NoPrimary } from "./primary.ts";

/** Bounds the look for the primary: a host that hangs must not hold up the others. */
const PROBE_TIMEOUT_MS = 2_000;

/** On a connection of its own. */
export async function probe(connection: pg.ClientConfig): Promise<boolean> {
  const bounds = { connectionTimeoutMillis: PROBE_TIMEOUT_MS, query_timeout: PROBE_TIMEOUT_MS };
  const socket = new Socket();
  const client = new pg.Client({ ...connection, ...bounds, stream: () => socket });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await isStandby(client);
  } finally {
    socket.destroy();
  }
}

/** Each new connection of a pool, where another host may have become the primary. @throws NoPrimary */
export async function assertPrimary(client: pg.ClientBase): Promise<void> {
  if (await isStandby(client)) throw new NoPrimary("this host became a standby");
}

async function isStandby(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
  return rows[0]?.standby !== false;
}
