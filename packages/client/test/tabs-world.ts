import { TabServer } from "../src/tabs/tab-server.ts";
import { overWorker, type WorkerDoor } from "../src/tabs/tab-transport.ts";
import { Channels } from "./channels.ts";
import { ModelServer } from "./model-server.ts";
import { StrictTab } from "./strict-tab.ts";

export function tokenOf(sub: string, sid: string): string {
  return `x.${btoa(JSON.stringify({ sub, sid }))}.x`;
}

/** Tabs, their worker and the server, with every message of them under way for as long as the test wants. */
export class World {
  readonly channels = new Channels();
  readonly server = new ModelServer(this.channels);
  readonly tabs: StrictTab[] = [];
  /** Ends tabs as a crash does, in the order in which their connections were opened. */
  readonly crashes: (() => void)[] = [];
  readonly #locks = new Map<string, (() => void)[]>();
  readonly #worker = new TabServer(this.server.open, (lock, signal, isFree) => {
    const waiting = this.#locks.get(lock);
    if (waiting === undefined) isFree();
    else waiting.push(() => signal.aborted || isFree());
  });

  open(token = tokenOf("alice", "one")): StrictTab {
    const tab = new StrictTab(`tab${this.tabs.length}`, token, overWorker(this.door));
    this.tabs.push(tab);
    return tab;
  }

  get door(): WorkerDoor {
    return {
      connect: () => {
        const [ours, theirs] = this.channels.ports();
        this.#worker.accept(theirs);
        return ours;
      },
      hold: (lock, held) => {
        this.#locks.set(lock, []);
        held();
        const free = (): void => {
          const waiting = this.#locks.get(lock) ?? [];
          this.#locks.delete(lock);
          const put = this.channels.open();
          for (const call of waiting) put(call);
        };
        this.crashes.push(free);
        return free;
      },
      direct: this.server.open,
    };
  }

  /** Until nothing is under way any more. */
  rest(): void {
    for (let turn = 0; turn < 20_000; turn += 1) {
      const isBusy = this.channels.step(turn * 7) || this.server.work();
      if (!isBusy) return;
    }
    throw new Error("the world does not come to rest");
  }
}
