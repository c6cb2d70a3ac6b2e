import { isUuid, type RoomId, type UserId } from "@hubbub/protocol";

/** Whose connections are looked at. */
export interface About {
  readonly node?: string | undefined;
  readonly room?: RoomId | undefined;
  readonly user?: UserId | undefined;
}

/** What of the page is shown: the part of its address behind the `#`. */
export type Place =
  | { readonly at: "cluster" | "users" | "reports" | "audit" }
  | { readonly at: "node"; readonly node: string }
  | { readonly at: "room"; readonly room: RoomId }
  | { readonly at: "connections"; readonly about: About };

const TABS = ["users", "reports", "audit"] as const;

/** An address that names nothing shows the cluster. */
export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [kind = "", id = ""] = path.split("/", 2);
  if (kind === "node" && id !== "") return { at: "node", node: decoded(id) };
  if (kind === "room" && isUuid(id)) return { at: "room", room: id as RoomId };
  if (kind === "connections") return { at: "connections", about: aboutOf(new URLSearchParams(query)) };
  return { at: TABS.find((tab) => tab === kind) ?? "cluster" };
}

export function hashOf(place: Place): string {
  if (place.at === "node") return `#/node/${encodeURIComponent(place.node)}`;
  if (place.at === "room") return `#/room/${place.room}`;
  if (place.at !== "connections") return place.at === "cluster" ? "#/" : `#/${place.at}`;
  const given = Object.entries(place.about).filter(([, value]) => value !== undefined);
  return `#/connections?${new URLSearchParams(given as [string, string][])}`;
}

function aboutOf(query: URLSearchParams): About {
  const [node, room, user] = ["node", "room", "user"].map((name) => query.get(name) ?? "");
  return {
    ...(node === "" ? {} : { node }),
    ...(isUuid(room ?? "") ? { room: room as RoomId } : {}),
    ...(isUuid(user ?? "") ? { user: user as UserId } : {}),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
