import { useEffect, useRef, useState } from "react";
import { explain } from "../model/explain.ts";

export interface Live<Value> {
  /** The last that could be read. */
  readonly value: Value | undefined;
  /** When it was read, by the clock of this machine. */
  readonly at: number;
  /** Why the newest could not be read; "": it could. */
  readonly error: string;
}

/** Reads again and again while the page is looked at. `key`: another one is about something else, and begins anew. */
export function useLive<Value>(key: string, everyMs: number, read: () => Promise<Value>): Live<Value> {
  const [live, setLive] = useState<Live<Value> & { readonly key: string }>({ key, value: undefined, at: 0, error: "" });
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    let isShown = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async (): Promise<void> => {
      clearTimeout(timer);
      try {
        const value = await latest.current();
        if (isShown) setLive({ key, value, at: Date.now(), error: "" });
      } catch (error) {
        const reason = explain(error);
        if (isShown)
          setLive((last) => (last.key === key ? { ...last, error: reason } : { ...nothing(key), error: reason }));
      }
      if (isShown && document.visibilityState === "visible") timer = setTimeout(start, everyMs);
    };
    const start = (): void => void round().catch(reportError);
    const seen = (): void => void (document.visibilityState === "visible" && start());
    start();
    document.addEventListener("visibilitychange", seen);
    return () => {
      isShown = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [key, everyMs]);
  return live.key === key ? live : nothing(key);
}

const nothing = (key: string) => ({ key, value: undefined, at: 0, error: "" });
