import { byLine } from "./lines.ts";
import { type FrameListener, RawConnection } from "./raw-connection.ts";
import type { Answer, Position, ResumeDialect } from "./resume-dialect.ts";
import type { ReturningMember, StormFaults } from "./storm-plan.ts";

export interface Home {
  readonly port: number;
  readonly localAddress: string;
}

/** A try that failed is repeated after this, doubled each time; each wait is spread over its second half. */
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 5_000;

/** One client of one room that follows its order, and comes back where it was when its connection breaks. */
export class ReturningClient {
  /** Its connection broke while it was live. */
  onBroken: () => void = () => undefined;
  /** It is live, for the first time or again. */
  onLive: () => void = () => undefined;
  tries = 0;
  readonly #dialect: ResumeDialect;
  readonly #member: ReturningMember;
  #home: Home;
  #position: Position | null = null;
  #connection: RawConnection | null = null;
  #isLive = false;
  #failures = 0;
  #order = 0;
  #unrecovered = 0;
  #ended = false;

  constructor(dialect: ResumeDialect, member: ReturningMember, home: Home) {
    this.#dialect = dialect;
    this.#member = member;
    this.#home = home;
  }

  get room(): string {
    return this.#member.room;
  }

  get seq(): number {
    return this.#position?.seq ?? 0;
  }

  get faults(): Omit<StormFaults, "behind"> {
    return { order: this.#order, unrecovered: this.#unrecovered };
  }

  /** Tries until it is live, the first time after so long; `onLive` tells when. */
  connect(home: Home, afterMs: number): void {
    this.#home = home;
    setTimeout(() => void this.#try(), afterMs);
  }

  /** Breaks its connection. */
  drop(): void {
    const connection = this.#connection;
    connection?.close();
    if (connection !== null) this.#onClose(connection);
  }

  end(): void {
    this.#ended = true;
    this.#connection?.close();
  }

  async #try(): Promise<void> {
    if (this.#ended) return;
    this.tries++;
    const { path, subprotocol, lines } = this.#dialect;
    try {
      const connection = await RawConnection.open({ ...this.#home, path, subprotocol });
      this.#connection = connection;
      const read: FrameListener = (bytes, start, end) => this.#take(connection, this.#dialect.read(bytes, start, end));
      connection.onFrame = lines ? byLine(read) : read;
      connection.onClose = () => this.#onClose(connection);
      connection.send(this.#dialect.greeting(this.#member.token));
    } catch {
      this.#retry();
    }
  }

  #take(connection: RawConnection, answer: Answer): void {
    switch (answer.kind) {
      case "greeted":
        connection.send(this.#dialect.subscription(this.#member.room, this.#position));
        return;
      case "event":
        this.#follow(answer.seq, answer.epoch);
        return;
      case "live":
        this.#enter(answer);
        return;
      case "gap":
        this.#unrecovered++;
        if (this.#position !== null) this.#position = { ...this.#position, seq: answer.to };
        return;
      case "ping":
        connection.send(answer.answer);
        return;
      case "refused":
        connection.close();
        this.#onClose(connection);
    }
  }

  #enter({ head, recovered, seqs }: Extract<Answer, { kind: "live" }>): void {
    if (this.#position !== null) {
      if (!recovered) this.#unrecovered++;
      for (const seq of seqs) this.#follow(seq);
      if (recovered && this.#position.seq !== head.seq) this.#order++;
    }
    this.#position = head;
    this.#isLive = true;
    this.#failures = 0;
    this.onLive();
  }

  #follow(seq: number, epoch?: Position["epoch"]): void {
    const position = this.#position;
    if (position === null) return;
    if (seq !== position.seq + 1) this.#order++;
    this.#position = { seq, epoch: epoch ?? position.epoch };
  }

  #onClose(connection: RawConnection): void {
    if (this.#ended || this.#connection !== connection) return;
    this.#connection = null;
    if (this.#isLive) {
      this.#isLive = false;
      this.onBroken();
    } else this.#retry();
  }

  #retry(): void {
    if (this.#ended) return;
    const waitMs = Math.min(RETRY_MIN_MS * 2 ** this.#failures++, RETRY_MAX_MS);
    setTimeout(() => void this.#try(), waitMs * (0.5 + Math.random() / 2));
  }
}
