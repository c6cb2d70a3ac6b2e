import { type Cluster, type ClusterProcess, query } from "@hubbub/testkit";
import { BrokenPromise, type Fault, needed, type Scene } from "./fault.ts";
import { expectOneLogin, longestWaitMs, replace } from "./leaving-faults.ts";

export const UPGRADE = "upgrade-forth-and-back";

/** `from`: a tag or commit; by default the newest release before this build. */
export function upgradeForthAndBack(from?: string): Fault {
  return {
    name: UPGRADE,
    does: "a cluster of an earlier release is migrated under load, its writers, apis and gateways are replaced by this build one after the other, and then, in reverse order, by the earlier one again",
    expected: `both builds work side by side and on the new schema; no client waits more than ${longestWaitMs / 1_000} s for an ack`,
    guarantees: ["G1", "G2", "G3", "G5", "G10"],
    needs: { apis: 2, earlier: { from } },
    maxWaitMs: longestWaitMs,
    async inject(scene) {
      const { cluster, say } = scene;
      const builds = needed(scene.builds);
      const { earlier, present } = builds.schemas;
      await expectAll(cluster, earlier);
      await cluster.command("migrate");
      say("migrated by this build");
      const order = [...cluster.writers, ...cluster.apis, ...cluster.gateways];
      await replaceAll(order, scene, (name) => builds.upgrade(name));
      await expectAll(cluster, present);
      await replaceAll(order.toReversed(), scene, (name) => builds.downgrade(name));
      await expectAll(cluster, earlier);
      scene.healed();
      const between = earlier === present ? "with no migration between them" : "on the schema of this build";
      scene.afterwards(async () => `from ${builds.name} to this build and back, ${between}`);
    },
  };
}

/** The two builds meet before each step: sign-ins of either have to be good for the other. */
async function replaceAll(order: readonly ClusterProcess[], scene: Scene, move: (name: string) => void): Promise<void> {
  for (const process of order) {
    move(process.name);
    await replace(process, scene);
    await expectOneLogin(scene.cluster);
  }
}

/** All processes announce that this is the newest schema they know. @throws BrokenPromise */
async function expectAll({ databaseUrl }: Cluster, schema: number): Promise<void> {
  const rows = await query(databaseUrl, "select name, knows::float8 from hubbub.nodes where expires_at > now()");
  const others = (rows as { name: string; knows: number }[]).filter(({ knows }) => knows !== schema);
  if (rows.length === 0 || others.length > 0)
    throw new BrokenPromise(
      `not all processes are of the build that knows schema ${schema}: ${JSON.stringify(others)} of ${rows.length}`,
    );
}
