import { createContext, use, useSyncExternalStore } from "react";
import type { App } from "../model/app.ts";
import type { AppState, ChatState } from "../model/state.ts";
import type { ShownState } from "./shown-state.ts";
import type { Theme } from "./theme.ts";

/** What the components show, and what they call. */
export interface Model {
  readonly app: App;
  readonly shown: ShownState;
  readonly theme: Theme;
}

export const ModelContext = createContext<Model | undefined>(undefined);

export function useModel(): Model {
  const model = use(ModelContext);
  if (model === undefined) throw new Error("a component stands outside of the page");
  return model;
}

/** A part of the state. `select` answers a part as it is, so that an unchanged one renders nothing. */
export function useApp<Part>(select: (state: AppState) => Part): Part {
  const { shown } = useModel();
  return useSyncExternalStore(shown.subscribe, () => select(shown.state));
}

/** Like `useApp`, for the state of the chat. Only for components that are rendered after the login. */
export function useChat<Part>(select: (chat: ChatState) => Part): Part {
  const { shown } = useModel();
  return useSyncExternalStore(shown.subscribe, () => select(shown.chat));
}
