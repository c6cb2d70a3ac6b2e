import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const USAGE = `Starts a Hubbub cluster on this machine: Redis, Postgres, nginx and real server processes.

  npm run cluster -- [options]

  --gateways N   WebSocket processes (2)
  --writers N    processes that write history to Postgres (2)
  --apis N       HTTP processes (1)
  --port PORT    where to open it (8080)
  --data DIR     keep data, keys and logs in DIR; without it they are gone when the cluster stops
  --help         this text

Settings of .env.example can be given as environment variables. Ctrl-C stops everything.`;

export interface ClusterArguments {
  readonly gateways: number;
  readonly writers: number;
  readonly apis: number;
  readonly port: number;
  readonly directory: string | undefined;
}

/** The command was written wrong; the message says what. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const maxProcesses = 64;

/** Null when help was asked for. @throws UsageError */
export function parseClusterArguments(args: readonly string[]): ClusterArguments | null {
  const { values } = parse(args);
  if (values.help) return null;
  return {
    gateways: toCount("gateways", values.gateways, 1, maxProcesses),
    writers: toCount("writers", values.writers, 1, maxProcesses),
    apis: toCount("apis", values.apis, 1, maxProcesses),
    port: toCount("port", values.port, 1, 65_535),
    directory: values.data === undefined ? undefined : resolve(values.data),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        gateways: { type: "string", default: "2" },
        writers: { type: "string", default: "2" },
        apis: { type: "string", default: "1" },
        port: { type: "string", default: "8080" },
        data: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function toCount(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
}
