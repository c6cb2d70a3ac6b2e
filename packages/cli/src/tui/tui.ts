import type { Key } from "node:readline";
import type { Client, FileInfo } from "@hubbub/client";
import { type Instance, render } from "ink";
import { createElement } from "react";
import { askForPassword } from "../chat/register.ts";
import type { Environment } from "../environment.ts";
import { MARK_PASTES, NO_MARKS, Terminal, type TerminalModes } from "../terminal.ts";
import { Canvas } from "./canvas.ts";
import { Screen } from "./components/screen.tsx";
import { commandNames } from "./model/command-names.ts";
import { type DeskInput, fulfil, leadsAway, obey, parseDeskInput } from "./model/commands.ts";
import { Composing } from "./model/composing.ts";
import { Desk } from "./model/desk.ts";
import { Keyboard } from "./model/keyboard.ts";
import { type Sight, viewOf } from "./model/view.ts";
import { Mouse } from "./mouse.ts";
import { Pictures } from "./pictures.ts";
import { ServerLines } from "./server-lines.ts";
import type { TypedLines } from "./typed-lines.ts";

/** Frames are drawn at most so often. */
const FRAME_MS = 33;
const LOOK_MS = 20;
/** Behind a key the user is thought to look at the screen for so long. */
const ATTENDED_MS = 60_000;
/** At the end the server is given this long to take the typed line. */
const LINES_MS = 1_000;
/** The alternate screen, without breaking lines that are too wide. */
const MODES = {
  taken: `\u001b[?1049h\u001b[?7l${MARK_PASTES}`,
  givenBack: `${NO_MARKS}\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l`,
};
const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";

/** The full screen: keys in, frames out. What it shows is in the desk. */
export class Tui {
  readonly desk: Desk;
  readonly #env: Environment;
  readonly #composing: Composing;
  readonly #keyboard: Keyboard;
  readonly #lines: TypedLines;
  /** Undefined: nobody else has this login. */
  readonly #serverLines: ServerLines | undefined;
  readonly #canvas: Canvas;
  readonly #mouse = new Mouse();
  readonly #pictures: Pictures;
  readonly #modes: TerminalModes;
  readonly #sight: Sight;
  readonly #quit = new AbortController();
  readonly #hurry = new AbortController();
  #terminal: Terminal | undefined;
  #ink: Instance | undefined;
  #isPlanned = false;
  #isClosed = false;
  #drawnAt = 0;
  #keyAt = Number.NEGATIVE_INFINITY;
  /** A command that leads into another room: what is typed behind it is meant for that one. */
  #isLeaving = false;

