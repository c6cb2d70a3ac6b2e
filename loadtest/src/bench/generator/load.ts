import { Histogram } from "../measure/histogram.ts";
import type { Dialect } from "./dialect.ts";
import { type DialectName, dialectOf, enterAll } from "./dialects.ts";
import type { FrameTemplate } from "./frame-template.ts";
import { byLine } from "./lines.ts";
import type { Counts, LoadPlan } from "./load-plan.ts";
import { readTextHead } from "./message-text.ts";
import { OrderCheck } from "./order-check.ts";
import { chargedFrom, nowMicroseconds } from "./pace.ts";
import type { FrameListener, RawConnection } from "./raw-connection.ts";

/** Sending times kept per sender, by number; more than this unanswered are not timed. */
const TIMED_UNANSWERED = 16_384;

interface Voice {
  readonly connection: RawConnection;
  readonly template: FrameTemplate;
  readonly sentAt: Float64Array;
  next: number;
}

/** The connections of a plan, counting. */
export class Load {
  /** Called with the index of the sender whose message was acknowledged, and how long that took. */
  onAck: (sender: number, microseconds: number) => void = () => undefined;
  /** Called for each error frame and each connection that ends. */
  onFault: () => void = () => undefined;
  readonly #dialect: Dialect;
  readonly #timeDeliveries: boolean;
  readonly #order = new OrderCheck();
  #ackTimes = new Histogram();
  #deliveryTimes = new Histogram();
  #voices: readonly Voice[] = [];
  #sent = 0;
  #acked = 0;
  #delivered = 0;
  #errors = 0;
  #firstError = "";

  private constructor(dialect: DialectName, timeDeliveries: boolean) {
    this.#dialect = dialectOf(dialect);
    this.#timeDeliveries = timeDeliveries;
  }

  static async connect(plan: LoadPlan): Promise<Load> {
    const load = new Load(plan.dialect, plan.timeDeliveries);
    const crowds: RawConnection[][] = [];
    for (const crowd of plan.crowds) crowds.push(await enterAll(plan.dialect, crowd));
    const voiceOf = new Map<RawConnection, number>();
    load.#voices = plan.senders.map(({ crowd, member, room }, sender) => {
      const connection = crowds[crowd]?.[member];
      if (connection === undefined) throw new Error(`sender ${sender} has no connection`);
      voiceOf.set(connection, sender);
      const template = load.#dialect.publishTemplate(room, sender, plan.textBytes);
      return { connection, template, sentAt: new Float64Array(TIMED_UNANSWERED), next: 0 };
    });
    const checked = crowds[0]?.[0];
    const rooms = plan.crowds[0]?.members[0]?.rooms ?? [];
    for (const connection of crowds.flat()) {
      load.#listen(connection, voiceOf.get(connection) ?? -1, connection === checked && rooms.length === 1);
    }
    return load;
  }

  get senders(): number {
    return this.#voices.length;
  }

  get counts(): Counts {
    return { sent: this.#sent, acked: this.#acked, delivered: this.#delivered };
  }

  /** Microseconds, as arrays of histograms. */
  get times(): { ackMicroseconds: number[]; deliveryMicroseconds: number[] } {
    return { ackMicroseconds: this.#ackTimes.toArray(), deliveryMicroseconds: this.#deliveryTimes.toArray() };
  }

  /** What was timed so far was the warm-up. */
  forgetTimes(): void {
    this.#ackTimes = new Histogram();
    this.#deliveryTimes = new Histogram();
  }

  get faults(): { orderFaults: number; errors: number; firstError: string } {
    return { orderFaults: this.#order.faults, errors: this.#errors, firstError: this.#firstError };
  }

  /** `dueMs`: when it should have been sent, by performance.now(). */
  send(sender: number, dueMs = Number.POSITIVE_INFINITY): void {
    const voice = this.#voices[sender];
    if (voice === undefined) throw new Error(`no sender ${sender}`);
    const at = chargedFrom(dueMs);
    const number = voice.next++;
    voice.sentAt[number % TIMED_UNANSWERED] = at;
    voice.connection.send(voice.template.stamp(number, at));
    this.#sent++;
  }

  #listen(connection: RawConnection, sender: number, checked: boolean): void {
    connection.onClose = (code) => this.#fail(`closed with ${code}`);
    const read: FrameListener = (bytes, start, end) => {
      switch (this.#dialect.kindOf(bytes, start)) {
        case "event":
          this.#delivered++;
          if (checked || this.#timeDeliveries) this.#readEvent(bytes, start, end, checked);
          return;
        case "ack":
          this.#onAcked(sender, this.#dialect.ackedNumber(bytes, start));
          return;
        case "error":
          this.#fail(bytes.toString("utf8", start, end));
          return;
        case "other": {
          const answer = this.#dialect.answerTo(bytes, start, end);
          if (answer !== null) connection.send(answer);
        }
      }
    };
    connection.onFrame = this.#dialect.lines ? byLine(read) : read;
  }

  #onAcked(sender: number, number: number): void {
    this.#acked++;
    const sentAt = this.#voices[sender]?.sentAt[number % TIMED_UNANSWERED] ?? 0;
    const microseconds = nowMicroseconds() - sentAt;
    this.#ackTimes.record(microseconds);
    this.onAck(sender, microseconds);
  }

  #readEvent(bytes: Buffer, start: number, end: number, checked: boolean): void {
    const head = readTextHead(bytes, start, end);
    if (checked) this.#order.see(head, this.#dialect.seqOf(bytes, start, end));
    if (head !== null) this.#deliveryTimes.record(nowMicroseconds() - head.microseconds);
  }

  #fail(what: string): void {
    this.#errors++;
    if (this.#firstError === "") this.#firstError = what;
    this.onFault();
  }
}
