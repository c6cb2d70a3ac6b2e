import type { PageStorage } from "../model/page-storage.ts";

export const THEMES = ["system", "light", "dark", "contrast"] as const;
export type ThemeName = (typeof THEMES)[number];

const KEY = "theme";

/** Light or dark, where this browser's user wants another one than the system has. */
export class Theme {
  readonly #storage: PageStorage;

  constructor(storage: PageStorage) {
    this.#storage = storage;
    this.#show();
  }

  get chosen(): ThemeName {
    const stored = this.#storage.get(KEY);
    return THEMES.find((one) => one === stored) ?? "system";
  }

  choose(theme: ThemeName): void {
    if (theme === "system") this.#storage.remove(KEY);
    else this.#storage.set(KEY, theme);
    this.#show();
  }

  #show(): void {
    const { dataset } = document.documentElement;
    if (this.chosen === "system") delete dataset["theme"];
    else dataset["theme"] = this.chosen;
  }
}
