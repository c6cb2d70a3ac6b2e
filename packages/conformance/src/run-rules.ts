import { type Result, type Rule, Skipped } from "./rule.ts";
import type { Subject } from "./subject.ts";

const RULE_MAX_MS = 30_000;
/** Rules wait for the server most of the time. */
const AT_ONCE = 8;

/** Runs the rules, and tells each result. Rejects never: what a rule throws is its result. */
export async function runRules(
  subject: Subject,
  rules: readonly Rule[],
  tell: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const results = new Map<string, Result>();
  const queue = [...rules];
  const work = async (): Promise<void> => {
    for (let rule = queue.shift(); rule !== undefined; rule = queue.shift()) {
      const result = await runRule(subject, rule);
      results.set(rule.id, result);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return rules.flatMap(({ id }) => results.get(id) ?? []);
}

async function runRule(subject: Subject, rule: Rule): Promise<Result> {
  const { id, title } = rule;
  const begin = performance.now();
  const done = (rest: Pick<Result, "result"> & { reason?: string }): Result => ({
    ...{ id, title },
    ...rest,
    ms: Math.round(performance.now() - begin),
  });
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => reject(new Error(`not done in ${RULE_MAX_MS} ms`)), RULE_MAX_MS);
  });
  try {
    await Promise.race([rule.run(subject), late]);
    return done({ result: "pass" });
  } catch (error) {
    const reason = error instanceof Error ? causeOf(error) : String(error);
    return done({ result: error instanceof Skipped ? "skip" : "fail", reason });
  } finally {
    clearTimeout(deadline);
  }
}

/** fetch says "fetch failed", and its cause says why. */
function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
