import { createContext, use } from "react";
import type { Refusal } from "../../model/refusal.ts";

/** Why the form around was not taken. */
export const RefusalContext = createContext<Refusal | undefined>(undefined);

/** What is wrong with the field of this name; "" for nothing. */
export function useRefusal(name: string): string {
  const refusal = use(RefusalContext);
  return refusal?.field === name ? refusal.text : "";
}
