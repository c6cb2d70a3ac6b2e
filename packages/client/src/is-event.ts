import type { OutboxBody } from "./outbox.ts";

const EVENTS: Readonly<Record<OutboxBody["type"], true>> = {
  publish: true,
  edit: true,
  delete: true,
  react: true,
  pin: true,
};

/** Whether a frame of this type becomes an event of its room. Those keep their order. */
export function isEvent(type: string): boolean {
  return Object.hasOwn(EVENTS, type);
}
