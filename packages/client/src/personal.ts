import type { PersonalFrame, RoomId, RoomState, ServerFrame, StatePage } from "@hubbub/protocol";
import { type FollowerHost, HeadFollower } from "./head-follower.ts";
import type { HubbubHttp } from "./http.ts";
import { Listeners } from "./listeners.ts";
import { ReadMarks } from "./read-marks.ts";

/** What a client has beside the events of its rooms: news of its user, heads of rooms, and its read marks. */
export class Personal {
  readonly heads: HeadFollower;
  readonly marks: ReadMarks;
  readonly news = new Listeners<PersonalFrame>();

  constructor(host: FollowerHost) {
    this.heads = new HeadFollower(host);
    this.marks = new ReadMarks(() => host.link());
  }

  /** true: no room with events needs to see the frame. */
  receive(frame: ServerFrame): boolean {
    if (frame.type === "personal") this.news.tell(frame);
    return this.heads.receive(frame);
  }

  linkReady(): void {
    this.heads.linkReady();
    this.marks.linkReady();
  }

  released(room: RoomId): void {
    this.heads.released(room);
  }

  end(): void {
    this.heads.end();
    this.marks.end();
  }
}

/** All pages. `at` is that of the first: what changes meanwhile is newer. */
export async function readUserState(http: HubbubHttp, since: number | undefined): Promise<Omit<StatePage, "cursor">> {
  const rooms: RoomState[] = [];
  const first = await http.state({ since });
  let page = first;
  rooms.push(...page.rooms);
  while (page.cursor !== undefined) {
    page = await http.state({ since, cursor: page.cursor });
    rooms.push(...page.rooms);
  }
  const { drafts, invitations, at } = first;
  return { rooms, ...(drafts && { drafts }), ...(invitations && { invitations }), joined: page.joined, at };
}
