import {
  CLOSE,
  type ClientFrame,
  type Limits,
  type ServerFrame,
  type ServerFrameOf,
  SUBPROTOCOL,
} from "@hubbub/protocol";
import { openTransport } from "#websocket";
import { Alarm } from "./alarm.ts";
import { errorOfFrame, HubbubError } from "./hubbub-error.ts";
import { parseJson } from "./parse-json.ts";
import { type OnAnswer, Requests } from "./requests.ts";
import { isEvent, type QueuedRequest, SendQueue } from "./send-queue.ts";
import type { OpenTransport, Transport } from "./transport.ts";
import { unreachable } from "./unreachable.ts";

/** From the first byte to `ready`. */
const READY_TIMEOUT_MS = 10_000;
/** A link on which nothing arrives for this long after a ping is dead. */
const PONG_TIMEOUT_MS = 5_000;
/** After `bye` the server closes; when it does not, the link lets go by itself. */
const BYE_TIMEOUT_MS = 1_000;
/** What the WebSocket says when there was no closing handshake. */
export const ABNORMAL = 1006;
/** A message was too long for the other end, or for a proxy between. The server itself answers `too_large` instead. */
const TOO_LONG = 1009;
const CLOSED_BY_LENGTH =
  "something between this client and the server closed the connection because a message was too long for it; send it in parts";

/** How a link ended. `error`: what the server said last about it. `afterMs`: come back not before. */
export interface LinkEnd {
  readonly code: number;
  readonly error?: HubbubError | undefined;
  readonly afterMs?: number | undefined;
}

export interface LinkEvents {
  ready(link: Link, frame: ServerFrameOf<"ready">): void;
  /** The answer to `renew`. */
  renewed(frame: ServerFrameOf<"ready">): void;
  /** Every frame, before the request it answers is told. */
  received(frame: ServerFrame): void;
  /** Once, as the last. */
  ended(end: LinkEnd): void;
}

/** Unrefed requests lack their ref: it is given when they are asked. */
type WithoutRef<Frame> = Frame extends { ref: number } ? Omit<Frame, "ref"> : never;
export type Request = WithoutRef<ClientFrame>;

/** One connection from hello to its end: answers by ref, heartbeat, goaway. It does not reconnect. */
export class Link {
  readonly #transport: Transport;
  readonly #events: LinkEvents;
  readonly #requests = new Requests();
  readonly #deadline = new Alarm();
  readonly #heartbeat = new Alarm();
  readonly #goaway = new Alarm();
  readonly #farewell = new Alarm();
  #isReady = false;
  #limits: Limits | undefined;
  /** Made when the link is ready. */
  #queue: SendQueue | undefined;
  #round = 0;
  #unanswered = 0;
  #leaveAt: number | undefined;
  #lastError: HubbubError | undefined;
  #hasEnded = false;

