export interface Step {
  readonly name: string;
  readonly ms: number;
}

/** How long each step of a recovery takes. */
export class Steps {
  readonly taken: Step[] = [];

  async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    const result = await work();
    this.taken.push({ name, ms: Math.round(performance.now() - begun) });
    return result;
  }
}
