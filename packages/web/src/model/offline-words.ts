import type { ChatState } from "./state.ts";

/** What the page says above everything about its connection; "": nothing. */
export function connectionWords(state: ChatState, isOnline: boolean, now = new Date()): string {
  const kept = keptAt(state);
  const when = kept === undefined ? undefined : `These messages were here at ${timeOf(new Date(kept), now)}.`;
  if (!isOnline) return `You are offline. ${when ?? "What you send goes out when the network is back."}`;
  if (state.isConnected) return "";
  return ["Connection lost. Trying again…", ...(when === undefined ? [] : [when])].join(" ");
}

/** When the messages that are shown were the present; undefined: they are now. */
function keptAt({ open, talks }: ChatState): number | undefined {
  return open?.stage === "in" ? talks.get(open.id)?.timeline.kept?.at : undefined;
}

function timeOf(at: Date, now: Date): string {
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return at.toDateString() === now.toDateString() ? time : `${time} on ${at.toLocaleDateString()}`;
}
