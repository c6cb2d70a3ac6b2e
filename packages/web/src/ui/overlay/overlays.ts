import type { FileInfo, PublicUser, ReportReason, Room } from "@hubbub/protocol";
import type { ReactNode } from "react";
import type { Message } from "../../model/timeline.ts";

/** A row of a menu. */
export interface MenuRow {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly isDanger?: boolean;
  /** Of a row that switches something: whether it is on. */
  readonly isOn?: boolean;
  act(): void;
}

export interface Menu {
  /** The element that opened it, which has the focus back afterwards. */
  readonly anchor: HTMLElement;
  readonly at: DOMRect;
  /** Emoji in one line above the rows. */
  readonly emoji: readonly string[];
  readonly rows: readonly MenuRow[];
  choose?(emoji: string): void;
}

/** Any emoji is asked for. */
export interface EmojiChoice {
  readonly anchor: HTMLElement;
  choose(emoji: string): void;
}

/** The pictures of one message, from the one at `index` on. */
export interface Pictures {
  readonly files: readonly FileInfo[];
  readonly index: number;
  readonly addressOf: (file: string, options?: { thumbnail?: "small" | "large" }) => Promise<string>;
  /** For those who may. Answers whether the file is deleted. */
  readonly remove: ((file: FileInfo) => Promise<boolean>) | undefined;
}

export interface Question {
  readonly text: string;
  readonly action: string;
  readonly kind: "danger" | "primary";
  answer(isSure: boolean): void;
}

export interface ReportForm {
  answer(report: { reason: ReportReason; text: string } | undefined): void;
}

/** `seconds`: how long it lasts; undefined: without an end. */
export interface Restriction {
  readonly seconds: number | undefined;
  readonly reason: string;
}

export interface RestrictForm {
  readonly act: "mute" | "ban";
  readonly name: string;
  answer(restriction: Restriction | undefined): void;
}

export type Sheet =
  | { readonly kind: "date" | "members" | "invites" | "settings" | "audit"; readonly room: Room }
  | { readonly kind: "revisions"; readonly room: Room; readonly message: Message }
  | { readonly kind: "person"; readonly user: PublicUser }
  | { readonly kind: "me" | "account" | "direct" | "invitations" | "threads" | "create" };

export interface OverlayState {
  readonly menu: Menu | undefined;
  readonly sheet: Sheet | undefined;
  readonly question: Question | undefined;
  readonly report: ReportForm | undefined;
  readonly restrict: RestrictForm | undefined;
  readonly emoji: EmojiChoice | undefined;
  readonly pictures: Pictures | undefined;
  /** Beside the room: the search. Each opening has its own turn. */
  readonly search: { readonly isOfRoom: boolean; readonly turn: number } | undefined;
}

const NONE: OverlayState = {
  menu: undefined,
  sheet: undefined,
  question: undefined,
  report: undefined,
  restrict: undefined,
  emoji: undefined,
  pictures: undefined,
  search: undefined,
};

/** What lies over the page: one menu, one sheet, one question; and the search. */
export class Overlays {
  readonly #listeners = new Set<() => void>();
  #state = NONE;

  get state(): OverlayState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  openMenu(
    anchor: HTMLElement,
    rows: readonly MenuRow[],
    emoji: readonly string[] = [],
    choose?: Menu["choose"],
  ): void {
    const menu = { anchor, at: anchor.getBoundingClientRect(), rows, emoji };
    this.#set({ menu: choose === undefined ? menu : { ...menu, choose } });
  }

  closeMenu(): void {
    this.#set({ menu: undefined });
  }

  openEmoji(anchor: HTMLElement, choose: EmojiChoice["choose"]): void {
    this.#set({ emoji: { anchor, choose } });
  }

  closeEmoji(): void {
    this.#set({ emoji: undefined });
  }

  openPictures(pictures: Pictures): void {
    this.#set({ pictures });
  }

  closePictures(): void {
    this.#set({ pictures: undefined });
  }

  openSheet(sheet: Sheet): void {
    this.#set({ sheet });
  }

  closeSheet(): void {
    this.#set({ sheet: undefined });
  }

  openSearch(isOfRoom: boolean): void {
    this.#set({ search: { isOfRoom, turn: (this.#state.search?.turn ?? 0) + 1 } });
  }

  closeSearch(): void {
    this.#set({ search: undefined });
  }

  /** Asks before something that cannot be taken back, or is `primary`. Answers whether it was confirmed. */
  ask(text: string, action: string, kind: Question["kind"] = "danger"): Promise<boolean> {
    this.#state.question?.answer(false);
    return new Promise((resolve) => {
      const answer = (isSure: boolean): void => {
        this.#set({ question: undefined });
        resolve(isSure);
      };
      this.#set({ question: { text, action, kind, answer } });
    });
  }

  /** Asks what is wrong with a message; undefined: nothing is reported. */
  askReport(): Promise<Parameters<ReportForm["answer"]>[0]> {
    this.#state.report?.answer(undefined);
    return new Promise((resolve) => {
      const answer: ReportForm["answer"] = (report) => {
        this.#set({ report: undefined });
        resolve(report);
      };
      this.#set({ report: { answer } });
    });
  }

  /** Asks how long somebody is muted or banned; undefined: they are not. */
  askRestriction(act: RestrictForm["act"], name: string): Promise<Restriction | undefined> {
    this.#state.restrict?.answer(undefined);
    return new Promise((resolve) => {
      const answer: RestrictForm["answer"] = (restriction) => {
        this.#set({ restrict: undefined });
        resolve(restriction);
      };
      this.#set({ restrict: { act, name, answer } });
    });
  }

  /** The user has left: nothing is asked any more. */
  end(): void {
    this.#state.question?.answer(false);
    this.#state.report?.answer(undefined);
    this.#state.restrict?.answer(undefined);
    this.#set(NONE);
  }

  #set(change: Partial<OverlayState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
