import { type Client, type ClientState, HubbubError, type Room as LiveRoom, Messages } from "@hubbub/client";
import { type EventId, newId, type Room, type RoomEvent, type UserId } from "@hubbub/protocol";
import { doAct } from "../acts/acts.ts";
import { CliError, explain } from "../cli-error.ts";
import { Earlier, wordsOf } from "../earlier.ts";
import { allMembers } from "../find-member.ts";
import { enterRoom, findRoom, listAll } from "../find-room.ts";
import { chatUsage } from "../usage.ts";
import type { ChatInput } from "./chat-input.ts";
import { doMessageCommand, type MessageCommand } from "./message-commands.ts";
import { OwnMessages } from "./own-messages.ts";
import type { Paint } from "./paint.ts";
import { Past, textOf } from "./past.ts";
import { register } from "./register.ts";
import {
  oneLine,
  type RenderContext,
  renderEvent,
  renderGap,
  renderMember,
  renderPending,
  renderPrompt,
  renderRoom,
  system,
} from "./render.ts";
import type { Screen } from "./screen.ts";

const FIRST_HISTORY = 50;
/** Messages remembered for quotes and commands; twice as many are held for a moment, then the oldest are forgotten. */
const REMEMBERED = 500;

/** One person in one room at a time. */
export class Chat {
  readonly #client: Client;
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #server: string;
  readonly #context: RenderContext;
  readonly #own = new OwnMessages();
  readonly #history: Past;
  readonly #earlier: Earlier;
  #room: Room | undefined;
  #live: LiveRoom | undefined;
  #isAway = false;
  #messages = new Messages();
  /** A file that is on its way; "" for none. */
  #upload = "";
  #me: UserId | undefined;

