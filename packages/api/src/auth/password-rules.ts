import { PASSWORD_MIN_LENGTH, ProtocolError, usernameKey } from "@hubbub/protocol";
import { dictionary } from "@zxcvbn-ts/language-common";

/** The most used passwords among those that are long enough. */
const COMMON_COUNT = 10_000;
/** What is left of a password without the words anybody would try first. */
const OWN_LENGTH_MIN = 6;
const WORD_LENGTH_MIN = 3;
const DISTINCT_MIN = 3;

const COMMON: ReadonlySet<string> = new Set(
  dictionary["passwords-common"].filter((password) => password.length >= PASSWORD_MIN_LENGTH).slice(0, COMMON_COUNT),
);

/**
 * What is hashed: Unicode blanks as spaces, then NFC, as PRECIS' OpaqueString has it (RFC 8265), so that the same password typed on
 * another system is the same password.
 */
export function preparePassword(password: string): string {
  return password.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

/** `words`: what an attacker tries first for this account. @throws ProtocolError weak_password */
export function assertStrongPassword(password: string, words: readonly string[]): void {
  const text = preparePassword(password).toLowerCase();
  if (COMMON.has(text)) throw weak("this password is among the most used ones");
  if (new Set(text.trim()).size < DISTINCT_MIN) throw weak("this password has hardly any different characters");
  const own = words
    .map((word) => usernameKey(word))
    .filter((word) => word.length >= WORD_LENGTH_MIN)
    .sort((one, other) => other.length - one.length)
    .reduce((rest, word) => rest.replaceAll(word, ""), text);
  if (own !== text && own.length < OWN_LENGTH_MIN) {
    throw weak("this password is hardly more than your name or the server's");
  }
}

function weak(message: string): ProtocolError {
  return new ProtocolError("weak_password", `${message}; choose another`);
}

/** Words of the server: its own name and those of its pages' hosts. */
export function serverWords(origins: readonly string[]): string[] {
  const hosts = origins.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).hostname);
  return ["hubbub", "chat", ...hosts.flatMap((host) => [host, ...host.split(".").filter((label) => label.length > 3)])];
}

/** Words of an account. */
export function accountWords(username: string, email: string | undefined): string[] {
  return [username, ...username.split(/[._-]/), ...(email === undefined ? [] : email.split("@"))];
}
