import { readFileSync } from "node:fs";
import type { Logger } from "@hubbub/runtime";
import { type ClusterNode, NODE_RENEW_MS, type Store } from "@hubbub/store";
import type { Settings } from "./settings.ts";

/** The version of this build. The same path from src and from dist. */
export function buildVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/**
 * Announces this process in Postgres for as long as it runs, so that a migration knows which builds it must spare. While
 * Postgres is away the process works on and announces itself again afterwards.
 * @throws SchemaMismatch when a contract was applied meanwhile
 */
export async function announce(store: Pick<Store, "nodes" | "assertSchema">, settings: Settings, log: Logger) {
  const node: ClusterNode = { name: settings.NODE_NAME, roles: settings.ROLES.join(","), build: buildVersion() };
  await store.nodes.renew(node);
  // From here on a contract waits for this process; one that came before is seen now.
  await store.assertSchema();
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = store.nodes
      .renew(node)
      .catch((error: unknown) => log.debug({ err: error }, "could not announce this process"));
  }, NODE_RENEW_MS).unref();
  return {
    /** A Postgres that is away keeps the announcement until its lease ends. */
    async leave(): Promise<void> {
      clearInterval(timer);
      await last;
      await store.nodes.drop(node.name).catch(() => undefined);
    },
  };
}
