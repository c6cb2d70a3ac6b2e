import type { ClusterProcess, Direction, TcpProxy } from "@hubbub/testkit";
import type { ProcessLinks } from "../faults/links.ts";
import { BrokenPromise, type Fault, type Guarantee, needed, type Scene, victim } from "./fault.ts";

interface LinkKind {
  readonly name: string;
  readonly words: string;
  readonly guarantees: readonly Guarantee[];
  proxy(links: ProcessLinks): TcpProxy;
  processes(scene: Scene): readonly ClusterProcess[];
}

const severedMs = 3_000;
/** Over everything that should notice a silent connection. */
const heldMs = 8_000;
const delayMs = 200;
const delayedMs = 5_000;
const throttledBytes = 4_000;
/** What G9 promises. */
const deafMaxMs = 5_000;

const kinds: readonly LinkKind[] = [
  {
    name: "gateway-redis",
    words: "a gateway and Redis",
    guarantees: ["G1", "G2", "G3", "G9"],
    proxy: ({ redis }) => redis,
    processes: ({ cluster }) => cluster.gateways,
  },
  {
    name: "gateway-postgres",
    words: "a gateway and Postgres",
    guarantees: ["G1", "G2"],
    proxy: ({ postgres }) => postgres,
    processes: ({ cluster }) => cluster.gateways,
  },
  {
    name: "writer-redis",
    words: "a writer and Redis",
    guarantees: ["G2", "G4"],
    proxy: ({ redis }) => redis,
    processes: ({ cluster }) => cluster.writers,
  },
  {
    name: "writer-postgres",
    words: "a writer and Postgres",
    guarantees: ["G2", "G4"],
    proxy: ({ postgres }) => postgres,
    processes: ({ cluster }) => cluster.writers,
  },
  {
    name: "front-gateway",
    words: "nginx and a gateway",
    guarantees: ["G1", "G2", "G3", "G5"],
    proxy({ front }) {
      if (front === null) throw new Error("nothing stands in front of this process");
      return front;
    },
    processes: ({ cluster }) => cluster.gateways,
  },
];

function chosen(kind: LinkKind, scene: Scene): { proxy: TcpProxy; name: string } {
  const { name } = victim(kind.processes(scene), scene);
  return { proxy: kind.proxy(needed(scene.links).of(name)), name };
}

/** Broken by `act` for so long, then whole. */
async function broken(kind: LinkKind, scene: Scene, what: string, ms: number, act: (proxy: TcpProxy) => void) {
  const { proxy, name } = chosen(kind, scene);
  act(proxy);
  scene.say(`${kind.name} of ${name}: ${what}`);
  await scene.sleep(ms);
  proxy.heal();
  scene.healed();
  scene.say(`${kind.name} of ${name} is whole`);
}

function faultsOf(kind: LinkKind): Fault[] {
  const { name, words, guarantees } = kind;
  const common = { guarantees, needs: { links: true } } as const;
  const held = (direction: Direction, how: string): Fault => ({
    ...common,
    name: `link-${name}-held-${direction}`,
    does: `the connections between ${words} stay open, and ${how} for ${heldMs / 1_000} s`,
    expected: "the silence is detected, and pending requests are repeated without duplicates",
    inject: (scene) => broken(kind, scene, `held ${direction}`, heldMs, (proxy) => proxy.hold(direction)),
  });
  return [
    {
      ...common,
      name: `link-${name}-cut`,
      does: `every connection between ${words} is reset; new ones pass`,
      expected: "the process reconnects, and repeats requests without an answer",
      async inject(scene) {
        const { proxy, name: process } = chosen(kind, scene);
        scene.say(`${name} of ${process}: ${proxy.cut()} connections reset`);
      },
    },
    {
      ...common,
      name: `link-${name}-severed`,
      does: `no connection between ${words} for ${severedMs / 1_000} s`,
      expected: "the rest of the cluster continues; this process catches up",
      inject: (scene) => broken(kind, scene, "severed", severedMs, (proxy) => proxy.sever()),
    },
    held("down", "no answer comes"),
    held("up", "no request arrives"),
    {
      ...common,
      name: `link-${name}-delayed`,
      does: `everything between ${words} takes ${delayMs} ms longer each way, for ${delayedMs / 1_000} s`,
      expected: "slower, with no other effect",
      inject: (scene) => broken(kind, scene, `${delayMs} ms longer`, delayedMs, (proxy) => proxy.delay(delayMs)),
    },
  ];
}

const deafSubscription: Fault = {
  name: "link-deaf-subscription",
  does: "a gateway's subscription to Redis stays open and receives nothing; its commands and new connections work",
  expected:
    "head checks find missing events within 2 s; the probe finds the deaf subscription within 5 s and makes a new one",
  guarantees: ["G1", "G2", "G9"],
  needs: { links: true },
  async inject(scene) {
    const { name } = victim(scene.cluster.gateways, scene);
    const { redis } = needed(scene.links).of(name);
    const before = redis.accepted;
    const since = performance.now();
    redis.hold("down", { opening: "hubbub-subscriber", only: "open" });
    scene.say(`the subscription of ${name} is deaf`);
    while (redis.accepted === before) await scene.sleep(20);
    const ms = Math.round(performance.now() - since);
    scene.say(`${name} has subscribed anew after ${ms} ms`);
    if (ms > deafMaxMs) throw new BrokenPromise(`a deaf subscription was found after ${ms} ms`);
    scene.healed();
    redis.heal();
  },
};

const throttledFront: Fault = {
  name: "link-front-gateway-throttled",
  does: `${throttledBytes / 1_000} kB a second on each connection from a gateway to nginx, for ${delayedMs / 1_000} s`,
  expected: "its clients fall seconds behind, and get every event in order",
  guarantees: ["G1", "G2"],
  needs: { links: true },
  async inject(scene) {
    const front = kinds.find(({ name }) => name === "front-gateway");
    if (front === undefined) throw new RangeError("no such link");
    await broken(front, scene, `${throttledBytes} bytes a second`, delayedMs, (proxy) =>
      proxy.throttle(throttledBytes, "down"),
    );
  },
};

export const linkFaults: readonly Fault[] = [...kinds.flatMap(faultsOf), deafSubscription, throttledFront];
