import { HubbubError } from "./hubbub-error.ts";

/** What the owner's `getToken` may take. */
const TOKEN_TIMEOUT_MS = 30_000;

/**
 * Calls code of the owner that answers nothing. What it throws is reported as an uncaught error in a turn of its own: the
 * client's state stays whole, and the fault is not hidden.
 */
export function callOwner(call: () => void): void {
  try {
    call();
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}

/** Asks the owner for a token. Whatever happens in there, this settles, and rejects with a `HubbubError` only. */
export async function askForToken(getToken: (fresh: boolean) => Promise<string>, fresh: boolean): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new HubbubError("timeout", "getToken did not answer in time")), TOKEN_TIMEOUT_MS);
  });
  try {
    const token: unknown = await Promise.race([getToken(fresh), late]);
    if (typeof token === "string" && token !== "") return token;
    throw new HubbubError("no_token", "getToken returned no token");
  } catch (error) {
    throw error instanceof HubbubError ? error : new HubbubError("no_token", undefined, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A promise that its owner may ignore: a rejection nobody looks at ends no process. */
export function ignorable<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
