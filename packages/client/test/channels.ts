import type { Port, ToTab, ToWorker } from "../src/tabs/port-messages.ts";

/** Everything that is under way between tabs, worker and server. Each channel keeps its order; between them there is none. */
export class Channels {
  readonly #all: (() => void)[][] = [];

  open(): (deliver: () => void) => void {
    const channel: (() => void)[] = [];
    this.#all.push(channel);
    return (deliver) => void channel.push(deliver);
  }

  /** Delivers one message of one of the channels that have some. Answers whether there was one. */
  step(which: number): boolean {
    const busy = this.#all.filter((channel) => channel.length > 0);
    const deliver = busy[which % Math.max(busy.length, 1)]?.shift();
    deliver?.();
    return deliver !== undefined;
  }

  /** Delivers everything. */
  drain(): void {
    let isBusy = true;
    while (isBusy) isBusy = this.step(0);
  }

  /** Two ends of a message channel. */
  ports(): readonly [Port, Port] {
    const make = (): Port & { isOpen: boolean } => ({
      onmessage: null,
      isOpen: true,
      postMessage: () => undefined,
      close() {
        this.isOpen = false;
      },
    });
    const [one, other] = [make(), make()];
    const connect = (from: typeof one, to: typeof one): void => {
      const put = this.open();
      from.postMessage = (data: ToTab | ToWorker) => {
        if (from.isOpen) put(() => to.isOpen && to.onmessage?.({ data }));
      };
    };
    connect(one, other);
    connect(other, one);
    return [one, other];
  }
}