  /** `isPersonal`: the connection gets the news of its user. */
  constructor(
    url: string,
    token: string,
    isPersonal: boolean,
    events: LinkEvents,
    open: OpenTransport = openTransport,
  ) {
    this.#events = events;
    this.#deadline.set(READY_TIMEOUT_MS, () => this.#abandon("timeout"));
    this.#transport = open(url, SUBPROTOCOL, {
      opened: () => this.#urgent({ type: "hello", token, ...(isPersonal ? { personal: true } : {}) }, READY_TIMEOUT_MS),
      received: (text) => this.#receive(text),
      closed: (code, cause) => {
        if (cause !== undefined) this.#lastError ??= unreachable(cause);
        this.#end(code);
      },
    });
  }

  /** What the server allows; known once the link is ready. */
  get limits(): Limits {
    if (this.#limits === undefined) throw new Error("the limits are known once the link is ready");
    return this.#limits;
  }

  /** Events are sent in this round; the server refuses those of a round in which it refused one. */
  get round(): number {
    return this.#round;
  }

  /** An event of this round was refused: what is sent from here on says that the client knows. */
  refused(round: number): void {
    if (round !== this.#round) return;
    this.#round += 1;
    this.#queue?.dropRound(round);
  }

  /** Whether an event of any kind waits for its ack here. */
  get isAwaited(): boolean {
    return this.#unanswered > 0;
  }

  /** As soon as the server's limits let it. `timeoutMs` counts from then on. */
  ask(request: Request, timeoutMs: number, onAnswer: OnAnswer): void {
    if (this.#queue === undefined || this.#hasEnded) onAnswer({ ok: false, error: new HubbubError("connection_lost") });
    else if (isEvent(request)) this.#queue.push({ request, timeoutMs, onAnswer: this.#counted(onAnswer) });
    else this.#queue.push({ request, timeoutMs, onAnswer });
  }

  #counted(onAnswer: OnAnswer): OnAnswer {
    this.#unanswered += 1;
    return (answer) => {
      this.#unanswered -= 1;
      onAnswer(answer);
    };
  }

  #send({ request, timeoutMs, onAnswer }: QueuedRequest): void {
    const length = "text" in request ? request.text.length : 0;
    const ref = this.#requests.open(timeoutMs, length, onAnswer);
    if (ref !== undefined) this.#transport.send(JSON.stringify(withRef(request, ref)));
  }

  /** Does not wait for its turn. */
  #urgent(request: Request, timeoutMs: number): void {
    this.#queue?.count();
    this.#send({ request, timeoutMs, onAnswer: () => undefined });
  }

  /** Says hello again, with a fresh token of the same session. */
  renew(token: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ask({ type: "hello", token }, READY_TIMEOUT_MS, (answer) => (answer.ok ? resolve() : reject(answer.error)));
    });
  }

  /** Gives the connection up now: the platform says that the network is gone. */
  drop(): void {
    this.#abandon("unreachable");
  }

  /** For frames without an answer. false: dropped, because the connection has no room for it now. */
  tell(frame: Extract<ClientFrame, { type: "typing" | "read" }>): boolean {
    const mayGo = this.#queue?.takesOne() === true;
    if (mayGo) this.#transport.send(JSON.stringify(frame));
    return mayGo;
  }

  bye(): void {
    this.#transport.send(JSON.stringify({ type: "bye" }));
    this.#transport.close(CLOSE.normal);
    this.#farewell.set(BYE_TIMEOUT_MS, () => this.#abandon("closed"));
  }

  #receive(text: string): void {
    if (this.#hasEnded) return;
    const frame = parseJson(text) as ServerFrame | null | undefined;
    if (typeof frame !== "object" || frame === null) {
      this.#abandon("unexpected_answer");
      return;
    }
    const isRenewal = this.#isReady;
    if (frame.type === "ready") {
      this.#limits = frame.limits;
      this.#queue ??= new SendQueue(frame.limits, (queued) => this.#send(queued));
      this.#beat(frame.heartbeatMs);
    }
    if (this.#isReady) this.#deadline.clear();
    // A refused request is told to its caller; the others, and a refused hello, are about the connection.
    if (frame.type === "error" && (frame.ref === undefined || !this.#isReady)) this.#lastError = errorOfFrame(frame);
    if (frame.type === "goaway") this.#leaveAfter(frame.afterMs);
    this.#events.received(frame);
    this.#requests.answer(frame);
    if (frame.type === "ready" && isRenewal) this.#events.renewed(frame);
    if (frame.type === "ready" && !isRenewal) this.#events.ready(this, frame);
  }

  /** Any frame is a sign of life, and each one sets the dead-link deadline back. */
  #beat(heartbeatMs: number): void {
    this.#isReady = true;
    this.#heartbeat.set(heartbeatMs, () => {
      this.probe();
      this.#beat(heartbeatMs);
    });
  }

  /** Asks for a sign of life now. One question at a time: without an answer the link is dead. */
  probe(): void {
    if (!this.#isReady || this.#deadline.isSet) return;
    this.#urgent({ type: "ping" }, PONG_TIMEOUT_MS);
    this.#deadline.set(PONG_TIMEOUT_MS, () => this.#abandon("timeout"));
  }

  #leaveAfter(afterMs: number): void {
    this.#leaveAt = Date.now() + afterMs;
    this.#goaway.set(afterMs, () => {
      this.#transport.close(CLOSE.goaway);
      this.#end(CLOSE.goaway);
    });
  }

  #abandon(code: "timeout" | "closed" | "unexpected_answer" | "unreachable"): void {
    this.#transport.abort();
    this.#lastError = new HubbubError(code);
    this.#end(code === "closed" ? CLOSE.normal : ABNORMAL);
  }

  #end(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const alarm of [this.#deadline, this.#heartbeat, this.#goaway, this.#farewell]) alarm.clear();
    const lost = new HubbubError("connection_lost");
    this.#queue?.end(lost);
    // Sent again, it would close every connection.
    if (code === TOO_LONG) this.#requests.failLongest(new HubbubError("too_large", CLOSED_BY_LENGTH));
    this.#requests.failAll(lost);
    const wait = this.#leaveAt === undefined ? this.#lastError?.retryAfterMs : Math.max(0, this.#leaveAt - Date.now());
    this.#events.ended({ code, error: this.#lastError, afterMs: wait });
  }
}

/** `ref` in front of what may be long: the server finds it there even in a frame that is too large. */
function withRef({ type, ...fields }: Request, ref: number): object {
  return { type, ref, ...fields };
}
