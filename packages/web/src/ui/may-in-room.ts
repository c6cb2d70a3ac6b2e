import { type Permission, permits, type Room } from "@hubbub/protocol";

export function mayInRoom({ role, settings }: Room, permission: Permission): boolean {
  return role !== null && role !== undefined && permits(role, permission, settings?.permissions);
}
