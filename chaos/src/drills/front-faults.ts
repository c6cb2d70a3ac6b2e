import type { Fault } from "./fault.ts";

const downMs = 1_000;

export const frontFaults: readonly Fault[] = [
  {
    name: "nginx-kill",
    does: "kill -9 of nginx and its workers, back after 1 s",
    expected: "all clients lose their connection together and resume",
    guarantees: ["G1", "G2", "G3", "G5"],
    async inject({ cluster: { nginx }, say, sleep, healed }) {
      say("kill -9 nginx");
      await nginx.kill();
      await sleep(downMs);
      await nginx.restart();
      healed();
      say("nginx is back");
    },
  },
  {
    name: "nginx-reload",
    does: "SIGHUP to nginx",
    expected: "open connections stay with the old workers; no client notices",
    guarantees: ["G1", "G2"],
    maxWaitMs: 2_000,
    async inject({ cluster: { nginx }, say }) {
      await nginx.signal("SIGHUP");
      say("nginx reloads");
    },
  },
  {
    name: "nginx-pause",
    does: "SIGSTOP of nginx for 6 s",
    expected: "clients detect the silence, and resume when nginx answers",
    guarantees: ["G1", "G2", "G3", "G5"],
    async inject({ cluster: { nginx }, say, sleep, healed }) {
      say("SIGSTOP of nginx");
      await nginx.pause();
      await sleep(6_000);
      await nginx.continue();
      healed();
      say("SIGCONT of nginx");
    },
  },
];
