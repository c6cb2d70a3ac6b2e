declare module "unicode-confusables" {
  /** The text with each confusable character replaced by what it looks like. */
  export function rectifyConfusion(text: string): string;
}
