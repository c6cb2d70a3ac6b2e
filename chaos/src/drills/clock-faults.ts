import type { Cluster, ClusterProcess } from "@hubbub/testkit";
import { fakeClock } from "../faults/fake-clock.ts";
import { type Fault, NotHere, needed, victim } from "./fault.ts";

const offSeconds = 60;

function clockOff(role: string, processesOf: (cluster: Cluster) => readonly ClusterProcess[]): Fault {
  return {
    name: `clock-${role}`,
    does: `the clock of one ${role} is a minute ahead, in the next round that of another a minute behind; each starts with a restart`,
    expected: "order, times and marks come from the log; leases follow the store's clock",
    guarantees: ["G1", "G2", "G4"],
    needs: { links: true },
    async inject(scene) {
      const process = victim(processesOf(scene.cluster), scene);
      const env = await fakeClock(scene.round % 2 === 0 ? offSeconds : -offSeconds);
      if (env === null) throw new NotHere("libfaketime cannot be installed here");
      needed(scene.links).setEnv(process.name, env);
      const { restarts } = process;
      await process.kill("SIGTERM");
      while (process.restarts === restarts) await scene.sleep(100);
      await scene.cluster.ready();
      scene.healed();
      scene.say(`the clock of ${process.name} is off: FAKETIME=${env["FAKETIME"]}`);
    },
  };
}

export const clockFaults: readonly Fault[] = [
  clockOff("gateway", ({ gateways }) => gateways),
  clockOff("writer", ({ writers }) => writers),
  clockOff("api", ({ apis }) => apis),
];
