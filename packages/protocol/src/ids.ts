import { v7 } from "uuid";

export type RoomId = string & { readonly brand: "RoomId" };
export type UserId = string & { readonly brand: "UserId" };
export type SessionId = string & { readonly brand: "SessionId" };
export type ExportId = string & { readonly brand: "ExportId" };
export type TaskId = string & { readonly brand: "TaskId" };
export type FileId = string & { readonly brand: "FileId" };
/** Chosen by the sender, unique per sender: the key under which a re-sent event is recognised. */
export type EventId = string & { readonly brand: "EventId" };

export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const EVENT_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** A fresh UUID v7: ids made later sort later. The caller names the brand it stands for. */
export function newId<Id extends string>(): Id {
  return v7() as Id;
}

export function isUuid(text: string): boolean {
  return UUID_PATTERN.test(text);
}
