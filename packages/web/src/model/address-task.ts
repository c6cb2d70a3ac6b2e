/** What the address asks for besides a room: links of mails and into rooms, and the way back from a login provider. */
export interface AddressTask {
  readonly kind: "confirm-email" | "reset-password" | "login_ticket" | "login_refused" | "linked" | "invite";
  /** "" of `linked`. */
  readonly code: string;
}

const TASK = /^#(confirm-email|reset-password|login_ticket|login_refused|invite)=([\w.~%-]{1,512})$/;

/** `hash`: of a location, with its `#`. */
export function taskOfHash(hash: string): AddressTask | undefined {
  if (hash === "#linked") return { kind: "linked", code: "" };
  const [, kind, code] = TASK.exec(hash) ?? [];
  if (kind === undefined || code === undefined) return undefined;
  return { kind: kind as AddressTask["kind"], code: decoded(code) };
}

function decoded(code: string): string {
  try {
    return decodeURIComponent(code);
  } catch {
    // Not what a server wrote. It refuses the code.
    return code;
  }
}
