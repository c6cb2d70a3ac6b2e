import { withPostgres } from "./base-backup.ts";

const CLUSTER = {
  name: "backup-cluster",
  text: "select system_identifier::text as cluster from pg_control_system()",
};

/** The system identifier of a database, as `Catalogue.cluster` has it. */
export async function clusterOf(databaseUrl: string): Promise<string> {
  const [row] = await withPostgres(databaseUrl, (database) => database.run<{ cluster: string }>(CLUSTER, []));
  if (row === undefined) throw new Error("the statement returned no row");
  return row.cluster;
}