  constructor(env: Environment, client: Client, lines: TypedLines, hasMouse: boolean) {
    this.#env = env;
    this.#lines = lines;
    this.#canvas = new Canvas(env.stdout);
    this.#modes = hasMouse ? { taken: MODES.taken + MOUSE_ON, givenBack: MOUSE_OFF + MODES.givenBack } : MODES;
    const composing = new Composing(lines, {
      line: (text, isPasted) => this.#entered(text, isPasted),
      pasteCut: () => this.#hint("the paste was too long and was cut"),
      ended: () => this.#end(),
    });
    this.#composing = composing;
    this.desk = new Desk({
      client,
      server: env.server,
      changed: () => this.#changed(),
      switched: (_, to) => composing.switchTo(to),
      called: () => this.#canvas.bell(),
      isAttended: () => performance.now() - this.#keyAt < ATTENDED_MS,
      drafts: (drafts) => {
        for (const draft of drafts) this.#serverLines?.take(draft);
      },
    });
    if (lines.areKept) this.#serverLines = this.#share(client);
    const { desk } = this;
    this.#pictures = new Pictures(env, this.#canvas);
    this.#keyboard = new Keyboard({
      desk,
      composing,
      names: () => this.#names(),
      run: (work) => this.#run(work),
      picture: (room, file) => this.#picture(room, file),
    });
    this.#sight = { desk, composing, keyboard: this.#keyboard };
  }

  /** Aborted when the user wants to leave. */
  get quit(): AbortSignal {
    return this.#quit.signal;
  }

  get isOpen(): boolean {
    return this.#terminal !== undefined;
  }

  open(): void {
    const events = {
      key: (text: string | undefined, key: Key) => this.#key(text, key),
      resumed: () => this.#redraw(),
      ended: () => this.#end(),
    };
    this.#terminal = new Terminal(this.#env, events, this.#modes);
    this.#env.stdout.on("resize", this.#redraw);
    const stdout = this.#canvas as unknown as NodeJS.WriteStream;
    // In this mode Ink hands over whole frames, and the canvas finds what differs.
    this.#ink = render(this.#frame(), { stdout, debug: true, exitOnCtrlC: false, patchConsole: false });
  }

  /** What is on its way is given time to arrive. */
  async settled(waitMs: number): Promise<void> {
    const until = performance.now() + waitMs;
    while (this.desk.underway.length > 0 && performance.now() < until && !this.#hurry.signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    this.#composing.keep();
    if (!this.#hurry.signal.aborted) await this.#serverLines?.settle(LINES_MS);
  }

  #share({ http }: Client): ServerLines {
    const taken = (room: string): void => {
      this.#composing.taken(room);
      this.#changed();
    };
    return new ServerLines({ http, lines: this.#lines, taken });
  }

  /** Lines that were typed, not sent, and are not kept. */
  unsentLines(isForgotten: boolean): string[] {
    const { editor, unsentEdits } = this.#composing;
    const typed = isForgotten && editor.text.trim() !== "" ? [editor.text] : [];
    return [...new Set([...typed, ...unsentEdits])];
  }

  close(): void {
    this.#isClosed = true;
    this.#composing.keep();
    this.#lines.save();
    this.#canvas.hold();
    this.#env.stdout.off("resize", this.#redraw);
    this.#ink?.unmount();
    this.#terminal?.close();
    this.#composing.editor.close();
    this.#serverLines?.end();
    this.desk.end();
  }

  #key(text: string | undefined, key: Key): void {
    this.#keyAt = performance.now();
    const wheel = this.#mouse.key(text, key);
    if (wheel === "up" || wheel === "down") this.#keyboard.wheel(wheel === "up");
    if (wheel !== undefined) return;
    if (this.#pictures.close()) this.#changed();
    else this.#act(text, key);
  }

  #act(text: string | undefined, key: Key): void {
    if (key.ctrl === true && key.name === "z") this.#stop();
    else if (key.ctrl === true && key.name === "l") this.#redraw();
    else this.#keyboard.key(text, key);
  }

  #stop(): void {
    this.#pictures.close();
    this.#composing.keep();
    this.#lines.save();
    this.#canvas.hold();
    this.#terminal?.stop();
  }

  readonly #redraw = (): void => {
    this.#pictures.close();
    this.#canvas.forget();
    this.#canvas.emit("resize");
    this.#changed();
  };

  #end(): void {
    this.#lines.save();
    if (this.desk.underway.length > 0) this.#hint("waiting for acks; Ctrl-C again quits at once");
    (this.#quit.signal.aborted ? this.#hurry : this.#quit).abort();
  }

  #entered(text: string, isPasted: boolean): void {
    const { desk } = this;
    const { purpose, editor } = this.#composing;
    const { talk } = desk;
    if (purpose.kind !== "say" && talk !== undefined) {
      this.#composing.done();
      desk.activePane.selected = undefined;
      if (text.trim() !== "") this.#run(() => fulfil(purpose, text, talk));
      return;
    }
    const input = parseDeskInput(text, isPasted);
    const obstacle = input.kind === "text" ? this.#obstacle() : "";
    if (obstacle !== "") {
      editor.set(text, isPasted);
      this.#hint(obstacle);
      return;
    }
    this.#composing.done();
    if (input.kind === "quit") this.#end();
    else if (input.kind === "register") askForPassword(this.#env, this.#asking, input, (whole) => this.#obey(whole));
    else this.#obey(input);
  }

  /** Why a text cannot be sent now, so that it stays in its line. */
  #obstacle(): string {
    const { talk } = this.desk;
    if (this.#isLeaving) return "another room is being entered: Enter sends it there";
    if (talk === undefined) return "not sent: you are in no room. Ctrl-K finds one";
    return talk.closed === "" ? "" : `not sent: ${talk.closed}`;
  }

  get #asking() {
    return {
      isTerminal: true,
      askSecret: (question: string, answered: (text: string) => void) => this.#composing.ask(question, answered),
    };
  }

  #obey(input: DeskInput): void {
    const isLeaving = leadsAway(input);
    this.#isLeaving ||= isLeaving;
    this.#run(() =>
      obey(this.desk, input).finally(() => {
        if (isLeaving) this.#isLeaving = false;
      }),
    );
  }

  /** A refusal is told in the room where it was asked for. */
  #run(work: () => Promise<void>): void {
    const { talk } = this.desk;
    work().catch((error: unknown) => this.desk.answer(this.desk.reasons(error), talk));
  }

  #picture(room: string, file: FileInfo): boolean {
    if (!this.#pictures.canShow(file)) return false;
    this.#run(async () => this.#pictures.show(await this.desk.client.http.files.url(room, file.id)));
    return true;
  }

  #hint(text: string): void {
    this.desk.hint = text;
    this.#changed();
  }

  #names() {
    const { desk } = this;
    const authors = (desk.talk?.messages.all ?? []).map(({ event }) => event.by.username);
    // Those who spoke last are meant most often.
    const people = new Set([...authors.reverse(), ...desk.people.all.map(({ name }) => name)]);
    people.delete(desk.me?.username ?? "");
    const rooms = [...desk.rooms.values()].map(({ name }) => name);
    return { people: [...people], rooms, commands: commandNames() };
  }

  #changed(): void {
    if (this.#isPlanned || this.#ink === undefined) return;
    this.#isPlanned = true;
    const wait = FRAME_MS - (performance.now() - this.#drawnAt);
    if (wait <= 0) setImmediate(() => this.#draw());
    else setTimeout(() => this.#draw(), wait);
  }

  #draw(): void {
    this.#isPlanned = false;
    if (this.#isClosed) return;
    this.#drawnAt = performance.now();
    this.#ink?.rerender(this.#frame());
  }

  #frame() {
    this.desk.seen();
    const { columns, rows } = this.#canvas;
    const view = viewOf(this.#sight, { columns, rows });
    this.#canvas.place({ row: view.height + 1 + view.input.cursorRow, column: view.input.cursorColumn });
    return createElement(Screen, { view, colors: this.#env.colors });
  }
}
