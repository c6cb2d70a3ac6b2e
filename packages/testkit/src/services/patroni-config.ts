import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
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

/** Of the settings of Postgres, in the directory of the node. */
export const customConf = "postgresql.conf";

/** The configuration of one node: that of production, on this machine. */
export function memberConfig({ name, password, postgresPort, restPort, etcdPort, directory, bin }: MemberParts) {
  const rest = `127.0.0.1:${restPort}`;
  const superuser = { username: "postgres", password };
  const { scope, bootstrap } = parse(readFileSync(infraFile("postgres/patroni.yml"), "utf8"));
  return {
    scope,
    name,
    restapi: { listen: rest, connect_address: rest },
    etcd3: { hosts: `127.0.0.1:${etcdPort}` },
    bootstrap: { dcs: bootstrap.dcs, initdb: bootstrap.initdb },
    postgresql: {
      listen: `127.0.0.1:${postgresPort}`,
      connect_address: `127.0.0.1:${postgresPort}`,
      data_dir: join(directory, "data"),
      bin_dir: bin,
      pgpass: join(directory, "pgpass"),
      custom_conf: join(directory, customConf),
      authentication: { superuser, replication: superuser, rewind: superuser },
      parameters: { unix_socket_directories: directory },
      pg_hba: ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"],
    },
  };
}
