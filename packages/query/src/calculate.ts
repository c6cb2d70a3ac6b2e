import type { Calculation, Comparison, TextTest } from "./tree.ts";

/** A calculation of numbers. A result that is not finite (x/0, overflow) is missing. */
export function calculate(op: Calculation, values: readonly number[]): number | undefined {
  const result = raw(op, values);
  return Number.isFinite(result) ? result : undefined;
}

function raw(op: Calculation, values: readonly number[]): number {
  const [a = Number.NaN, b = Number.NaN] = values;
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "abs":
      return Math.abs(a);
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
  }
}

/** Compares two values of one type. */
export function compare<T extends string | number | boolean>(op: Comparison, a: T, b: T): boolean {
  switch (op) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
  }
}

export function testText(op: TextTest, text: string, part: string): boolean {
  if (op === "starts") return text.startsWith(part);
  return op === "ends" ? text.endsWith(part) : text.includes(part);
}
