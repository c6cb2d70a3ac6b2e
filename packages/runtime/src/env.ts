import { z } from "zod";

/** What is wrong with the environment: every fault, each named with its variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n  ${faults.join("\n  ")}`,
    );
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that `shape` names. An empty variable counts as missing; defaults live in the shape alone.
 * @throws ConfigError naming all faults at once, with what each variable should be
 */
export function parseEnv<Shape extends z.ZodRawShape>(shape: Shape, env: Environment): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(shape)
      .filter((name) => env[name] !== undefined && env[name] !== "")
      .map((name) => [name, env[name]]),
  );
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const value = given[name];
      return value === undefined
        ? `${name} is missing: ${issue.message}`
        : `${name}=${redact(name, value)}: ${issue.message}`;
    }),
  );
}

function redact(name: string, value: string): string {
  return /URL|KEY|TOKEN|SECRET|PASSWORD|TARGETS/.test(name) ? "…" : JSON.stringify(value);
}

/** An integer in [min, max]; the message says so. */
export function integer(min: number, max: number, fallback: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
    .default(fallback);
}

export function flag(fallback: boolean) {
  return z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((text) => text === "true")
    .default(fallback);
}

/** Comma-separated, trimmed, empty parts left out. */
export function list(fallback: readonly string[]) {
  return z
    .string()
    .transform(
      (text) =>
        text
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== "") as readonly string[],
    )
    .default(fallback);
}

export function url(...protocols: readonly string[]) {
  const message = `must be a URL that starts with ${protocols.map((name) => `${name}://`).join(" or ")}`;
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)), message);
}
