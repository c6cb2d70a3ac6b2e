import type { RoomEvent } from "./event.ts";

/**
 * A hash chain over records whose content may have to be forgotten. A link covers the head of its record, a commitment to
 * its content, and the link before it. The commitment is salted: who forgets content and salt leaves a hash that tells
 * nothing of the content, and every link stays valid. All hashes are SHA-256 over canonical JSON, as 64 hex digits.
 *
 * Runs wherever WebCrypto is: a page can check a chain as a server does.
 */

/** In front of the first link. */
export const CHAIN_START = "0".repeat(64);

/** `commitment` null: the content was gone before the record was sealed. `salt` null: it is forgotten. */
export interface ChainEntry {
  readonly event: Readonly<Record<string, unknown>>;
  readonly salt: string | null;
  readonly commitment: string | null;
  readonly link: string;
  /** What the event names now, where that is not what `event` says: the message it names has lost that seq since. */
  readonly moved?: Readonly<Record<string, number>> | undefined;
}

/** Goes with the deletion of a message, or with the erasure of an author of records. */
const CONTENT = ["text", "mentions", "files", "rows"];
/** `type` says nothing, and the name in `by` may change. */
const UNCOVERED = ["type", "by"];

/** What of an event stays for good, and what a deletion takes away. */
export function partsOf(event: RoomEvent | ChainEntry["event"]): { head: unknown; content: Record<string, unknown> } {
  const fields = Object.entries(event).filter(([name]) => !UNCOVERED.includes(name));
  const author = ("by" in event ? (event["by"] as { readonly id: string }) : undefined)?.id;
  return {
    head: { ...Object.fromEntries(fields.filter(([name]) => !CONTENT.includes(name))), author },
    content: Object.fromEntries(fields.filter(([name]) => CONTENT.includes(name))),
  };
}

export function commitmentOf(salt: string, content: unknown): Promise<string> {
  return hashOf(["hubbub commitment 1", salt, content]);
}

export function linkOf(previous: string, head: unknown, commitment: string | null): Promise<string> {
  return hashOf(["hubbub link 1", previous, head, commitment]);
}

/** What is wrong with a part of a chain that follows the link `before`; nothing: it is intact, up to its last link. */
export async function chainFaults(before: string, entries: readonly ChainEntry[]): Promise<string[]> {
  const faults: string[] = [];
  let previous = before;
  for (const { event, salt, commitment, link } of entries) {
    const { head, content } = partsOf(event);
    const at = `seq ${String(event["seq"])}`;
    if ((await linkOf(previous, head, commitment)) !== link)
      faults.push(`${at}: the link does not follow from its event`);
    const isRight = salt === null ? hasNoText(content) : (await commitmentOf(salt, content)) === commitment;
    if (!isRight) faults.push(`${at}: the content is not what was sealed`);
    previous = link;
  }
  return faults;
}

/** Mentions and files stay with a message whose text an edit replaced. Without the salt nothing vouches for them. */
function hasNoText({ text = "", rows = [] }: { readonly text?: unknown; readonly rows?: unknown }): boolean {
  return text === "" && Array.isArray(rows) && rows.length === 0;
}

async function hashOf(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(inOrder(value)));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Postgres keeps the fields of an object in an order of its own. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, part]) => [name, inOrder(part)]));
}
