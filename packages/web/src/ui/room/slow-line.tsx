import { useEffect, useState } from "react";
import { countdownOf, type SlowMode } from "../../model/composer.ts";

/** How long the user has to wait in a room in slow mode. */
export function SlowLine({ slow }: { slow: SlowMode | undefined }) {
  const [now, setNow] = useState(Date.now);
  const { text } = countdownOf(slow, now);
  useEffect(() => {
    const { nextInMs } = countdownOf(slow, now);
    if (nextInMs === undefined) return;
    const timer = setTimeout(() => setNow(Date.now()), nextInMs);
    return () => clearTimeout(timer);
  }, [slow, now]);
  if (text === "") return null;
  return (
    <span id="slow" className="slow" role="timer">
      {text}
    </span>
  );
}
