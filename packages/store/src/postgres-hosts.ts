import { Socket } from "node:net";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { parseBigint } from "./database.ts";
import { urlsOfHosts, withCheckedTls } from "./hosts.ts";
import { type Host, Primary } from "./recovery/primary.ts";
import { assertPrimary, probe } from "./recovery/standby.ts";

/** Bounds the wait for a connection, of the pool or of the server. After it the call fails as unavailable. */
const CONNECT_TIMEOUT_MS = 5_000;
/** An unreachable server cannot end its statements: the client gives up this much later. */
const ANSWER_MARGIN_MS = 2_000;

export interface HostOptions {
  /** May name several hosts: the one that is the primary is used. */
  readonly url: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** As `pg_stat_activity` shows it. */
  readonly applicationName: string;
}

export interface PostgresHost extends Host {
  readonly pool: pg.Pool;
  readonly handle: NodePgDatabase<Record<string, never>>;
  /** For a client beside the pool. */
  readonly connection: pg.ClientConfig;
  /** Waits for the statements under way. */
  end(): Promise<void>;
}

const types = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    return oid === pg.types.builtins.INT8 ? parseBigint : pg.types.getTypeParser(oid, format);
  },
};

export function openHosts(options: HostOptions) {
  const urls = urlsOfHosts(withCheckedTls(options.url));
  const isOneOfSeveral = urls.length > 1;
  const primary = new Primary({
    urls,
    open: (url) => openHost(url, options, isOneOfSeveral),
    isStandby: (url) => probe(connectionTo(url, options)),
  });
  return {
    /** With the host that is the primary. */
    async on<Result>(work: (host: PostgresHost) => Promise<Result>): Promise<Result> {
      const host = await primary.host();
      try {
        return await work(host);
      } catch (error) {
        primary.failed(error, host);
        throw error;
      }
    },
    close: async () => await primary.close()?.end(),
  };
}

function connectionTo(url: string, { applicationName }: HostOptions): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: applicationName,
    options: "-c jit=off", // Compiling a short statement takes longer than running it.
    keepAlive: true,
    types,
  };
}

function openHost(url: string, options: HostOptions, isOneOfSeveral: boolean): PostgresHost {
  const connection = connectionTo(url, options);
  const sockets = new Set<Socket>();
  const stream = () => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.once("close", () => sockets.delete(socket));
  };
  const client = { ...connection, stream };
  const pool = new pg.Pool({
    ...client,
    max: options.poolMax,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + ANSWER_MARGIN_MS,
    ...(isOneOfSeveral ? { onConnect: assertPrimary } : {}),
  });
  // The pool has already dropped an idle connection that fails, and the next caller gets a new one or the error.
  pool.on("error", () => undefined);
  let ended: Promise<void> | undefined;
  // A pool refuses a second call.
  const end = () => (ended ??= pool.end());
  return {
    url,
    pool,
    handle: drizzle(pool),
    connection: client,
    end,
    drop() {
      void end();
      for (const socket of sockets) socket.destroy();
    },
  };
}