  constructor(client: Client, screen: Screen, paint: Paint, server: string) {
    this.#client = client;
    this.#screen = screen;
    this.#paint = paint;
    this.#server = server;
    this.#context = { paint, textAt: (seq) => textOf(this.#messages, seq) };
    this.#history = new Past(client.http, paint);
    this.#own.follow(client, () => this.#refresh());
    this.#earlier = new Earlier(client, ({ event, error }) => {
      this.#own.refused(event.id);
      this.#say(`not sent: “${oneLine(wordsOf({ event, error }))}”: ${explain(error, this.#server, "chat")}`);
      return false;
    });
  }

  /** Own messages that the server has not acked, and those of an earlier start that it refused. */
  get unsent(): { readonly unacked: readonly string[]; readonly refused: readonly string[] } {
    return { unacked: this.#own.unackedTexts, refused: this.#earlier.refused };
  }

  /** Shows the recent past of a room, then what comes. A room that cannot be entered leaves everything as it is. */
  async enter(found: Room): Promise<void> {
    const room = await enterRoom(this.#client.http, found);
    const page = await this.#client.http.history(room.id, { limit: FIRST_HISTORY });
    const messages = new Messages();
    messages.addPage(page);
    const past = await this.#history.past(room.id, page.messages, messages);
    this.#exit();
    this.#room = room;
    this.#messages = messages;
    this.#own.entered(room.id);
    this.#print(system(this.#paint, `${room.name}: .usage shows the commands, .quit ends`), ...past);
    this.#live = this.#client.room(room.id);
    // Not awaited: without a connection it becomes live later, and a refusal is told to the listener.
    this.#live
      .subscribe({
        since: { seq: page.head, epoch: page.epoch },
        onEvent: (event) => this.#arrived(event),
        onMoved: (event, from) => {
          this.#messages.add(event, from);
          this.#own.arrived(event);
        },
        onGap: (gap) => {
          if (gap.reason === "epoch") this.#messages.lost(gap);
          this.#own.gap();
          this.#print(renderGap(gap, this.#paint));
        },
        onDurable: (seq, epoch) => {
          this.#own.durable(seq);
          this.#messages.durable(seq, epoch);
          this.#refresh();
        },
        onRefused: (error) => this.#refused(room, error),
        onLost: (_, error) => this.#say(`a message of yours was lost: ${explain(error, this.#server, "chat")}`),
      })
      .catch((error: unknown) => error instanceof HubbubError || Promise.reject(error));
    this.#refresh();
  }

  /** A lost connection is said once, however often it is tried again. */
  stateChanged({ state }: ClientState): void {
    if (state !== "waiting" && state !== "ready") return;
    const isAway = state === "waiting";
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.#say(isAway ? "connection lost, trying again; what you send is kept until then" : "connected again");
    this.#refresh();
  }

  /** Something that was asked for was refused. What is no refusal is a bug, and travels. */
  complain(error: unknown): void {
    if (error instanceof CliError) this.#say(error.message);
    else if (error instanceof HubbubError) this.#say(explain(error, this.#server, "chat"));
    else throw error;
  }

  /** Texts that were typed for a room that could not be entered. */
  keptBack(texts: readonly string[]): void {
    for (const text of texts)
      this.#print(system(this.#paint, `not sent: “${oneLine(text)}”: you are not in that room`));
  }

  /** Everything but `quit`, which ends the chat from outside. */
  async take(input: Exclude<ChatInput, { kind: "quit" }>): Promise<void> {
    switch (input.kind) {
      case "text":
        return this.#send(input.text);
      case "join":
        return this.#join(input.room);
      case "members":
      case "rooms":
        return this.#list(input.kind);
      case "act":
        return this.#act(input.name, input.argument);
      case "register":
        return this.#say(await register(this.#client, input));
      case "history":
        return this.#showHistory(input.count);
      case "edit":
      case "delete":
      case "react":
      case "reply":
      case "upload":
        return this.#command(input);
      case "leave":
      case "close":
        return this.#leave(input.kind === "close");
      case "usage":
        return this.#print(...chatUsage(input.topic));
      case "hint":
        return this.#say(input.hint);
      case "nothing":
        return this.#refresh();
    }
  }

  async #command(command: MessageCommand): Promise<void> {
    const live = this.#live;
    if (live === undefined) throw new CliError("you are in no room: .join ROOM, .rooms lists them");
    // What was typed before is the newest message when its event is there.
    await this.#own.settled();
    this.#me ??= (await this.#client.http.me()).user.id;
    await doMessageCommand(command, {
      live,
      messages: this.#messages,
      me: this.#me,
      send: (text, options) => this.#send(text, options, live),
      underway: (text) => {
        this.#upload = text;
        this.#refresh();
      },
    });
  }

  async #send(text: string, options = {}, live = this.#live): Promise<void> {
    if (live === undefined) {
      this.#say(`not sent: “${oneLine(text)}”: you are in no room: .join ROOM, .rooms lists them`);
      return;
    }
    const id = newId<EventId>();
    this.#own.sent(id, live.id, text);
    this.#refresh();
    await live.publish(text, { id, ...options }).then(
      () => this.#own.acked(id),
      (error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
        // At the end of the client they are told together.
        if (this.#client.state.state === "closed") return;
        this.#own.refused(id);
        this.#say(`not sent: “${oneLine(text)}”: ${explain(error, this.#server, "chat")}`);
      },
    );
    this.#refresh();
  }

  async #join(nameOrId: string): Promise<void> {
    const room = await findRoom(this.#client.http, nameOrId);
    if (room === undefined) throw new CliError(`there is no room ${nameOrId}; .rooms lists them`);
    await this.enter(room);
  }

  /** `mayClose`: the last member closes the room. */
  async #leave(mayClose: boolean): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    await this.#client.http.leaveRoom(room.id, { close: mayClose || undefined });
    if (this.#room === room) this.#exit();
    this.#say(`you left ${room.name}; .join ROOM goes on`);
  }

  async #act(name: string, argument: string): Promise<void> {
    const lines = await doAct(name, argument, {
      http: this.#client.http,
      server: this.#server,
      room: this.#room,
      messages: this.#messages,
      enter: (room) => this.enter(room),
      answer: (text, thread) => this.#send(text, { thread }),
    });
    for (const line of lines) this.#say(line);
  }

  async #list(what: "members" | "rooms"): Promise<void> {
    const { http } = this.#client;
    if (what === "rooms") for await (const room of listAll(http, {})) this.#print(renderRoom(room, this.#paint));
    else if (this.#room !== undefined)
      for await (const member of allMembers(http, this.#room.id)) this.#print(renderMember(member, this.#paint));
  }

  async #showHistory(limit: number): Promise<void> {
    if (this.#room === undefined) return;
    const page = await this.#client.http.history(this.#room.id, { limit });
    this.#messages.addPage(page);
    this.#print(...(await this.#history.past(this.#room.id, page.messages, this.#messages)));
  }

  #arrived(event: RoomEvent): void {
    if (event.kind === "room" && this.#room !== undefined) this.#room = { ...this.#room, name: event.name };
    this.#own.arrived(event);
    this.#show(event);
    this.#refresh();
  }

  /** Links to files follow when they are known. */
  #show(event: RoomEvent): void {
    const lines = renderEvent(event, this.#context);
    this.#messages.add(event);
    if (this.#messages.size > 2 * REMEMBERED) {
      const kept = new Set(this.#messages.all.slice(-REMEMBERED).map((message) => message.event.seq));
      this.#messages.retain((seq) => kept.has(seq));
    }
    this.#print(...lines);
    this.#history.files(event.room, event).then(
      (files) => this.#room?.id === event.room && this.#print(...files),
      (error: unknown) => this.complain(error),
    );
  }

  /** Removed, or closed by somebody else: nothing can be said there any more. */
  #refused(room: Room, error: HubbubError): void {
    if (this.#client.state.state === "closed") return;
    this.#say(explain(error, this.#server, "chat"));
    if (this.#room === room) this.#exit();
  }

  #exit(): void {
    this.#live?.unsubscribe();
    this.#live = undefined;
    this.#room = undefined;
    this.#own.entered("");
    this.#refresh();
  }

  say(lines: readonly string[]): void {
    this.#print(...lines.map((line) => system(this.#paint, line)));
  }

  #say(text: string): void {
    this.say([text]);
  }

  #print(...lines: readonly string[]): void {
    this.#screen.print(...lines);
  }

  #refresh(): void {
    const texts = [...this.#own.texts, ...(this.#upload === "" ? [] : [`📎 ${this.#upload}`])];
    const pending = texts.map(renderPending);
    this.#screen.show(renderPrompt(this.#room?.name, this.#own.mark, this.#isAway), pending);
  }
}
