import { createContext, useContext } from "react";
import type { Operator } from "./operator.ts";

export const OperatorContext = createContext<Operator | undefined>(undefined);

export function useOperator(): Operator {
  const operator = useContext(OperatorContext);
  if (operator === undefined) throw new Error("nobody is logged in");
  return operator;
}
