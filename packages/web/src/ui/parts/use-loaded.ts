import { useCallback, useEffect, useRef, useState } from "react";

/** What was read when it was shown, and a way to read it again; undefined until it is there. */
export function useLoaded<Read>(load: () => Promise<Read | undefined>): [Read | undefined, () => Promise<void>] {
  const [read, setRead] = useState<Read>();
  const latest = useRef(load);
  latest.current = load;
  const isShown = useRef(true);
  const again = useCallback(async (): Promise<void> => {
    const found = await latest.current();
    if (isShown.current && found !== undefined) setRead(found);
  }, []);
  useEffect(() => {
    isShown.current = true;
    again().catch(reportError);
    return () => {
      isShown.current = false;
    };
  }, [again]);
  return [read, again];
}
