import type { Cluster, ClusterProcess } from "@hubbub/testkit";
import { type Fault, type Guarantee, type Scene, victim } from "./fault.ts";

type Role = "gateway" | "writer" | "api";

/** Beyond a writer's lease, a client's patience and the lease of a gateway's presence. */
const pauseMs = 11_000;

const processesOf: Record<Role, (cluster: Cluster) => readonly ClusterProcess[]> = {
  gateway: ({ gateways }) => gateways,
  writer: ({ writers }) => writers,
  api: ({ apis }) => apis,
};

const guaranteesOf: Record<Role, readonly Guarantee[]> = {
  gateway: ["G1", "G2", "G3", "G5"],
  writer: ["G2", "G4"],
  api: ["G2", "G3"],
};

/** What must hold when one of them is killed, told to leave, or stands still. */
const expectedOf: Record<Role, Readonly<Record<"killed" | "stopped" | "paused", string>>> = {
  gateway: {
    killed: "its clients resume elsewhere and send unacked events again",
    stopped: "clients get goaway and resume elsewhere; no pending request is dropped",
    paused: "its clients detect the silence and resume elsewhere",
  },
  writer: {
    killed: "no client notices; its shards continue when its lease ends",
    stopped: "it commits its current batch and releases its shards; no client notices",
    paused: "the other takes over its shards; when it wakes, its token is refused and it commits nothing",
  },
  api: {
    killed: "calls fail and are repeated under the same id; chat continues",
    stopped: "running calls are answered, later ones fail and are repeated under the same id; chat continues",
    paused: "calls wait or fail and are repeated",
  },
};

async function kill(process: ClusterProcess, scene: Scene): Promise<void> {
  scene.say(`kill -9 ${process.name}`);
  await process.kill();
}

function killed(role: Role): Fault {
  return {
    name: `${role}-kill`,
    does: `kill -9 of one ${role}, another one each round; the supervisor starts it again`,
    expected: expectedOf[role].killed,
    guarantees: guaranteesOf[role],
    inject: (scene) => kill(victim(processesOf[role](scene.cluster), scene), scene),
  };
}

function stopped(role: Role): Fault {
  return {
    name: `${role}-stop`,
    does: `SIGTERM to one ${role}, another one each round; it drains and exits, the supervisor starts it again`,
    expected: expectedOf[role].stopped,
    guarantees: [...guaranteesOf[role], "G10"],
    async inject(scene) {
      const process = victim(processesOf[role](scene.cluster), scene);
      scene.say(`SIGTERM to ${process.name}`);
      await process.kill("SIGTERM");
      scene.say(`${process.name} has left`);
    },
  };
}

function paused(role: Role): Fault {
  return {
    name: `${role}-pause`,
    does: `SIGSTOP of one ${role} for ${pauseMs / 1_000} s, then SIGCONT: for the process no time has passed`,
    expected: expectedOf[role].paused,
    guarantees: guaranteesOf[role],
    async inject(scene) {
      const process = victim(processesOf[role](scene.cluster), scene);
      scene.say(`SIGSTOP of ${process.name}`);
      await process.pause();
      await scene.sleep(pauseMs);
      await process.continue();
      scene.healed();
      scene.say(`SIGCONT of ${process.name}`);
    },
  };
}

const allWriters: Fault = {
  name: "writers-kill-all",
  does: "kill -9 of all writers at once",
  expected: "chat continues from the log; marks come when a writer is back",
  guarantees: ["G2", "G4"],
  async inject(scene) {
    await Promise.all(scene.cluster.writers.map((writer) => kill(writer, scene)));
  },
};

const allGateways: Fault = {
  name: "gateways-kill-all",
  does: "kill -9 of all gateways at once",
  expected: "clients reconnect as soon as one is up, resume and send again",
  guarantees: ["G1", "G2", "G3", "G5"],
  async inject(scene) {
    await Promise.all(scene.cluster.gateways.map((gateway) => kill(gateway, scene)));
  },
};

const roles: readonly Role[] = ["gateway", "writer", "api"];

export const processFaults: readonly Fault[] = [
  ...roles.flatMap((role) => [killed(role), stopped(role), paused(role)]),
  allGateways,
  allWriters,
];
