import type { RoomSettings } from "@hubbub/protocol";

/** What is special about a room, a phrase each. */
export function describeSettings(settings: RoomSettings): string[] {
  const { archived, slowModeSeconds, history, keepRevisions, permissions = {} } = settings;
  return [
    ...(archived ? ["archived: nobody writes"] : []),
    ...(slowModeSeconds === undefined ? [] : [`slow mode: a message in ${slowModeSeconds} s`]),
    ...(history === "joined" ? ["newcomers see nothing from before they joined"] : []),
    ...(keepRevisions === false ? ["no earlier texts of edited messages are kept"] : []),
    ...Object.entries(permissions).map(([permission, role]) => `${permission}: ${role} and above`),
  ];
}
