import { type GatewaySettings, gatewaySettings } from "@hubbub/gateway";
import { parseEnv } from "@hubbub/runtime";
import { type WriterSettings, writerSettings } from "@hubbub/writer";
import { History } from "../checker/history.ts";
import { Recorder } from "../checker/recorder.ts";
import type { RecorderLink, RecorderLinkOptions } from "../checker/recorder-link.ts";
import { digestOf } from "../checker/records.ts";
import { settle } from "../checker/settle.ts";
import { Chance } from "./chance.ts";
import { ModelGateway } from "./model-gateway.ts";
import { ModelLog } from "./model-log.ts";
import { ModelProcess } from "./model-process.ts";
import { ModelDatabase } from "./model-store.ts";
import { ModelWriter } from "./model-writer.ts";
import type { DeliveryStep, GatewayStep, Step, WriterStep } from "./step.ts";
import { VirtualTime } from "./virtual-time.ts";

const ROOMS = ["00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"];
const CLIENTS = 4;
const GATEWAYS = 2;
const WRITERS = 2;
const RESTART_MS = 200;
/** How long everything may take to be well again when no more faults happen. */
const SETTLE_MS = 20_000;
/** What a gateway keeps for a log that was lost is offered again within a second and the answers it takes. */
const OFFER_MS = 2_500;

const FRONT: GatewaySettings = {
  ...parseEnv(gatewaySettings, {
    HEADS_CHECK_MS: "300",
    ROOM_LINGER_MS: "200",
    DRAIN_MS: "100",
    MEMBERSHIPS_CACHED: "10",
    // Whatever the load of the machine, so that a run can be repeated.
    GATHER_FROM_PERCENT: "0",
    GATHER_FULL_PERCENT: "0",
  }),
  // Small enough for a client that does not read to be slow, and to be cut.
  MAX_BACKPRESSURE_BYTES: 12_000,
  SLOW_DEADLINE_MS: 800,
};
const WRITER: WriterSettings = parseEnv(writerSettings, { WRITER_LEASE_MS: "1000" });

/** What can be wrong with the log or the store of a world, to see that it is found out. */
export type Sabotage = "forgetful log" | "selfish log" | "leaking store";

/** A small cluster in virtual time, driven by a script and a seed. */
export class World implements Disposable {
  readonly history = new History();
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #log: ModelLog;
  readonly #database: ModelDatabase;
  readonly #recorders: readonly Recorder[];
  #gateways: ModelGateway[] = [];
  #writers: ModelWriter[] = [];
  #names = 0;
  #said = 0;

