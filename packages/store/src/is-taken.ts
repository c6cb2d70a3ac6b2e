const UNIQUE_VIOLATION = "23505";

/** What a unique index refused. */
export function isTaken(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === UNIQUE_VIOLATION;
}
