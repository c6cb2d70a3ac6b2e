import { type Operation, readDocument } from "./document.ts";
import { type Answer, asCurl, Exchange, isRateLimited, parse } from "./exchange.ts";
import { faultsOf } from "./judge.ts";
import { PREPARATIONS } from "./preparations.ts";
import { type Attempt, attemptsOf, type Making, otherMethods, plainAttempt } from "./requests.ts";
import { type Kind, type Signing, Stage } from "./stage.ts";
import { Visitor } from "./visitor.ts";

export interface FuzzOptions extends Signing {
  /** Requests for one operation. */
  readonly requestsPerOperation: number;
  /** Seconds after which no further operation begins. */
  readonly seconds: number;
  /** Operations that are tried alone, by id. */
  readonly only?: readonly string[] | undefined;
}

export const DEFAULTS: FuzzOptions = { requestsPerOperation: 200, seconds: 600 };

export interface Finding {
  readonly operation: string;
  readonly fault: string;
  /** What is special about the request. */
  readonly what: string;
  readonly curl: string;
}

export interface Tried {
  readonly operation: string;
  readonly requests: number;
  /** Whether one of them was answered with 2xx or 3xx. */
  readonly hasSucceeded: boolean;
  /** Requests that were not answered because of a rate limit. */
  readonly limited: number;
  readonly findings: readonly Finding[];
}

/** One finding of each kind: numbers and texts in it do not make another. */
const kindOf = ({ operation, fault }: Finding): string => `${operation} ${fault.replace(/\d{4,}|"[^"]*"/g, "")}`;
const OPERATIONS_AT_ONCE = 3;
const OK = 200;

/** Tries every operation of the server's document, and tells each. @throws when there is no document, or nobody can sign in */
export async function fuzz(
  url: string,
  options: FuzzOptions,
  tell: (tried: Tried) => void = () => undefined,
): Promise<Tried[]> {
  const exchange = new Exchange(url);
  try {
    const { prefix, operations } = await fetchDocument(exchange);
    const queue = operations.filter(({ id }) => options.only?.includes(id) ?? true);
    const deadline = performance.now() + options.seconds * 1_000;
    const results: Tried[] = [];
    const { account } = options;
    const root = account && (await Visitor.signIn({ exchange, prefix }, [["/auth/login", account]]));
    const ground: Ground = { exchange, prefix, operations, options, root, stages: { account: [], guest: [] } };
    const work = async (): Promise<void> => {
      for (let one = queue.shift(); one !== undefined && performance.now() < deadline; one = queue.shift()) {
        const tried = await new Trial(ground, one).run(deadline);
        results.push(tried);
        tell(tried);
      }
    };
    await Promise.all(Array.from({ length: OPERATIONS_AT_ONCE }, work));
    return results;
  } finally {
    exchange.close();
  }
}

async function fetchDocument(exchange: Exchange) {
  const tries = [];
  for (const path of ["/api/v1/openapi.json", "/openapi.json"]) {
    const answer = await exchange.send({ method: "GET", path, headers: {} });
    if (answer.status === OK) return readDocument(parse(answer.body));
    tries.push(`${path}: ${answer.status}`);
  }
  throw new Error(`the server has no OpenAPI document (${tries.join(", ")})`);
}

interface Ground {
  readonly exchange: Exchange;
  readonly prefix: string;
  readonly operations: readonly Operation[];
  readonly options: FuzzOptions;
  /** The account of the options. */
  readonly root: Visitor | undefined;
  /** Left as they were by operations that change nothing. */
  readonly stages: Readonly<Record<Kind, Stage[]>>;
}

/** The requests of one operation. */
class Trial {
  readonly #ground: Ground;
  readonly #operation: Operation;
  readonly #findings = new Map<string, Finding>();
  #requests = 0;
  #limited = 0;
  #hasSucceeded = false;
  #kind: Kind = "account";

  constructor(ground: Ground, operation: Operation) {
    this.#ground = ground;
    this.#operation = operation;
  }

  async run(deadline: number): Promise<Tried> {
    const { options, operations } = this.#ground;
    const most = options.requestsPerOperation;
    let making = await this.#begin();
    const isFirst = operations.find(({ path }) => path === this.#operation.path) === this.#operation;
    if (isFirst) for (const one of otherMethods(this.#operation.path, operations, making)) await this.#try(one);
    const attempts = shuffled(attemptsOf(making));
    for (let at = 0; at < attempts.length && this.#requests < most && performance.now() < deadline; at += 1) {
      const before = attempts[at];
      const answer = before === undefined ? undefined : await this.#try(before);
      if (answer === undefined || !isSpent(answer, before?.wanted)) continue;
      // The user, or what the requests named, is gone: the rest is made anew.
      making = await this.#making();
      attempts.splice(at + 1, attempts.length, ...shuffled(attemptsOf(making)).slice(at + 1));
    }
    const isKept = this.#operation.method === "GET" && PREPARATIONS[this.#name] === undefined;
    if (isKept) this.#ground.stages[this.#kind].push(making.stage);
    return {
      operation: this.#name,
      requests: this.#requests,
      hasSucceeded: this.#hasSucceeded,
      limited: this.#limited,
      findings: [...this.#findings.values()],
    };
  }

  get #name(): string {
    return `${this.#operation.method} ${this.#operation.path}`;
  }

  /** As a guest if only a guest succeeds. */
  async #begin(): Promise<Making> {
    const making = await this.#making();
    await this.#try(plainAttempt(making));
    if (this.#hasSucceeded) return making;
    this.#kind = "guest";
    const ofGuest = await this.#making();
    await this.#try(plainAttempt(ofGuest));
    if (this.#hasSucceeded) return ofGuest;
    this.#kind = "account";
    return making;
  }

  async #making(): Promise<Making> {
    const { exchange, prefix, options, root, stages } = this.#ground;
    const stage = stages[this.#kind].pop() ?? (await Stage.open({ exchange, prefix }, this.#kind, options, root));
    await PREPARATIONS[this.#name]?.(stage);
    return { operation: this.#operation, prefix, stage, adminToken: options.adminToken };
  }

  async #try(attempt: Attempt): Promise<Answer | undefined> {
    const { exchange } = this.#ground;
    this.#requests += 1;
    try {
      const answer = await exchange.send(attempt.request);
      if (isRateLimited(answer)) this.#limited += 1;
      if (answer.status < 400 && attempt.wanted !== "not allowed") this.#hasSucceeded = true;
      for (const fault of faultsOf(this.#operation, attempt, answer)) this.#note(attempt, fault);
      return answer;
    } catch (error) {
      this.#note(attempt, `there was no answer: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }

  #note({ what, request }: Attempt, fault: string): void {
    const finding = { operation: this.#name, fault, what, curl: asCurl(this.#ground.exchange.url, request) };
    const kind = kindOf(finding);
    if (!this.#findings.has(kind)) this.#findings.set(kind, finding);
  }
}

/** Whether the request of a valid user could not reach its object any more. */
function isSpent({ status }: Answer, wanted: Attempt["wanted"] | undefined): boolean {
  return wanted !== "unauthorized" && status === 401;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
