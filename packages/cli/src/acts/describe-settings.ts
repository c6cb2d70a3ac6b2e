import type { RoomSettings } from "@hubbub/protocol";

/** What is special about a room, a phrase each. */
export function describeSettings({ archived, slowModeSeconds, history, permissions = {} }: RoomSettings): string[] {
  return [
    ...(archived ? ["archived: nobody writes"] : []),
    ...(slowModeSeconds === undefined ? [] : [`slow mode: a message in ${slowModeSeconds} s`]),
    ...(history === "joined" ? ["newcomers see nothing from before they joined"] : []),
    ...Object.entries(permissions).map(([permission, role]) => `${permission}: ${role} and above`),
  ];
}
