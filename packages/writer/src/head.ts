import type { RoomId } from "@hubbub/protocol";

/** As the protocol's `encodeEventHead` writes it; what stands behind it may be unreadable. */
const HEAD = /^\{"type":"event","room":"([0-9a-f-]{36})","epoch":\d{1,15},"seq":(\d{1,15}),/;

/** Which event a frame of the log is, without parsing it; null: that cannot be told. */
export function headOf(frame: string): { room: RoomId; seq: number } | null {
  const [, room, seq] = HEAD.exec(frame) ?? [];
  return room === undefined ? null : { room: room as RoomId, seq: Number(seq) };
}
