import { useCallback, useEffect, useRef, useState } from "react";
import { explain } from "../model/explain.ts";

interface Read<Page> {
  readonly key: string;
  readonly all: readonly Page[];
  readonly error: string;
  readonly isLoading: boolean;
}

export interface Pages<Page> extends Omit<Read<Page>, "key"> {
  readonly last: Page | undefined;
  /** Reads the page after the last one. */
  more(): void;
  /** From the first page on. */
  again(): void;
}

/** Pages that are read when they are asked for. `key`: another one is about something else, and begins anew. */
export function usePages<Page extends { readonly cursor?: string | undefined }>(
  key: string,
  read: (cursor: string | undefined) => Promise<Page>,
): Pages<Page> {
  const [state, setState] = useState<Read<Page>>({ key, all: [], error: "", isLoading: true });
  const latest = useRef({ read, key });
  latest.current = { read, key };
  const load = useCallback((before: readonly Page[]): void => {
    const asked = latest.current;
    const show = (change: Partial<Read<Page>>): void => {
      if (latest.current.key === asked.key)
        setState({ key: asked.key, all: before, error: "", isLoading: false, ...change });
    };
    show({ isLoading: true });
    asked
      .read(before.at(-1)?.cursor)
      .then(
        (page) => show({ all: [...before, page] }),
        (error: unknown) => show({ error: explain(error) }),
      )
      .catch(reportError);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is read anew
  useEffect(() => load([]), [key, load]);
  const shown = state.key === key ? state : { all: [], error: "", isLoading: true };
  return { ...shown, last: shown.all.at(-1), more: () => load(shown.all), again: () => load([]) };
}