  constructor(seed: number, sabotage?: Sabotage) {
    this.#chance = new Chance(seed);
    this.#time = new VirtualTime(this.#chance.next);
    const tailEvents = 1 + this.#chance.below(12);
    this.#log = new ModelLog({
      backlogMax: 100,
      tailEvents,
      replayMs: 600_000,
      isForgetful: sabotage === "forgetful log",
      isSelfish: sabotage === "selfish log",
    });
    this.#database = new ModelDatabase(({ seq }) => sabotage === "leaking store" && seq % 7 === 0);
    for (let index = 0; index < GATEWAYS; index += 1) this.#startGateway();
    for (let index = 0; index < WRITERS; index += 1) this.#startWriter();
    this.#recorders = Array.from({ length: CLIENTS }, (_none, index) => this.#record(index));
  }

  /** Answers what has not become well again in time, in words. */
  async play(steps: readonly Step[]): Promise<readonly string[]> {
    await this.#time.run(20);
    for (const step of steps) await this.#take(step);
    await this.#time.run(OFFER_MS);
    let lacking: readonly string[] | null = null;
    const settling = settle(this.#recorders, SETTLE_MS).then((found) => {
      lacking = found;
    });
    await this.#time.run(SETTLE_MS + 1_000, () => lacking !== null);
    if (lacking === null) throw new Error("the end of time");
    await settling;
    this.#readStore();
    return lacking;
  }

  [Symbol.dispose](): void {
    this.#time[Symbol.dispose]();
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case "say":
        for (let left = step.count; left > 0; left -= 1) this.#say(step.who, step.room);
        break;
      case "change":
        this.#change(step);
        break;
      case "wait":
        await this.#time.run(step.ms);
        return;
      case "cutClient":
        this.#recorders[step.who % CLIENTS]?.cut();
        break;
      case "stopReading":
        this.#stopReading(step.who, step.ms);
        break;
      case "killGateway":
      case "drainGateway":
      case "stopGateway":
        this.#harmGateway(step);
        break;
      case "killWriter":
      case "stopWriter":
        this.#harmWriter(step);
        break;
      case "restartLog":
        this.#log.restart(step.ms, step.lost);
        break;
      case "storeAway":
        this.#database.away(step.ms, step.lost);
        break;
      default:
        this.#harmDeliveries(step);
    }
    await this.#time.run(this.#chance.between(0, 4));
  }

  #say(who: number, room: number): void {
    this.#said += 1;
    const padding = "x".repeat(this.#chance.is(0.1) ? 1_500 : 0);
    const name = ROOMS[room % ROOMS.length] ?? "";
    this.#recorders[who % CLIENTS]?.publish(name, `text ${this.#said} ${padding}`, `event-${this.#said}`);
  }

  /** Refused where that is no message, or no own one. */
  #change({ who, room, kind }: Extract<Step, { do: "change" }>): void {
    this.#said += 1;
    const name = ROOMS[room % ROOMS.length] ?? "";
    const recorder = this.#recorders[who % CLIENTS];
    const target = recorder?.place(name).newestMessage ?? 0;
    if (target === 0) return;
    const edit = { type: "edit", target, text: `edit ${this.#said}` };
    const frames = {
      edit,
      "stale edit": { ...edit, baseSeq: target },
      react: { type: "react", target, emoji: "👍" },
      delete: { type: "delete", target },
    };
    recorder?.send(name, frames[kind], `event-${this.#said}`);
  }

  #stopReading(who: number, ms: number): void {
    const socket = this.#gateways[who % GATEWAYS]?.socket(who);
    socket?.stopReading();
    setTimeout(() => socket?.goOnReading(), ms);
  }

  #harmGateway(step: GatewayStep): void {
    const gateway = this.#gateways[step.who % GATEWAYS];
    if (gateway === undefined || !gateway.mayTakeClients) return;
    if (step.do === "stopGateway") gateway.process.stop(step.ms);
    else if (step.do === "killGateway") {
      gateway.kill();
      this.#replace(gateway);
    } else void gateway.leave().then(() => this.#replace(gateway));
  }

  #replace(gateway: ModelGateway): void {
    setTimeout(
      () => {
        this.#gateways = this.#gateways.filter((one) => one !== gateway);
        this.#startGateway();
      },
      this.#chance.between(1, RESTART_MS),
    );
  }

  #harmWriter(step: WriterStep): void {
    const writer = this.#writers[step.who % WRITERS];
    if (writer === undefined || !writer.process.isAlive) return;
    if (step.do === "stopWriter") {
      writer.process.stop(step.ms);
      return;
    }
    writer.kill();
    setTimeout(
      () => {
        this.#writers = this.#writers.filter((one) => one !== writer);
        this.#startWriter();
      },
      this.#chance.between(1, RESTART_MS),
    );
  }

  #harmDeliveries(step: DeliveryStep): void {
    const broker = this.#gateways[step.who % GATEWAYS]?.broker;
    if (broker === undefined) return;
    if (step.do === "loseAnswers") broker.answersToLose += step.count;
    else if (step.do === "cutDeliveries") broker.deliveries.cut();
    else if (step.do === "loseDeliveries") broker.deliveries.meet("lose", step.count, 0);
    else if (step.do === "doubleDeliveries") broker.deliveries.meet("double", step.count, step.ms);
    else if (step.do === "delayDeliveries") broker.deliveries.meet("delay", step.count, step.ms);
  }

  #startGateway(): void {
    const process = this.#process("gateway");
    // Every other gateway gathers frames.
    const settings = { ...FRONT, FLUSH_MAX_MS: (this.#names % 2) * FRONT.FLUSH_MAX_MS };
    this.#gateways.push(new ModelGateway(process, this.#log, this.#database, settings));
  }

  #startWriter(): void {
    this.#writers.push(new ModelWriter(this.#process("writer"), this.#log, this.#database, WRITER));
  }

  #process(role: string): ModelProcess {
    this.#names += 1;
    return new ModelProcess({ name: `${role}${this.#names}`, chance: this.#chance, latencyMs: 3 });
  }

  #record(index: number): Recorder {
    const sub = `00000000-0000-7000-8000-0000000000c${index}`;
    const claims = { sub, sid: sub, name: `client${index}`, exp: 4_000_000_000 };
    return new Recorder({
      history: this.history,
      client: claims.name,
      url: () => "",
      token: () => JSON.stringify(claims),
      rooms: ROOMS,
      underWayMax: 1 + (index % 3),
      silenceMs: 60_000,
      open: (options) => this.#connect(options),
    });
  }

  /** As the front does: to any gateway that answers. */
  #connect(options: RecorderLinkOptions): RecorderLink {
    const there = this.#gateways.filter(({ mayTakeClients }) => mayTakeClients);
    const gateway = there[this.#chance.below(there.length)];
    if (gateway !== undefined) return gateway.open(options);
    return { closed: Promise.resolve(1006), send: () => undefined, cut: () => undefined };
  }

  #readStore(): void {
    const { state } = this.#database;
    for (const room of ROOMS) {
      const rows = state.page(room as Parameters<typeof state.page>[0], { after: 0, limit: Number.MAX_SAFE_INTEGER });
      for (const { seq, epoch, id, by, kind, ...rest } of rows) {
        const digest = "text" in rest ? digestOf(rest.text) : 0;
        this.history.add({ type: "stored", room, seq, epoch, id, user: by.id, kind, digest });
      }
    }
    for (const { room, id } of state.letters) {
      if (room !== null && id !== null) this.history.add({ type: "buried", room, id });
    }
  }
}
