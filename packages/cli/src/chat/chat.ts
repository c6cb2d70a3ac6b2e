import { type Client, type ClientState, HubbubError, type Room as LiveRoom } from "@hubbub/client";
import { type EventId, newId, type Room, type RoomEvent } from "@hubbub/protocol";
import { explain } from "../cli-error.ts";
import { enterRoom, findRoom, listAll } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";
import { CHAT_USAGE } from "../usage.ts";
import type { ChatInput } from "./chat-input.ts";
import { OwnMessages } from "./own-messages.ts";
import type { Paint } from "./paint.ts";
import {
  type RenderContext,
  renderEvent,
  renderGap,
  renderMember,
  renderPrompt,
  renderRoom,
  system,
} from "./render.ts";
import type { Screen } from "./screen.ts";

const FIRST_HISTORY = 50;
/** Texts remembered for quotes in replies and edits; the oldest are forgotten and quoted as an earlier message. */
const REMEMBERED_TEXTS = 500;

/** One person in one room at a time. */
export class Chat {
  readonly #client: Client;
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #server: string;
  readonly #texts = new Map<number, string>();
  readonly #context: RenderContext;
  #own = new OwnMessages();
  #room: Room | undefined;
  #live: LiveRoom | undefined;
  #isAway = false;

  constructor(client: Client, screen: Screen, paint: Paint, server: string) {
    this.#client = client;
    this.#screen = screen;
    this.#paint = paint;
    this.#server = server;
    this.#context = { paint, textAt: (seq) => this.#texts.get(seq) };
  }

  /** Shows the recent past of a room, then what comes. */
  async enter(found: Room): Promise<void> {
    const room = await enterRoom(this.#client.http, found);
    this.#exit();
    this.#room = room;
    this.#own = new OwnMessages();
    const page = await this.#client.http.history(room.id, { limit: FIRST_HISTORY });
    this.#print(system(this.#paint, `${harmlessLine(room.name)}: .usage shows the commands, .quit ends`));
    for (const event of page.messages) this.#show(event);
    this.#live = this.#client.room(room.id);
    await this.#live.subscribe({
      since: { seq: page.head, epoch: page.epoch },
      onEvent: (event) => this.#arrived(event),
      onMoved: (event) => this.#own.arrived(event),
      onGap: (gap) => this.#print(renderGap(gap, this.#paint)),
      onDurable: (seq) => {
        this.#own.durable(seq);
        this.#refresh();
      },
      onRefused: (error) => this.#say(explain(error, this.#server)),
      onLost: (_, error) => this.#say(`a message of yours was lost: ${explain(error, this.#server)}`),
    });
    this.#refresh();
  }

  /** A lost connection is said once, however often it is tried again. */
  stateChanged(state: ClientState): void {
    if (state.state === "waiting" && !this.#isAway) this.#say("connection lost, trying again…");
    if (state.state === "ready" && this.#isAway) this.#say("connected again");
    if (state.state === "waiting") this.#isAway = true;
    if (state.state === "ready") this.#isAway = false;
  }

  /** Something that was asked for was refused. What is no refusal is a bug, and travels. */
  complain(error: unknown): void {
    if (!(error instanceof HubbubError)) throw error;
    this.#say(explain(error, this.#server));
  }

  /** Everything but `quit`, which ends the chat from outside. */
  async take(input: Exclude<ChatInput, { kind: "quit" }>): Promise<void> {
    switch (input.kind) {
      case "text":
        return this.#send(input.text);
      case "join":
        return this.#join(input.room);
      case "who":
        return this.#who();
      case "history":
        return this.#history(input.count);
      case "rooms":
        return this.#rooms();
      case "leave":
        return this.#leave();
      case "usage":
        this.#print(...CHAT_USAGE.split("\n"));
        break;
      case "hint":
        this.#say(input.hint);
        break;
      case "nothing":
        this.#refresh();
        break;
    }
  }

  async #send(text: string): Promise<void> {
    const live = this.#live;
    const own = this.#own;
    if (live === undefined) {
      this.#say("you are in no room: .join ROOM, .rooms lists them");
      return;
    }
    const id = newId<EventId>();
    own.sent(id, text);
    this.#refresh();
    await live.publish(text, { id }).catch((error: unknown) => {
      if (!(error instanceof HubbubError)) throw error;
      own.refused(id);
      this.#say(`not sent: “${harmlessLine(text)}”: ${explain(error, this.#server)}`);
    });
  }

  async #join(nameOrId: string): Promise<void> {
    const room = await findRoom(this.#client.http, nameOrId);
    if (room === undefined) this.#say(`there is no room ${harmlessLine(nameOrId)}; .rooms lists them`);
    else await this.enter(room);
  }

  async #leave(): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    this.#exit();
    await this.#client.http.leaveRoom(room.id);
    this.#say(`you left ${harmlessLine(room.name)}; .join ROOM goes on`);
  }

  async #who(): Promise<void> {
    if (this.#room === undefined) return;
    const { members, cursor } = await this.#client.http.members(this.#room.id);
    this.#print(...members.map((member) => renderMember(member, this.#paint)));
    if (cursor !== undefined) this.#say("and more");
  }

  async #history(limit: number): Promise<void> {
    if (this.#room === undefined) return;
    const { messages } = await this.#client.http.history(this.#room.id, { limit });
    this.#print(...messages.flatMap((event) => renderEvent(event, this.#context)));
  }

  async #rooms(): Promise<void> {
    for await (const room of listAll(this.#client.http, {})) this.#print(renderRoom(room, this.#paint));
  }

  #arrived(event: RoomEvent): void {
    this.#own.arrived(event);
    this.#show(event);
    this.#refresh();
  }

  #show(event: RoomEvent): void {
    this.#print(...renderEvent(event, this.#context));
    if (event.kind === "message") this.#texts.set(event.seq, event.text);
    if (event.kind === "edit") this.#texts.set(event.target, event.text);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > REMEMBERED_TEXTS && oldest !== undefined) this.#texts.delete(oldest);
  }

  #exit(): void {
    this.#live?.unsubscribe();
    this.#live = undefined;
    this.#room = undefined;
    this.#refresh();
  }

  #say(text: string): void {
    this.#print(system(this.#paint, text));
  }

  #print(...lines: readonly string[]): void {
    this.#screen.print(...lines);
  }

  #refresh(): void {
    const pending = this.#own.texts.map((text) => `      … ${harmlessLine(text)}`);
    this.#screen.show(renderPrompt(this.#room?.name, this.#own.mark), pending);
  }
}
