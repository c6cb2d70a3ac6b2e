import { type PointerEvent, useState } from "react";
import { clockAt } from "../figures-words.ts";
import { nearest, type Point, pathOf, topOf } from "../series.ts";

interface Props {
  readonly title: string;
  readonly lines: { readonly today: readonly Point[]; readonly yesterday: readonly Point[] };
  /** Where the line ends, Unix ms. */
  readonly now: number;
  readonly words: (value: number) => string;
}

const HOUR_MS = 3_600_000;

/** The last hour, and the same hour yesterday as a second line. */
export function Chart({ title, lines: { today, yesterday }, now, words }: Props) {
  const [x, setX] = useState<number>();
  const top = topOf([...today, ...yesterday].map(({ value }) => value));
  const shown = { today: nearest(today, x ?? 1), yesterday: nearest(yesterday, x ?? 1) };
  const follow = ({ clientX, currentTarget }: PointerEvent): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setX(Math.min(1, Math.max(0, (clientX - left) / width)));
  };
  const said = (point: Point | undefined): string => (point === undefined ? "–" : words(point.value));
  const at = now - (1 - (x ?? 1)) * HOUR_MS;
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{title}</span>
        <span className="chart-figures">
          <span className="today">{said(shown.today)}</span>
          <span className="yesterday">{said(shown.yesterday)} yesterday</span>
        </span>
      </figcaption>
      <div className="chart-box" onPointerMove={follow} onPointerLeave={() => setX(undefined)}>
        <svg
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title} of the last hour: now ${said(nearest(today, 1))}, an hour ago ${said(nearest(today, 0))}; yesterday at this time ${said(nearest(yesterday, 1))}`}
        >
          <path className="rules" d="M0 0H100M0 50H100M0 100H100" />
          <path className="line yesterday" d={pathOf(yesterday, top)} />
          <path className="area" d={areaOf(today, top)} />
          <path className="line today" d={pathOf(today, top)} />
          {x !== undefined && <path className="cursor" d={`M${(x * 100).toFixed(2)} 0V100`} />}
        </svg>
        <span className="chart-top" aria-hidden="true">
          {words(top)}
        </span>
      </div>
      <div className="chart-times" aria-hidden="true">
        <span>{clockAt(now - HOUR_MS)}</span>
        <span>{x === undefined ? clockAt(now - HOUR_MS / 2) : clockAt(at)}</span>
        <span>now</span>
      </div>
    </figure>
  );
}

/** Below each joined piece of a line. */
function areaOf(points: readonly Point[], top: number): string {
  return pathOf(points, top)
    .split("M")
    .filter((piece) => piece.includes("L"))
    .map((piece) => {
      const places = piece.split("L");
      const [first = "", last = ""] = [places[0]?.split(" ", 1)[0], places.at(-1)?.split(" ", 1)[0]];
      return `M${first} 100L${piece}L${last} 100Z`;
    })
    .join("");
}
