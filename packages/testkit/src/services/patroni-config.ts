import { readFileSync } from "node:fs";
import { join } from "node:path";
import { infraFile } from "../paths.ts";

interface MemberParts {
  readonly name: string;
  readonly password: string;
  readonly postgresPort: number;
  readonly restPort: number;
  readonly etcdPort: number;
  readonly directory: string;
  readonly bin: string;
}

/** `loop_wait` + 2 × `retry_timeout` must not exceed `ttl`, which must not be below 20. */
const timing = { ttl: 20, loop_wait: 1, retry_timeout: 3, maximum_lag_on_failover: 1_048_576 };

/** patroni.yml of one node, with the settings of `infra/postgres/postgresql.conf`. */
export function memberConfig({ name, password, postgresPort, restPort, etcdPort, directory, bin }: MemberParts) {
  const rest = `127.0.0.1:${restPort}`;
  const superuser = { username: "postgres", password };
  return {
    scope: "hubbub",
    name,
    restapi: { listen: rest, connect_address: rest },
    etcd3: { hosts: `127.0.0.1:${etcdPort}` },
    bootstrap: {
      dcs: {
        ...timing,
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: settings() },
      },
      initdb: [{ encoding: "UTF8" }, { locale: "C" }, "data-checksums"],
    },
    postgresql: {
      listen: `127.0.0.1:${postgresPort}`,
      connect_address: `127.0.0.1:${postgresPort}`,
      data_dir: join(directory, "data"),
      bin_dir: bin,
      pgpass: join(directory, "pgpass"),
      authentication: { superuser, replication: superuser, rewind: superuser },
      parameters: { unix_socket_directories: directory },
      pg_hba: ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"],
    },
  };
}

function settings(): Record<string, string> {
  const lines = readFileSync(infraFile("postgres/postgresql.conf"), "utf8").split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^(\w+)\s*=\s*'?([^'#]+?)'?\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value]];
    }),
  );
}
